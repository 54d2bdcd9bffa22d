variable "name" {}
variable "enabled" { type = map(bool) }
module "logging" {
  count  = lookup(var.enabled, "trail", false) ? 1 : 0
  source = "./logging"
  prefix = "${var.name}-audit"
}
output "logging" { value = module.logging }
