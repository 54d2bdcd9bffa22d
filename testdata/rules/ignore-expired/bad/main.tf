provider "aws" {
  region = "us-east-1"
}

# keytrail:ignore[trail-unencrypted] until=2026-01-31 until the new key is there
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
}
