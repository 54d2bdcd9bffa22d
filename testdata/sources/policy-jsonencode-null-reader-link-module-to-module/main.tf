provider "aws" {
  region = "us-east-1"
}
module "keys" {
  source  = "./keys"
  project = "acme"
}
module "trail" {
  source  = "./trail"
  project = "acme"
  kms     = module.keys.logs_arn
}
