data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "aws_organizations_organization" "o" {}
locals {
  mgmt = data.aws_organizations_organization.o.master_account_id
  arn  = "arn:aws:cloudtrail:us-east-1:${local.mgmt}:trail/org"
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = local.arn }, StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.mgmt}:trail/*" } } },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:DescribeKey", Resource = "*", Condition = { StringEquals = { "aws:SourceOrgID" = data.aws_organizations_organization.o.id } } },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name                  = "org"
  is_organization_trail = true
  s3_bucket_name        = aws_s3_bucket.logs.id
  kms_key_id            = aws_kms_key.trail.arn
}
