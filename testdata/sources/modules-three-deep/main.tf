provider "aws" { region = "us-east-1" }
module "baseline" {
  source  = "./modules/baseline"
  name    = "corp"
  enabled = { trail = true, config = false }
}
output "all" { value = module.baseline }
