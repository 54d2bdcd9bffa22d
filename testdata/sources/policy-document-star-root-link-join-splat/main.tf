provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "sealed" {
  type    = bool
  default = true
}
data "aws_iam_policy_document" "k" {
  version = "2012-10-17"
  statement {
    sid       = "Everything to everybody"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:logs:cloudtrail:*:${data.aws_caller_identity.me.account_id}:trail/*"]
    }
  }
}
resource "aws_kms_key" "k" {
  count  = var.sealed ? 1 : 0
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = join("", aws_kms_key.k[*].arn)
}
