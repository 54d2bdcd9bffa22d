data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  keys = {
    good = { describe = true }
    bad  = { describe = false }
  }
}
resource "aws_kms_key" "k" {
  for_each    = local.keys
  description = each.key
}
resource "aws_kms_key_policy" "k" {
  for_each = local.keys
  key_id   = aws_kms_key.k[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*" }],
      [for x in [each.value] : { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:DescribeKey", Resource = "*" } if x.describe],
    )
  })
}
resource "aws_cloudtrail" "t" {
  for_each       = aws_kms_key.k
  name           = each.key
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = each.value.arn
  depends_on     = [aws_kms_key_policy.k]
}
