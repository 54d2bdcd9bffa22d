data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
locals {
  names   = ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"]
  flags   = zipmap(local.names, [true, true, false])
  actions = sort(compact([for a, on in local.flags : on ? a : ""]))
  chosen  = distinct(concat(slice(local.actions, 0, 1), setsubtract(toset(local.actions), toset(["x"])) == toset(local.actions) ? local.actions : []))
  lists   = chunklist(local.chosen, 1)
  picked  = [for l in local.lists : try(l[0], l[1], "none")]
  cond    = { for op, m in { StringEquals = { "aws:SourceAccount" = tostring(111122223333) }, Bool = {} } : op => m if length(keys(m)) > 0 }
  has     = contains(values(local.flags), false) && !anytrue([])
  range_s = join("", [for i in range(3) : i % 2 == 0 ? "" : ""])
}
resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "S${local.range_s}${local.has ? length(local.picked) : "zero"}", Effect = "Allow", Principal = { Service = element(split(",", "a,cloudtrail.amazonaws.com"), 3) }, Action = local.picked, Resource = "*", Condition = local.cond },
    ]
  })
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.trail.arn
}
