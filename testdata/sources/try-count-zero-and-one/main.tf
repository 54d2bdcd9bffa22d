data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "make" {
  default = { main = true, none = false }
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
resource "aws_kms_key" "a" {
  count  = var.make.main ? 1 : 0
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_kms_key" "b" {
  count  = var.make.none ? 1 : 0
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = try(aws_kms_key.a[0].arn, null)
}
resource "aws_cloudtrail" "none" {
  name           = "none"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = try(aws_kms_key.b[0].arn, null)
}
resource "aws_cloudtrail" "fallback" {
  name           = "fallback"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = try(aws_kms_key.b[0].arn, aws_kms_key.a["0"].arn)
}
