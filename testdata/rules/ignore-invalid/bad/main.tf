provider "aws" {
  region = "us-east-1"
}

# keytrail:ignore[trail-unencrypted]
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
}
