variable "keep" { default = false }
variable "key_arn" { default = "" }
resource "aws_s3_bucket" "logs" {
  bucket = "acme-back"
}
resource "aws_kms_key" "own" {
  count = var.keep ? 0 : (length(var.key_arn) == 0 ? 1 : 0)
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = var.keep ? var.key_arn : aws_kms_key.own[0].arn
}
output "bucket_arn" { value = aws_s3_bucket.logs.arn }
