provider "aws" {
  region = "us-east-1"
}

# keytrail:ignore[trail-unencrypted] until=2099-12-31 a sandbox, which is deleted every night
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
}
