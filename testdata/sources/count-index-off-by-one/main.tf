data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "p" {}
variable "names" {
  type    = list(string)
  default = ["alpha", "beta", "gamma"]
}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs"
}
data "aws_iam_policy_document" "k" {
  count = length(var.names)
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
  statement {
    sid       = "Trail"
    actions   = ["kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      # the last one is asked for the first one's trail
      values = ["arn:${data.aws_partition.p.partition}:cloudtrail:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:trail/${element(var.names, min(count.index, 1))}"]
    }
  }
}
resource "aws_kms_key" "k" {
  count  = length(var.names)
  policy = data.aws_iam_policy_document.k[count.index].json
}
resource "aws_cloudtrail" "t" {
  count          = length(var.names)
  name           = var.names[count.index]
  s3_bucket_name = aws_s3_bucket.logs.bucket
  kms_key_id     = aws_kms_key.k[count.index].arn
}
