provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "keys" {
  type = map(object({ admins = optional(list(string), []), users = list(string) }))
  default = {
    trail = { users = ["arn:aws:iam::111122223333:role/app"] }
    other = { users = ["arn:aws:iam::111122223333:role/x"] }
  }
}
variable "loose" { default = true }
locals {
  all = merge(aws_kms_key.tight, aws_kms_key.loose)
}
data "aws_iam_policy_document" "k" {
  for_each = var.keys
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
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = each.value.users
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/acme:system"
      values   = ["$${aws:ResourceTag/acme:system}"]
    }
  }
  statement {
    actions   = ["kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}
resource "aws_kms_key" "tight" {
  for_each = var.loose ? {} : var.keys
  policy   = data.aws_iam_policy_document.k[each.key].json
}
resource "aws_kms_key" "loose" {
  for_each = var.loose ? var.keys : {}
  policy   = data.aws_iam_policy_document.k[each.key].json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = { for k, v in local.all : k => v.arn }["trail"]
}
