data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "account" {
  type    = string
  default = 111122223333
}
variable "actions" {
  type    = set(string)
  default = ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:GenerateDataKey*"]
}
variable "flags" {
  type    = map(bool)
  default = { describe = "true", root = true }
}
variable "tuple" {
  type    = tuple([string, number, bool])
  default = ["main", "7", "false"]
}
variable "any" {
  type    = any
  default = { list = [1, "two"], service = "cloudtrail" }
}
locals {
  doc = {
    Version = "2012-10-17"
    Statement = [
      { Effect = var.flags.root ? "Allow" : "Deny", Principal = { AWS = "arn:aws:iam::${var.account}:root" }, Action = "kms:*", Resource = "*" },
      { Effect = var.tuple[2] ? "Deny" : "Allow", Principal = { Service = "${var.any.service}.amazonaws.com" }, Action = [for a in var.actions : a if a != "kms:DescribeKey" || var.flags["describe"]], Resource = "*", Condition = { NumericGreaterThanEquals = { "aws:EpochTime" = var.tuple[1] + 0.5 } } },
    ]
  }
}
resource "aws_kms_key" "trail" {
  policy = jsonencode(local.doc)
}
resource "aws_cloudtrail" "main" {
  name           = var.tuple[0]
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
