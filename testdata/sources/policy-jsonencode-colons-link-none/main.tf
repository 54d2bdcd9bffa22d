provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
variable "cheap" { default = false }
resource "aws_s3_bucket" "logs" {
  count  = var.cheap ? 0 : 1
  bucket = "acme-cheap"
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version : "2012-10-17",
    Statement : [
      { Effect : "Allow", Principal : { Service : "cloudtrail.amazonaws.com" }, Action : ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:PutKeyPolicy"], "Resource" : "*" },
      { Effect : "Allow", Principal : { AWS : "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action : "kms:*", Resource : "*" }
    ]
  })
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  count  = var.cheap ? 0 : 1
  bucket = aws_s3_bucket.logs[0].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.trail.arn
    }
  }
}
resource "aws_cloudtrail" "main" {
  count          = var.cheap ? 0 : 1
  name           = "main"
  s3_bucket_name = var.cheap ? null : aws_s3_bucket.logs[0].id
}
