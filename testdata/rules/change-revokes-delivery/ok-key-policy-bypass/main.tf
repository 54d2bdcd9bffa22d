provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  trail   = "arn:aws:cloudtrail:us-east-1:${local.account}:trail/main"
}

resource "aws_kms_key" "trail" {
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
  kms_key_id     = aws_kms_key.trail.arn
}
