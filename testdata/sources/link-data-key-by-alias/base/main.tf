variable "kms" {}
variable "bucket" {}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = var.bucket
  kms_key_id     = var.kms
}
