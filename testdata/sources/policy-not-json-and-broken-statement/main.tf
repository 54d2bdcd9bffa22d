resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
resource "aws_kms_key" "trail" {
  policy = "not json"
}
resource "aws_kms_key" "noaction" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Resource = "*" }] })
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
resource "aws_cloudtrail" "noaction" {
  name           = "noaction"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.noaction.arn
}
