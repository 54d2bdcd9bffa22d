data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  teams = {
    audit = { accounts = ["111122223333"], trails = ["main", "audit"] }
    build = { accounts = ["444455556666", "111122223333"], trails = ["build"] }
  }
  pairs = flatten([for t, v in local.teams : [for a in v.accounts : [for n in v.trails : { team = t, account = a, trail = n }]]])
  arns  = { for p in local.pairs : p.team => "arn:aws:cloudtrail:us-east-1:${p.account}:trail/${p.trail}"... }
}
resource "aws_kms_key" "trail" {
  for_each = local.arns
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = flatten([
      [{ Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }],
      [for i, arn in each.value : {
        Sid       = "T${i}"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { ArnLike = { "aws:SourceArn" = arn } }
      } if strcontains(arn, data.aws_caller_identity.me.account_id)],
    ])
  })
}
resource "aws_cloudtrail" "t" {
  for_each       = { main = "audit", audit = "audit", build = "build", wrong = "build" }
  name           = each.key
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail[each.value].arn
}
