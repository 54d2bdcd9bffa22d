# Account 222222222222 has the trail. Its key is in account 111111111111: see `key/`.
provider "aws" {
  region = "us-west-2"
}

data "aws_caller_identity" "current" {}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-cloudtrail-logs"
  kms_key_id     = "arn:aws:kms:us-west-2:111111111111:key/6cb6b13b-7ccd-4c41-8868-d3a13a13246c"
}
