provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "me" {}

# Each key is for the trail of its own index, and each trail takes the next one.
module "kms" {
  count   = 2
  source  = "./kms"
  account = data.aws_caller_identity.me.account_id
  trail   = "audit-${count.index}"
}

resource "aws_cloudtrail" "next" {
  count          = 2
  name           = "audit-${count.index}"
  s3_bucket_name = "kt-logs"
  kms_key_id     = element(module.kms[*].key_arn, count.index + 1)
}

# The same, where the index is looked up in a table.
locals {
  other = { a = "b", b = "a" }
}

module "named" {
  for_each = local.other
  source   = "./kms"
  account  = data.aws_caller_identity.me.account_id
  trail    = "named-${each.key}"
}

resource "aws_cloudtrail" "other" {
  for_each       = local.other
  name           = "named-${each.key}"
  s3_bucket_name = "kt-logs"
  kms_key_id     = module.named[each.value].key_arn
}

resource "aws_cloudtrail" "own" {
  for_each       = local.other
  name           = "named-${each.key}"
  s3_bucket_name = "kt-logs"
  kms_key_id     = module.named[each.key].key_arn
}
