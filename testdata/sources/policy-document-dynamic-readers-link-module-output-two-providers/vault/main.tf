variable "trail_account" {}
variable "options" { type = any }
resource "aws_s3_bucket" "logs" {
  bucket = "acme-vault"
}
data "aws_iam_policy_document" "k" {
  override_policy_documents = var.options.overlays
  statement {
    sid       = "Owner"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:root"]
    }
  }
  statement {
    sid       = "Seal"
    actions   = ["kms:GenerateDataKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:aws:cloudtrail:*:${var.trail_account}:trail/*"]
    }
  }
  statement {
    sid       = "Look"
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
  dynamic "statement" {
    for_each = length(var.options.readers) > 0 ? [1] : []
    content {
      sid       = "Read"
      actions   = ["kms:Decrypt"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = var.options.readers
      }
    }
  }
}
resource "aws_kms_key" "seal" {
  description = aws_s3_bucket.logs.id
  policy      = data.aws_iam_policy_document.k.json
}
output "seal_arn" { value = aws_kms_key.seal.arn }
output "bucket" { value = aws_s3_bucket.logs.id }
