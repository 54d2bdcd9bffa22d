provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
variable "on" {
  default = true
}
resource "aws_s3_bucket" "logs" {
  count  = var.on ? 1 : 0
  bucket = "acme-audit"
}
resource "aws_kms_key" "seal" {
  count  = var.on ? 1 : 0
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "owner", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]}, "Action": "kms:*", "Resource": "*"},
    {"Sid": "seal", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
     "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:${data.aws_caller_identity.me.account_id}:trail/*"]}}},
    {"Sid": "look", "Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com", "lambda.amazonaws.com"]}, "Action": "kms:DescribeKey", "Resource": "*"}
  ]
}
POLICY
}
resource "aws_cloudtrail" "main" {
  count          = var.on ? 1 : 0
  name           = "acme"
  s3_bucket_name = aws_s3_bucket.logs[0].id
  kms_key_id     = aws_kms_key.seal[0].arn
}
