provider "aws" { region = "us-east-1" }
variable "create" { type = bool }
variable "kms_key_arn" {
  type    = string
  default = null
}
resource "aws_kms_key" "a" {
  count  = var.create ? 1 : 0
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_cloudtrail" "t1" {
  name           = "t1"
  s3_bucket_name = "l"
  kms_key_id     = var.create ? aws_kms_key.a[0].arn : var.kms_key_arn
}
resource "aws_cloudtrail" "t2" {
  name           = "t2"
  s3_bucket_name = "l"
  kms_key_id     = one(aws_kms_key.a[*].arn)
}
resource "aws_cloudtrail" "t3" {
  name           = "t3"
  s3_bucket_name = "l"
  kms_key_id     = try(aws_kms_key.a[0].arn, var.kms_key_arn)
}
resource "aws_cloudtrail" "t4" {
  count          = var.create ? 1 : 0
  name           = "t4"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.a[0].arn
}
resource "aws_cloudtrail" "t5" {
  name           = "t5"
  s3_bucket_name = "l"
  kms_key_id     = join("", aws_kms_key.a.*.arn)
}
resource "aws_cloudtrail" "t6" {
  name           = "t6"
  s3_bucket_name = "l"
  kms_key_id     = element(concat(aws_kms_key.a.*.arn, [var.kms_key_arn]), 0)
}
resource "aws_cloudtrail" "t7" {
  name           = "t7"
  s3_bucket_name = "l"
  kms_key_id     = coalesce(var.kms_key_arn, one(aws_kms_key.a[*].arn))
}
module "kms" {
  count  = var.create ? 1 : 0
  source = "./kms"
}
resource "aws_cloudtrail" "m1" {
  name           = "m1"
  s3_bucket_name = "l"
  kms_key_id     = var.create ? module.kms[0].arn : null
}
resource "aws_cloudtrail" "m2" {
  name           = "m2"
  s3_bucket_name = "l"
  kms_key_id     = one(module.kms[*].arn)
}
resource "aws_cloudtrail" "m3" {
  name           = "m3"
  s3_bucket_name = "l"
  kms_key_id     = try(module.kms[0].arn, null)
}
