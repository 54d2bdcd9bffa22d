data "aws_caller_identity" "me" {}
locals {
  trails = { for n in ["b", "a", "c"] : n => { name = "team-${n}", ok = n != "c" } }
}
module "trail" {
  for_each   = { for k, v in local.trails : k => v if v.name != "team-b" }
  source     = "./trail"
  name       = each.value.name
  arn_name   = each.value.ok ? each.value.name : each.key
  account_id = data.aws_caller_identity.me.account_id
}
