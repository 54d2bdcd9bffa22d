variable "prefix" { type = string }
module "key" {
  source     = "../../key"
  trail_name = local.trail
}
locals { trail = "${var.prefix}-trail" }
resource "aws_s3_bucket" "this" { bucket = "${var.prefix}-logs" }
resource "aws_cloudtrail" "this" {
  name           = local.trail
  s3_bucket_name = aws_s3_bucket.this.id
  kms_key_id     = module.key.outputs.arn
  depends_on     = [module.key]
}
