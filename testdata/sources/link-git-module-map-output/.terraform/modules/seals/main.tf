variable "keys" {
  type = list(any)
}
locals {
  by_alias = { for k in var.keys : k.alias => k }
}
resource "aws_kms_key" "this" {
  for_each            = local.by_alias
  policy              = lookup(each.value, "policy", null)
  enable_key_rotation = lookup(each.value, "rotate", false)
}
resource "aws_kms_alias" "this" {
  for_each      = local.by_alias
  name          = "alias/${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
output "keys" { value = aws_kms_key.this }
