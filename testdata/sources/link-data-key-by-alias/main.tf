provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
provider "aws" {
  alias  = "vault"
  region = "us-east-1"
}
data "aws_kms_key" "far" {
  provider = aws.vault
  key_id   = "alias/acme-vault"
}
module "base" {
  source = "./base"
  kms    = data.aws_kms_key.far.arn
  bucket = aws_s3_bucket.logs.bucket
}
