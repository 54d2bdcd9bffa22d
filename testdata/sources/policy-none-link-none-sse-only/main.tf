provider "aws" {
  region = "us-east-1"
}
resource "aws_kms_key" "bucket-key" {
  description = "for objects"
}
resource "aws_s3_bucket" "account-events" {
  bucket = "acme-events"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "account-events" {
  bucket = "${aws_s3_bucket.account-events.id}"
  rule {
    apply_server_side_encryption_by_default {
      kms_master_key_id = "${aws_kms_key.bucket-key.arn}"
      sse_algorithm     = "aws:kms"
    }
  }
}
resource "aws_cloudtrail" "s3-events" {
  name                          = "s3-events"
  s3_bucket_name                = "${aws_s3_bucket.account-events.id}"
  include_global_service_events = false
}
