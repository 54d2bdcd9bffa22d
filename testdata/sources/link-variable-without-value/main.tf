provider "aws" {
  region = "us-east-1"
}
variable "seal" {
  type = string
}
variable "bucket" {
  type = string
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = var.bucket
  kms_key_id     = var.seal
}
