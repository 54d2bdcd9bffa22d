provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AllowAuditor"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:role/auditor" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = {
          DateLessThan = { "aws:CurrentTime" = "2030-01-01T00:00:00Z" }
        }
      },
    ]
  })
}
