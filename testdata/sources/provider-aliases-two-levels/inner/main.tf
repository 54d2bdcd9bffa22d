variable "name" {}
variable "region" {}
data "aws_caller_identity" "me" {}
resource "aws_kms_key" "trail" {
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "${data.aws_caller_identity.me.account_id}"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:${var.region}:${data.aws_caller_identity.me.account_id}:trail/${var.name}"}}}
      ]
    }
  JSON
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-${var.name}"
}
resource "aws_cloudtrail" "main" {
  name           = var.name
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
