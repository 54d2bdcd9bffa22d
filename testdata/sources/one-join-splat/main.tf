data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "aws_iam_policy_document" "k" {
  count = 1
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
resource "aws_kms_key" "on" {
  count  = 1
  policy = one(data.aws_iam_policy_document.k[*].json)
}
resource "aws_kms_key" "off" {
  count  = 0
  policy = join("", data.aws_iam_policy_document.k[*].json)
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = one(aws_kms_key.on[*].arn)
}
resource "aws_cloudtrail" "joined" {
  name           = "joined"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = join("", aws_kms_key.on.*.arn)
}
resource "aws_cloudtrail" "absent" {
  name           = "absent"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = one(aws_kms_key.off[*].arn)
}
resource "aws_cloudtrail" "empty" {
  name           = "empty"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = join("", aws_kms_key.off[*].arn)
}
resource "aws_cloudtrail" "elem" {
  name           = "elem"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = element(concat(aws_kms_key.off.*.arn, aws_kms_key.on.*.arn, [""]), 0)
}
