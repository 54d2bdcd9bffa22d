provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  owner = data.aws_caller_identity.me.account_id
  p     = data.aws_partition.p.partition
  dns   = data.aws_partition.p.dns_suffix
  rules = jsonencode(
    {
      Version = "2012-10-17"
      Statement = [
        { Sid = "own", Effect = "Allow", Principal = { "AWS" = ["arn:${local.p}:iam::${local.owner}:root"] }, Action = ["kms:*"], Resource = ["*"] },
        { Sid = "seal", Effect = "Allow", Principal = { Service = ["cloudtrail.${local.dns}"] }, Action = ["kms:GenerateDataKey*"], Resource = ["*"], Condition = { StringLike = { "kms:EncryptionContext:${local.p}:cloudtrail:arn" = ["arn:${local.p}:cloudtrail:*:${local.owner}:trail/*"] } } },
        { Sid = "look", Effect = "Allow", Principal = { Service = ["cloudtrail.${local.dns}"] }, Action = ["kms:DescribeKey"], Resource = ["*"] },
        {
          Sid       = "read"
          Effect    = "Allow"
          Principal = { AWS = ["*"] }
          Action    = ["kms:Decrypt"]
          Resource  = ["*"]
          Condition = {
            StringEquals = { "kms:CallerAccount" = [local.owner] }
          }
          Condition = {
            StringLike = { "kms:EncryptionContext:${local.p}:cloudtrail:arn" = ["arn:${local.p}:cloudtrail:*:${local.owner}:trail/*"] }
          }
        }
  ] })
}
module "seal" {
  source  = "acme/seal/aws"
  version = "1.1.0"
  rules   = local.rules
}
module "trail" {
  source = "./trail"
  kms    = module.seal.arn
  bucket = aws_s3_bucket.logs.id
}
