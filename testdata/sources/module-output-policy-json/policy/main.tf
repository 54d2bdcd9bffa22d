variable "trails" { type = list(string) }
variable "account" {}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Own"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [var.account]
    }
  }
}
data "aws_iam_policy_document" "this" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  dynamic "statement" {
    for_each = toset(var.trails)
    content {
      sid       = "Trail${statement.key}"
      actions   = ["kms:GenerateDataKey*", "kms:DescribeKey"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = ["arn:aws:cloudtrail:us-east-1:${var.account}:trail/${statement.value}"]
      }
    }
  }
}
output "json" { value = data.aws_iam_policy_document.this.json }
