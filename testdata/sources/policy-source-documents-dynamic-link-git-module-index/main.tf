provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "aws_partition" "p" {}
variable "owner" { default = "111122223333" }
variable "apps" {
  type    = list(string)
  default = ["444455556666"]
}
variable "org" {
  type    = bool
  default = true
}
variable "org_id" { default = null }
data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.p.partition}:iam::${var.owner}:root"]
    }
  }
  dynamic "statement" {
    for_each = !var.org ? toset(var.apps) : []
    content {
      actions   = ["kms:Decrypt"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = ["arn:${data.aws_partition.p.partition}:iam::${statement.value}:root"]
      }
    }
  }
  dynamic "statement" {
    for_each = var.org && var.org_id != null ? [1] : []
    content {
      actions   = ["kms:*"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [var.org_id]
      }
    }
  }
}
data "aws_iam_policy_document" "k" {
  count                   = 1
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  dynamic "statement" {
    for_each = toset(concat([var.owner], var.apps))
    content {
      actions   = ["kms:GenerateDataKey*"]
      resources = ["*"]
      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:aws:cloudtrail:arn"
        values   = ["arn:${data.aws_partition.p.partition}:cloudtrail:*:${statement.value}:trail/*"]
      }
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
    }
  }
}
module "seal" {
  count  = 1
  source = "git::https://example.com/acme/seal?ref=v1"
  rules  = data.aws_iam_policy_document.k[0].json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = module.seal[0].arn
  lifecycle {
    ignore_changes = all
  }
}
