variable "project" { type = string }
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_kms_key" "other" {
  description = "no policy"
}
resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*",
        Condition = { StringEquals = { "AWS:SourceArn" = "arn:aws:cloudtrail:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:trail/${var.project}-trail" }, StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${data.aws_caller_identity.me.account_id}:trail/*" } } },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:Decrypt", Resource = "*", Condition = { "Null" = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" } } },
    ]
  })
}
output "logs_arn" { value = aws_kms_key.logs.arn }
