data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  statements = {
    enc  = { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*" }
    desc = { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:DescribeKey", Resource = "*" }
    root = { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*" }
  }
}
resource "aws_kms_external_key" "ext" {
  policy = jsonencode({ Version = "2012-10-17", Statement = values(local.statements) })
}
resource "aws_kms_replica_key" "rep" {
  primary_key_arn = "arn:aws:kms:us-west-2:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  policy          = jsonencode({ Version = "2012-10-17", Statement = [for k, s in local.statements : s if k != "enc"] })
}
resource "aws_cloudtrail" "ext" {
  name           = "ext"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_external_key.ext.arn
}
resource "aws_cloudtrail" "rep" {
  name           = "rep"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_replica_key.rep.arn
}
