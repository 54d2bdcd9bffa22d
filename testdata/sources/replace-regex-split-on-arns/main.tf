data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "pattern" {
  default = "arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME"
}
locals {
  filled  = replace(replace(replace(var.pattern, "REGION", "us-east-1"), "/ACC[A-Z]+/", data.aws_caller_identity.me.account_id), "NAME", "main")
  account = split(":", local.filled)[4]
  name    = regex("trail/(.+)$", local.filled)[0]
  parsed  = regex("^arn:(?P<partition>[^:]+):(?P<service>[^:]+):", local.filled)
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:${local.parsed.partition}:iam::${local.account}:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "${local.parsed["service"]}.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = local.filled } } },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name           = local.name
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
