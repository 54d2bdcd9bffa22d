provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "trail" {
  description         = "Encrypts the logs of CloudTrail"
  enable_key_rotation = true
}

resource "aws_cloudtrail" "main" {
  name                  = "main"
  s3_bucket_name        = "example-cloudtrail-logs"
  kms_key_id            = aws_kms_key.trail.arn
  is_multi_region_trail = true
}
