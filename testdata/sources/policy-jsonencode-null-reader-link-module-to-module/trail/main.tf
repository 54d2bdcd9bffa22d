variable "project" { type = string }
variable "kms" { type = string }
resource "aws_s3_bucket" "logs" {
  bucket = "${var.project}-logs"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms
      sse_algorithm     = "aws:kms"
    }
    bucket_key_enabled = true
  }
}
resource "aws_cloudtrail" "main" {
  name           = "${var.project}-trail"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = var.kms
}
