variable "here" {}
variable "account" {}
data "aws_iam_policy_document" "k" {
  count = var.here ? 1 : 0
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [var.account]
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
      values   = ["arn:logs:cloudtrail:*:${var.account}:trail/*"]
    }
  }
  statement {
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "k" {
  count  = var.here ? 1 : 0
  policy = data.aws_iam_policy_document.k[0].json
}
output "arn" { value = try(aws_kms_key.k[0].arn, null) }
