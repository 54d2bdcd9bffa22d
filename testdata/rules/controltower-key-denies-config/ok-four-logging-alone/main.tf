provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

resource "aws_kms_key" "control_tower" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowCloudTrail"
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

resource "aws_controltower_landing_zone" "main" {
  version = "4.0"

  manifest_json = jsonencode({
    accessManagement = { enabled = true }
    centralizedLogging = {
      accountId      = "222233334444"
      enabled        = true
      configurations = { kmsKeyArn = aws_kms_key.control_tower.arn }
    }
    config = {
      accountId      = "333344445555"
      enabled        = false
      configurations = { kmsKeyArn = aws_kms_key.control_tower.arn }
    }
  })
}
