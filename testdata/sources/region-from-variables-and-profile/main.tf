variable "region" { default = "eu-central-1" }
variable "settings" {
  type    = map(string)
  default = { backup = "us-east-1" }
}
provider "aws" {
  region  = var.region
  profile = "prod"
}
provider "aws" {
  alias   = "backup"
  region  = lookup(var.settings, "backup", var.region)
  profile = "prod"
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  statement = { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:${var.region}:${data.aws_caller_identity.me.account_id}:trail/main" } } }
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.statement, { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_kms_key" "backup" {
  provider = aws.backup
  policy   = jsonencode({ Version = "2012-10-17", Statement = [local.statement, { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
resource "aws_cloudtrail" "backup" {
  provider       = aws.backup
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.backup.arn
}
