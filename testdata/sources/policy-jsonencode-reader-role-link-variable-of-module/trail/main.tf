variable "seal_arn" { type = string }
resource "aws_s3_bucket" "logs" {
  bucket = "acme-fast"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.seal_arn
    }
    bucket_key_enabled = true
  }
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = var.seal_arn
}
