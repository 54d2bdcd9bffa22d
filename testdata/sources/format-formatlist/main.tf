data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  p     = data.aws_partition.p.id
  acct  = data.aws_caller_identity.me.account_id
  arns  = formatlist("arn:%s:cloudtrail:%s:%s:trail/%s", local.p, data.aws_region.here.name, local.acct, ["main", "other"])
  roots = formatlist("arn:%[1]s:iam::%[2]s:%[3]s", local.p, [local.acct], "root")
  ctx   = format("arn:%s:cloudtrail:*:%012d:trail/*", local.p, 111122223333)
}
data "aws_iam_policy_document" "k" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = local.roots
    }
  }
  statement {
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = [format("%s.%s", "cloudtrail", data.aws_partition.p.dns_suffix)]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = local.arns
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:${local.p}:cloudtrail:arn"
      values   = [local.ctx]
    }
  }
  statement {
    actions   = ["kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.${data.aws_partition.p.dns_suffix}"]
    }
  }
}
resource "aws_kms_key" "trail" {
  policy = data.aws_iam_policy_document.k.json
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
resource "aws_cloudtrail" "third" {
  name           = "third"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
