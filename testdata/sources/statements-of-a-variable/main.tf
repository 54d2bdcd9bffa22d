provider "aws" { region = "us-east-1" }
variable "statements" {
  type = list(object({
    sid        = optional(string)
    effect     = optional(string, "Allow")
    actions    = set(string)
    principals = map(list(string))
    conditions = optional(map(map(list(string))), {})
  }))
  default = [
    { actions = ["kms:*"], principals = { AWS = ["arn:aws:iam::111122223333:root"] } },
    { sid = "CT", actions = ["kms:GenerateDataKey*", "kms:DescribeKey"], principals = { Service = ["cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"] },
      conditions = {
        StringEquals = { "aws:SourceArn" = ["arn:aws:cloudtrail:us-east-1:111122223333:trail/main"], "aws:SourceAccount" = ["111122223334"] }
    } },
  ]
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = { for i, s in var.statements : coalesce(s.sid, "s${i}") => s }
    iterator = st
    content {
      sid       = st.key
      effect    = st.value.effect
      actions   = st.value.actions
      resources = ["*"]
      dynamic "principals" {
        for_each = st.value.principals
        iterator = p
        content {
          type        = p.key
          identifiers = p.value
        }
      }
      dynamic "condition" {
        for_each = flatten([for op, kv in st.value.conditions : [for k, v in kv : { op = op, k = k, v = v }]])
        iterator = c
        content {
          test     = c.value.op
          variable = c.value.k
          values   = c.value.v
        }
      }
    }
  }
}
resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.d.minified_json }
resource "aws_s3_bucket" "b" { bucket = "l" }
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.b.id
  kms_key_id     = aws_kms_key.k.arn
}
