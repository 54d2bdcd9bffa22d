# The key, a trail and a bucket are in account 111111111111. Account 222222222222 has trails that use the
# key, a user Alice who reads a bucket of her own account, and people who read this one through a role.
provider "aws" {
  region = "us-west-2"
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "trail" {
  description = "KeyA"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Enable IAM User Permissions",
          "Effect": "Allow",
          "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
          "Action": "kms:*",
          "Resource": "*"
        },
        {
          "Sid": "Enable CloudTrail Encrypt Permissions",
          "Effect": "Allow",
          "Principal": { "Service": "cloudtrail.amazonaws.com" },
          "Action": "kms:GenerateDataKey*",
          "Resource": "*",
          "Condition": {
            "StringLike": {
              "kms:EncryptionContext:aws:cloudtrail:arn": [
                "arn:aws:cloudtrail:*:111111111111:trail/*",
                "arn:aws:cloudtrail:*:222222222222:trail/*"
              ]
            }
          }
        },
        {
          "Sid": "Enable CloudTrail log decrypt permissions",
          "Effect": "Allow",
          "Principal": {
            "AWS": [
              "arn:aws:iam::111111111111:user/Bob",
              "arn:aws:iam::111111111111:role/CloudTrailReadRole"
            ]
          },
          "Action": "kms:Decrypt",
          "Resource": "*",
          "Condition": { "Null": { "kms:EncryptionContext:aws:cloudtrail:arn": "false" } }
        },
        {
          "Sid": "Enable encrypted CloudTrail log read access",
          "Effect": "Allow",
          "Principal": { "AWS": ["arn:aws:iam::222222222222:root"] },
          "Action": "kms:Decrypt",
          "Resource": "*",
          "Condition": { "Null": { "kms:EncryptionContext:aws:cloudtrail:arn": "false" } }
        },
        {
          "Sid": "Allow CloudTrail access",
          "Effect": "Allow",
          "Principal": { "Service": "cloudtrail.amazonaws.com" },
          "Action": "kms:DescribeKey",
          "Resource": "*"
        }
      ]
    }
  EOT
}

resource "aws_iam_role" "reader" {
  name = "CloudTrailReadRole"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::222222222222:root" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "example-cloudtrail-logs"
  kms_key_id     = aws_kms_key.trail.arn
}
