provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
data "template_file" "rules" {
  template = file("${path.module}/rules.json.tpl")
  vars = {
    owner = data.aws_caller_identity.me.account_id
  }
}
resource "aws_kms_key" "trail" {
  policy = data.template_file.rules.rendered
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
