provider "aws" { region = "us-east-1" }
variable "names" {
  type = list(string)
  default = ["a"]
}
resource "aws_cloudtrail" "t1" {
  for_each       = var.names
  name           = each.key
  s3_bucket_name = "l"
}
module "x" {
  source = "./x"
  count  = null
}
module "y" {
  source   = "./x"
  for_each = toset([for s in ["a"] : s.b])
}
resource "aws_kms_key" "k" {
  count  = "many"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_cloudtrail" "t2" {
  name           = "t2"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.k[0].arn
}
resource "aws_cloudtrail" "circle" {
  count          = length(aws_cloudtrail.circle) + length(aws_cloudtrail.circle)
  name           = "circle"
  s3_bucket_name = "l"
  kms_key_id     = one(aws_kms_key.k[*].arn)
}
