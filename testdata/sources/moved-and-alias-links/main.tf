data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
moved {
  from = aws_kms_key.old
  to   = aws_kms_key.trail
}
moved {
  from = aws_cloudtrail.main[0]
  to   = aws_cloudtrail.main
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
      values   = ["arn:aws:cloudtrail:*:${data.aws_caller_identity.me.account_id}:trail/*"]
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
resource "aws_kms_key" "trail" {
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_kms_alias" "a" {
  name          = "alias/kt-trail"
  target_key_id = aws_kms_key.trail.key_id
}
resource "aws_kms_alias" "b" {
  name_prefix   = "alias/kt-"
  target_key_id = aws_kms_key.trail.arn
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_alias.a.target_key_arn
}
resource "aws_cloudtrail" "alias_arn" {
  name           = "alias-arn"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_alias.b.arn
}
resource "aws_cloudtrail" "alias_text" {
  name           = "alias-text"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = "arn:aws:kms:us-east-1:${data.aws_caller_identity.me.account_id}:alias/kt-trail"
}
resource "aws_cloudtrail" "alias_name" {
  name           = "alias-name"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = "arn:aws:kms:us-east-1:${data.aws_caller_identity.me.account_id}:${aws_kms_alias.a.name}"
}
