provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "vault"
  region = "us-east-1"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/ops"
  }
}
data "aws_caller_identity" "boss" {}
variable "vault" {
  type = object({
    readers  = optional(list(string), [])
    overlays = optional(list(string), [])
    whole    = optional(bool, false)
  })
  default = { readers = ["arn:aws:iam::444455556666:role/hunt"] }
}
module "vault" {
  source    = "./vault"
  providers = { aws = aws.vault }
  trail_account = data.aws_caller_identity.boss.account_id
  options       = var.vault
}
resource "aws_cloudtrail" "main" {
  name           = "far"
  s3_bucket_name = module.vault.bucket
  kms_key_id     = module.vault.seal_arn
  depends_on     = [module.vault]
}
