variable "key" {
  type = string
}

data "aws_caller_identity" "own" {}

resource "aws_s3_bucket" "store" {
  bucket = "records-${data.aws_caller_identity.own.account_id}"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key
    }
  }
}

resource "aws_cloudtrail" "records" {
  name           = "records"
  s3_bucket_name = aws_s3_bucket.store.id
  kms_key_id     = var.key
}
