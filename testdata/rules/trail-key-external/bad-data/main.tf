provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

data "aws_kms_alias" "trail" {
  name = "alias/cloudtrail"
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
  kms_key_id     = data.aws_kms_alias.trail.target_key_arn
}
