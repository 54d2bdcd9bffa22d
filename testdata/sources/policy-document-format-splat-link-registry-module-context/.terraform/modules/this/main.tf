variable "enabled" { default = null }
variable "context" { type = any }
locals {
  input = {
    enabled = var.enabled == null ? var.context.enabled : var.enabled
    name    = lookup(var.context, "name", "x")
  }
  enabled = local.input.enabled
  parts = { for k, v in { name = local.input.name, tail = "1" } : k => length(v) > 0 ?
    lower(v) : null
  }
  id = local.enabled ? join("-", compact([local.parts.name, local.parts.tail])) : ""
}
output "enabled" { value = local.enabled }
output "id" { value = local.id }
output "context" { value = merge(var.context, { enabled = local.enabled }) }
