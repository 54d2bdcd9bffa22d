data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "with_describe" {
  type    = bool
  default = false
}
variable "with_root" {
  type    = string
  default = "true"
}
resource "aws_kms_key" "trail" {
  policy = jsonencode(merge({ Version = "2012-10-17" }, {
    Statement = concat(
      tobool(var.with_root) ? [{ Sid = "Root", Effect = "Allow", Principal = { AWS = ["arn:aws:iam::${data.aws_caller_identity.me.id}:root"] }, Action = ["kms:*"], Resource = ["*"] }] : [],
      [{ Sid = "E", Effect = "Allow", Principal = { Service = ["cloudtrail.amazonaws.com"] }, Action = ["kms:GenerateDataKey*"], Resource = ["*"] }],
      var.with_describe ? [{ Sid = "D", Effect = "Allow", Principal = { Service = ["cloudtrail.amazonaws.com"] }, Action = ["kms:DescribeKey"], Resource = ["*"] }] : [],
    )
  }))
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
