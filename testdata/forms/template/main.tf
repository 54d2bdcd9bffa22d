provider "aws" {
  region = "us-east-1"
}

resource "aws_kms_key" "trail" {
  policy = templatefile("${path.module}/policy.json.tftpl", { account = "111122223333" })
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-logs"
  kms_key_id     = aws_kms_key.trail.arn
}
