variable "trail" {}
variable "root" {}
variable "source_arn" {}
resource "aws_kms_key" "k" {
  description = var.trail
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = var.root }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = var.source_arn } } },
    ]
  })
}
output "key" { value = aws_kms_key.k }
