variable "policy" { type = string }
variable "context" { type = any }
module "this" {
  source  = "acme/label/null"
  version = "0.9.0"
  context = var.context
}
resource "aws_kms_key" "default" {
  count  = module.this.enabled ? 1 : 0
  policy = var.policy
}
output "key_arn" { value = join("", aws_kms_key.default.*.arn) }
