resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = local.service }, Action = [local.keep, var.describe], Resource = "*" },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  kms_key_id = aws_kms_key.trail.arn
}
locals {
  service = "cloudtrail.amazonaws.com"
}
variable "describe" {
  default = "kms:DescribeKey"
}
