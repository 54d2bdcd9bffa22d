provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "terraform_remote_state" "keys" {
  backend = "s3"
  config = {
    bucket = "acme-state"
    key    = "keys"
    region = "us-east-1"
  }
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = data.terraform_remote_state.keys.outputs.trail_key
}
