data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "grants" {
  default = [
    { sid = "Encrypt", actions = ["kms:GenerateDataKey*"], where = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:111122223333:trail/*" } },
    { sid = "Describe", actions = ["kms:DescribeKey"], where = {} },
  ]
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
    for_each = var.grants
    iterator = grant
    content {
      sid       = "Trail${grant.value.sid}"
      actions   = grant.value.actions
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = [format("%s.amazonaws.com", "cloudtrail")]
      }
      dynamic "condition" {
        for_each = grant.value.where
        iterator = c
        content {
          test     = "StringLike"
          variable = c.key
          values   = [c.value]
        }
      }
    }
  }
}
resource "aws_kms_key" "trail" {
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
