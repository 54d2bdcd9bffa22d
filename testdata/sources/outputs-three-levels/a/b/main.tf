variable "trail" {}
variable "account" {}
module "c" {
  source = "./c"
  trail  = var.trail
  root   = "arn:aws:iam::${var.account}:root"
  source_arn = "arn:aws:cloudtrail:us-east-1:${var.account}:trail/${var.trail}"
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-${var.trail}"
}
output "all" {
  value = {
    keys   = { primary = module.c.key, spare = null }
    bucket = aws_s3_bucket.logs.id
  }
}
