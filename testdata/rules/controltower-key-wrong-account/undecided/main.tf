provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "security"
  region = "us-east-1"

  profile = "security"
}

resource "aws_kms_key" "control_tower" {
  provider = aws.security

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EnableIAMUserPermissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AllowConfig"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
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
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/aws-controltower-BaselineCloudTrail"
          }
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:111122223333:trail/*"
          }
        }
      },
    ]
  })
}

resource "aws_controltower_landing_zone" "main" {
  version = "3.3"

  manifest_json = jsonencode({
    governedRegions       = ["us-east-1"]
    organizationStructure = { security = { name = "Security" } }
    securityRoles         = { accountId = "333344445555" }
    accessManagement      = { enabled = true }
    centralizedLogging = {
      accountId = "222233334444"
      enabled   = true
      configurations = {
        loggingBucket       = { retentionDays = 365 }
        accessLoggingBucket = { retentionDays = 365 }
        kmsKeyArn           = aws_kms_key.control_tower.arn
      }
    }
  })
}
