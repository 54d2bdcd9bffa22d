provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

# The policy that the CloudTrail console gives a key that it creates.
resource "aws_kms_key" "trail" {
  description = "The key created by CloudTrail"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Id": "Key policy created by CloudTrail",
      "Statement": [
        {
          "Sid": "Enable IAM User Permissions",
          "Effect": "Allow",
          "Principal": {"AWS": [
            "arn:aws:iam::${local.account}:root",
            "arn:aws:iam::${local.account}:user/alice"
          ]},
          "Action": "kms:*",
          "Resource": "*"
        },
        {
          "Sid": "Allow CloudTrail to encrypt logs",
          "Effect": "Allow",
          "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
          "Action": "kms:GenerateDataKey*",
          "Resource": "*",
          "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:${local.account}:trail/*"}}
        },
        {
          "Sid": "Allow CloudTrail to describe key",
          "Effect": "Allow",
          "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
          "Action": "kms:DescribeKey",
          "Resource": "*"
        },
        {
          "Sid": "Allow principals in the account to decrypt log files",
          "Effect": "Allow",
          "Principal": {"AWS": "*"},
          "Action": [
            "kms:Decrypt",
            "kms:ReEncryptFrom"
          ],
          "Resource": "*",
          "Condition": {
            "StringEquals": {"kms:CallerAccount": "${local.account}"},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:${local.account}:trail/*"}
          }
        },
        {
          "Sid": "Allow alias creation during setup",
          "Effect": "Allow",
          "Principal": {"AWS": "*"},
          "Action": "kms:CreateAlias",
          "Resource": "*",
          "Condition": {"StringEquals": {
            "kms:ViaService": "ec2.us-east-1.amazonaws.com",
            "kms:CallerAccount": "${local.account}"
          }}
        },
        {
          "Sid": "Enable cross account log decryption",
          "Effect": "Allow",
          "Principal": {"AWS": "*"},
          "Action": [
            "kms:Decrypt",
            "kms:ReEncryptFrom"
          ],
          "Resource": "*",
          "Condition": {
            "StringEquals": {"kms:CallerAccount": "${local.account}"},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:${local.account}:trail/*"}
          }
        }
      ]
    }
  EOT
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-cloudtrail-logs"
  kms_key_id     = aws_kms_key.trail.arn
}
