provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
variable "given_key" {
  type    = string
  default = ""
}
variable "given_trail" { default = false }
variable "given_bucket" { default = "" }
variable "keep_key" { default = false }
variable "friends" {
  type    = list(string)
  default = []
}
locals {
  make = (!var.given_trail ? length(var.given_key) == 0 : false) || false ? 1 : 0
  seal = var.keep_key ? var.given_key : ((var.given_trail || length(var.given_key) > 0) ? var.given_key : aws_kms_key.k[0].arn)
  trimmed = var.given_trail ? trimsuffix(var.given_bucket, "/") : ""
  pieces  = var.given_trail ? split(":", local.trimmed) : []
  bucket  = var.given_trail ? element(local.pieces, (length(local.pieces) - 1)) : "acme-len"
}
resource "aws_s3_bucket" "logs" {
  count  = var.given_trail ? 0 : 1
  bucket = local.bucket
}
data "aws_iam_policy_document" "k" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
  dynamic "statement" {
    for_each = var.friends
    content {
      sid       = "Friend${statement.key}"
      actions   = ["kms:*"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
  dynamic "statement" {
    for_each = (!var.given_trail && length(var.given_key) == 0) ? [1] : []
    content {
      sid       = "Seal"
      actions   = ["kms:GenerateDataKey*", "kms:Decrypt"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
    }
  }
  dynamic "statement" {
    for_each = (!var.given_trail && length(var.given_key) == 0) ? [1] : []
    content {
      sid       = "Look"
      actions   = ["kms:DescribeKey"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
    }
  }
}
resource "aws_kms_key" "k" {
  count  = var.keep_key ? 0 : local.make
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  count          = var.given_trail ? 0 : 1
  name           = "main"
  s3_bucket_name = local.bucket
  kms_key_id     = local.seal
  depends_on     = [aws_s3_bucket.logs]
}
