variable "name" { type = string }
variable "arn_name" { type = string }
variable "account_id" {
  type     = string
  nullable = false
}
locals {
  arn = "arn:aws:cloudtrail:us-east-1:${var.account_id}:trail/${var.arn_name}"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-${var.name}"
}
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = [local.arn] } } },
    ]
  })
}
resource "aws_cloudtrail" "t" {
  name           = var.name
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.k.arn
}
