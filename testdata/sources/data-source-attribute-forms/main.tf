data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "aws_region" "named" {
  name = "us-east-1"
}
data "aws_organizations_organization" "o" {}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = data.aws_caller_identity.me.id }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.${data.aws_partition.p.dns_suffix}" }, Action = "kms:DescribeKey", Resource = "*",
        Condition = { StringEquals = { "aws:SourceArn" = "arn:${data.aws_partition.p.id}:cloudtrail:${data.aws_region.here.id}:${data.aws_caller_identity.me.account_id}:trail/main" } } },
      { Effect = "Allow", Principal = { Service = "${join(".", reverse(split(".", data.aws_partition.p.reverse_dns_prefix)))}" == "amazonaws.com" ? "cloudtrail.amazonaws.com" : "nobody.amazonaws.com" }, Action = "kms:GenerateDataKey", Resource = "*",
        Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:${data.aws_partition.p.partition}:cloudtrail:${data.aws_region.named.region}:${data.aws_caller_identity.me.account_id}:trail/*" } } },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
