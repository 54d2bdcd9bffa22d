variable "seed" { type = object({ trail = string, account = string }) }
module "b" {
  source  = "./b"
  trail   = var.seed.trail
  account = var.seed.account
}
output "out" { value = merge(module.b.all, { name = var.seed.trail }) }
