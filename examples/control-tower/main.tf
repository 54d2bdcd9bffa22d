# A landing zone of version 4.0 and its two keys, in the management account and the home Region.
provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

data "aws_organizations_organization" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

# For logging and AWS Config: the minimum policy of the Control Tower User Guide. One Region, as Control Tower wants it.
resource "aws_kms_key" "logs" {
  description = "AWS Control Tower"

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "CustomKMSPolicy"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
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
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${local.account}:trail/aws-controltower-BaselineCloudTrail"
          }
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${local.account}:trail/*"
          }
        }
      },
    ]
  })
}

# For AWS Backup, which needs a multi-Region key that the whole organization uses.
resource "aws_kms_key" "backup" {
  description  = "AWS Control Tower backups"
  multi_region = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Allow use of the KMS key for organization"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*", "kms:CreateGrant", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:PrincipalOrgID" = data.aws_organizations_organization.current.id }
        }
      },
    ]
  })
}

resource "aws_controltower_landing_zone" "main" {
  version = "4.0"

  manifest_json = jsonencode({
    accessManagement = { enabled = true }
    securityRoles    = { enabled = true, accountId = "333344445555" }
    centralizedLogging = {
      accountId      = "222233334444"
      enabled        = true
      configurations = { kmsKeyArn = aws_kms_key.logs.arn }
    }
    config = {
      accountId      = "333344445555"
      enabled        = true
      configurations = { kmsKeyArn = aws_kms_key.logs.arn }
    }
    backup = {
      enabled = true
      configurations = {
        backupAdmin   = { accountId = "444455556666" }
        centralBackup = { accountId = "555566667777" }
        kmsKeyArn     = aws_kms_key.backup.arn
      }
    }
  })
}
