variable "buckets" { type = map(object({ wipe = bool })) }
variable "kms" {}
resource "aws_s3_bucket" "this" {
  for_each      = var.buckets
  bucket        = lower("ACME-${each.key}")
  force_destroy = each.value.wipe
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = var.buckets
  bucket   = aws_s3_bucket.this[each.key].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms
    }
    bucket_key_enabled = true
  }
}
output "ids" { value = { for k, b in aws_s3_bucket.this : k => b.id } }
