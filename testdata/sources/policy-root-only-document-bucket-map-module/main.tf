provider "aws" {
  region = "us-east-1"
}
data "aws_caller_identity" "me" {}
module "store" {
  source  = "./store"
  buckets = { audit = { wipe = false }, data = { wipe = true } }
  kms     = aws_kms_key.trail.arn
}
data "aws_iam_policy_document" "k" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
}
resource "aws_kms_key" "trail" {
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = module.store.ids["audit"]
  kms_key_id     = aws_kms_key.trail.arn
}
