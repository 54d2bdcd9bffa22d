data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
resource "aws_kms_alias" "other" {
  name_prefix   = "alias/kt"
  target_key_id = aws_kms_key.trail.key_id
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
    sid       = "Describe"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
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
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/fixed"]
    }
  }
}
resource "aws_kms_key" "trail" {
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = replace(aws_s3_bucket.logs.arn, ":", "-")
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
