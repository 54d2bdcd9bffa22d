provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "env" { default = "lab" }
locals {
  trail  = "acme-${var.env}"
  groups = ["audit-${var.env}"]
}
resource "aws_kms_key" "seal" {
  policy = templatefile("${path.module}/seal.json", { owner = data.aws_caller_identity.me.account_id, home = data.aws_region.here.name, groups = local.groups, trail = local.trail })
}
resource "aws_cloudtrail" "main" {
  name           = local.trail
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.seal.arn
}
