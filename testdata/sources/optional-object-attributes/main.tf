data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "trails" {
  type = map(object({
    describe = optional(bool, true)
    region   = optional(string, "us-east-1")
    readers  = optional(list(string), [])
    limits   = optional(object({ via = optional(string) }), {})
  }))
  default = {
    plain  = {}
    blind  = { describe = false }
    abroad = { region = "eu-west-1" }
    read   = { readers = ["arn:aws:iam::111122223333:role/soc"], extra = "dropped by the conversion" }
  }
}
resource "aws_kms_key" "k" {
  for_each = var.trails
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*", Condition = each.value.limits.via == null ? {} : { StringEquals = { "kms:ViaService" = each.value.limits.via } } }],
      [{ Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = concat(["kms:GenerateDataKey*"], each.value.describe ? ["kms:DescribeKey"] : []), Resource = "*", Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudtrail:${each.value.region}:${data.aws_caller_identity.me.account_id}:trail/${each.key}" } } }],
      length(each.value.readers) == 0 ? [] : [{ Effect = "Allow", Principal = { AWS = each.value.readers }, Action = "kms:Decrypt", Resource = "*" }],
    )
  })
}
resource "aws_cloudtrail" "t" {
  for_each       = var.trails
  name           = each.key
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = aws_kms_key.k[each.key].arn
}
