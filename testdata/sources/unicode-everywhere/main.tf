data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  größe = "kms:GenerateDataKey*"
  名前    = "équipe-😀"
}
resource "aws_kms_key" "trail" {
  description = "Schlüssel für „Protokolle“ ${local.名前} \u00e9\U0001F600"
  policy      = <<-EOT
    {"Version": "2012-10-17", "Id": "żółć-${substr(local.名前, 0, 6)}", "Statement": [
      {"Sid": "ключ", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"}, "Action": "kms:*", "Resource": "*"},
      {"Sid": "\u0065ncrypt 😀", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws\u002ecom"}, "Action": ["${local.größe}", "kms:DescribeKe\u0079"], "Resource": "*"}
    ]}
  EOT
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
