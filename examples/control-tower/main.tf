# The key of a landing zone, in the management account, and the organization's trail that uses it.
provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

data "aws_organizations_organization" "current" {}

locals {
  management_account = data.aws_organizations_organization.current.master_account_id
}

resource "aws_kms_key" "control_tower" {
  description = "AWS Control Tower"

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "CustomKMSPolicy"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.management_account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Allow Config to use KMS for encryption"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
      {
        Sid       = "Allow CloudTrail to use KMS for encryption"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${local.management_account}:trail/aws-controltower-BaselineCloudTrail"
          }
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.management_account}:trail/*"
          }
        }
      },
      {
        # Control Tower's minimum policy has no such statement; see the README.
        Sid       = "Allow CloudTrail to describe the key"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
      },
    ]
  })
}

resource "aws_cloudtrail" "baseline" {
  name                  = "aws-controltower-BaselineCloudTrail"
  s3_bucket_name        = "aws-controltower-logs-222222222222-us-east-1"
  kms_key_id            = aws_kms_key.control_tower.arn
  is_multi_region_trail = true
  is_organization_trail = true
}
