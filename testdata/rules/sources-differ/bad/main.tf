provider "aws" {
  region = "us-east-1"
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
}
