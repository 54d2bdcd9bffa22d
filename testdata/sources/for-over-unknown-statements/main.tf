provider "aws" { region = "us-east-1" }
variable "readers" { type = list(string) }
variable "stmts" { type = list(any) }
resource "aws_kms_key" "a" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
    { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*"], Resource = "*" }],
    [for r in var.readers : { Effect = "Allow", Principal = { AWS = r }, Action = "kms:Decrypt", Resource = "*" }]) })
}
resource "aws_kms_key" "b" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
    { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*"], Resource = "*" }], var.stmts) })
}
resource "aws_cloudtrail" "t1" {
  name           = "t1"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.a.arn
}
resource "aws_cloudtrail" "t2" {
  name           = "t2"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.b.arn
}
locals {
  own = [
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
    { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*"], Resource = "*" },
  ]
  readers = [for r in var.readers : { Effect = "Allow", Principal = { AWS = r }, Action = "kms:Decrypt", Resource = "*" }]
}
resource "aws_kms_key" "both" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.own, local.readers, var.stmts) })
}
resource "aws_kms_key" "deny" {
  policy = jsonencode({ Version = "2012-10-17", Statement = flatten([local.own,
  [for r in var.readers : { Effect = "Deny", Principal = { Service = r }, Action = "kms:*", Resource = "*" }]]) })
}
resource "aws_kms_key" "any" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.own, [for s in var.stmts : s]) })
}
resource "aws_kms_key" "text" {
  policy = <<-EOT
  {
    "Version": "2012-10-17",
    "Statement": [
      %{for r in var.readers~}
      { "Effect": "Allow", "Principal": { "AWS": "${r}" }, "Action": "kms:Decrypt", "Resource": "*" },
      %{endfor~}
      { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*" },
      { "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "kms:GenerateDataKey*", "Resource": "*" }
    ]
  }
  EOT
}
resource "aws_cloudtrail" "t3" {
  name           = "t3"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.both.arn
}
resource "aws_cloudtrail" "t4" {
  name           = "t4"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.deny.arn
}
resource "aws_cloudtrail" "t5" {
  name           = "t5"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.any.arn
}
resource "aws_cloudtrail" "t6" {
  name           = "t6"
  s3_bucket_name = "l"
  kms_key_id     = aws_kms_key.text.arn
}
