provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "enabled" {
  type    = bool
  default = null
}
variable "context" {
  type    = any
  default = { enabled = true, name = "seal", tags = {} }
}
module "this" {
  source  = "acme/label/null"
  version = "0.9.0"
  enabled = var.enabled
  context = var.context
}
locals {
  enabled = module.this.enabled
}
data "aws_caller_identity" "me" {
  count = local.enabled ? 1 : 0
}
data "aws_partition" "p" {
  count = local.enabled ? 1 : 0
}
data "aws_iam_policy_document" "k" {
  count = local.enabled ? 1 : 0
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [format("arn:${join("", data.aws_partition.p[*].partition)}:iam::%s:root", join("", data.aws_caller_identity.me[*].account_id))]
    }
  }
  statement {
    actions   = ["kms:Encrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = [format("arn:${join("", data.aws_partition.p[*].partition)}:cloudtrail:*:%s:trail/*", join("", data.aws_caller_identity.me[*].account_id))]
    }
  }
}
module "seal" {
  source  = "acme/seal/aws"
  version = "~> 2.0"
  policy  = join("", data.aws_iam_policy_document.k[*].json)
  context = module.this.context
}
resource "aws_cloudtrail" "main" {
  count          = local.enabled ? 1 : 0
  name           = module.this.id
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = module.seal.key_arn
}
