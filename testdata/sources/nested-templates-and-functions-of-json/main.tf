data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  services = ["cloudtrail.amazonaws.com", "config.amazonaws.com"]
  doc = jsondecode(jsonencode({
    Version   = "2012-10-17"
    Statement = [for s in local.services : { Effect = "Allow", Principal = { Service = s }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*" }]
  }))
  text = replace(jsonencode(merge(local.doc, { Statement = concat(local.doc["Statement"], [{ Effect = "Allow", Principal = { AWS = "@ROOT@" }, Action = "kms:*", Resource = "*" }]) })), "@ROOT@", "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root")
}
resource "aws_kms_key" "trail" {
  policy = trimspace("  ${local.text}\n")
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
