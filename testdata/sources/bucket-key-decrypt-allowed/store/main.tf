variable "name" {}
variable "key_arn" {}
variable "encrypt" { default = true }
variable "options" {
  type = object({ bucket_key = optional(bool, false), versioned = optional(bool, true) })
}
resource "aws_s3_bucket" "this" {
  bucket = var.name
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count  = var.encrypt ? 1 : 0
  bucket = aws_s3_bucket.this.bucket
  dynamic "rule" {
    for_each = [var.options]
    content {
      bucket_key_enabled = rule.value.bucket_key
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = var.key_arn
      }
    }
  }
}
output "bucket" { value = aws_s3_bucket.this }
