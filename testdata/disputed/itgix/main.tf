provider "aws" {
  region = "us-east-1"
}

variable "account" {
  type    = string
  default = "111122223333"
}

variable "key" {
  description = "The ARN of the key, of the archive's account."
  type        = string
  default     = null
}

data "aws_iam_policy_document" "records" {
  statement {
    sid       = "Everybody"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    sid       = "Encrypt"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      # The partition is missing: this matches no trail.
      values = ["arn:logs:cloudtrail:*:${var.account}:trail/*"]
    }
  }
  statement {
    sid       = "Describe"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "records" {
  policy = data.aws_iam_policy_document.records.json
}

resource "aws_cloudtrail" "records" {
  name           = "records"
  s3_bucket_name = "records-of-the-archive"
  kms_key_id     = var.key
}
