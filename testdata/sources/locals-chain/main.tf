data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  account = data.aws_caller_identity.me.account_id
  arns = {
    root  = format("arn:aws:iam::%s:root", local.account)
    trail = "arn:aws:cloudtrail:us-east-1:${local.account}:trail/${local.naming.trail}"
  }
  naming = { trail = join("-", local.words), bucket = "x" }
  words  = concat(["org"], local.extra)
  extra  = [upper("a") == "A" ? "audit" : "never"]
}
locals {
  links  = { (local.naming.trail) = { kms = aws_kms_key.trail, bucket = aws_s3_bucket.logs } }
  picked = local.links["org-audit"]
  final  = local.picked.kms["arn"]
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for s in local.statements : merge({ Effect = "Allow", Resource = "*" }, s)]
  })
}
locals {
  service = { Principal = { Service = "cloudtrail.amazonaws.com" } }
  statements = [
    { Principal = { AWS = local.arns.root }, Action = "kms:*" },
    merge(local.service, { Action = "kms:DescribeKey" }),
    merge(local.service, { Action = "kms:GenerateDataKey*", Condition = { StringEquals = { "aws:SourceArn" = local.arns.trail } } }),
  ]
}
resource "aws_cloudtrail" "main" {
  name           = local.naming.trail
  s3_bucket_name = local.picked.bucket.id
  kms_key_id     = local.final
}
