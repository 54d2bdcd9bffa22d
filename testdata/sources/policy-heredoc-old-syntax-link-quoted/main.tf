variable "account" {
  default = "111122223333"
}
variable "home" {
  default = "us-east-1"
}
variable "watcher" {
  default = "nadia"
}
provider "aws" {
  region = "${var.home}"
}
resource "aws_s3_bucket" "logs" {
  bucket = "acme-old"
}
resource "aws_kms_key" "trail" {
  description = "${format("%s key", "trail")}"
  policy      = <<P
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::${var.account}:root"]}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::${var.account}:user/${var.watcher}"]}, "Action": ["kms:Decrypt"], "Resource": "*",
     "Condition": {
       "StringEquals": {"kms:CallerAccount": "${var.account}", "kms:ViaService": "s3.${var.home}.amazonaws.com", "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:${var.home}:${var.account}:trail/old"},
       "StringLike": {"kms:EncryptionContext:aws:s3:arn": "${aws_s3_bucket.logs.arn}/old/AWSLogs/${var.account}/CloudTrail/${var.home}/*"}
     }}
  ]
}
P
}
resource "aws_cloudtrail" "main" {
  name           = "old"
  s3_key_prefix  = "old"
  s3_bucket_name = "${aws_s3_bucket.logs.id}"
  kms_key_id     = "${aws_kms_key.trail.arn}"
}
