provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "make" { default = true }
locals {
  seal = var.make ? aws_kms_key.k[0].arn : null
}
data "aws_iam_policy_document" "k" {
  count = var.make ? 1 : 0
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
  statement {
    sid       = "TrailAll"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "k" {
  count  = var.make ? 1 : 0
  policy = data.aws_iam_policy_document.k[0].json
}
resource "aws_cloudtrail" "main" {
  count                 = var.make ? 1 : 0
  name                  = "main"
  is_organization_trail = "" != ""
  s3_bucket_name        = aws_s3_bucket.logs.id
  kms_key_id            = local.seal
}
