data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.me.account_id }, Action = "sts:AssumeRole" }] })
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = [aws_iam_role.reader.arn] }, Action = "kms:Decrypt", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*" },
      { Effect = "Deny", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey", Resource = "*", Condition = { StringNotEquals = { "aws:SourceAccount" = "444455556666" } } },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
