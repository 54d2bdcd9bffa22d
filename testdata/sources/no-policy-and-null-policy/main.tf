resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "policy" {
  type    = string
  default = null
}
resource "aws_kms_key" "trail" {
  description = "no policy at all"
}
resource "aws_kms_key" "null" {
  policy = var.policy
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
resource "aws_cloudtrail" "null" {
  name           = "null"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.null.arn
}
