data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  yaml = yamldecode(templatefile("${path.module}/policy.yaml", { account = data.aws_caller_identity.me.account_id }))
  json = jsondecode(file("${path.module}/extra.json"))
}
resource "aws_kms_key" "trail" {
  policy = jsonencode(merge(local.yaml, { Statement = concat(local.yaml.Statement, local.json) }))
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
