resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "account" { type = string }
variable "trail" {
  type    = string
  default = "default-name"
}
variable "extra_actions" {
  type    = set(string)
  default = []
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account}:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = concat(["kms:GenerateDataKey*"], tolist(var.extra_actions)), Resource = "*", Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${var.account}:trail/${var.trail}" } } },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name           = "the-trail"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
