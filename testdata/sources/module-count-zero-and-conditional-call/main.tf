data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "own_key" { default = true }
module "off" {
  source = "./key"
  count  = var.own_key ? 0 : 1
}
module "on" {
  source = "./key"
  count  = var.own_key ? 1 : 0
}
locals {
  key_arn = var.own_key ? module.on[0].key.arn : module.off[0].key.arn
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = local.key_arn
}
resource "aws_cloudtrail" "tried" {
  name           = "tried"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = try(module.off[0].key.arn, module.on[0].key.arn, "")
}
