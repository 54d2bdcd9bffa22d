data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
resource "aws_kms_key" "trail" {
  policy = templatefile("${path.root}/tpl/policy.json", {
    trail_arn = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/${aws_cloudtrail.other.name}"
    root      = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
  })
}
resource "aws_cloudtrail" "other" {
  name           = "other"
  s3_bucket_name = aws_s3_bucket.logs.id
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
