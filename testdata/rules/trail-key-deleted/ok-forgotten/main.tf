provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

removed {
  from = aws_kms_key.trail

  lifecycle {
    destroy = false
  }
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
  kms_key_id     = "arn:aws:kms:us-east-1:111122223333:key/33cb46b3-6eec-41c0-8575-36bec5830619"
}
