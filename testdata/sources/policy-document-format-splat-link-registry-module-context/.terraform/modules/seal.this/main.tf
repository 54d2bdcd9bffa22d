variable "enabled" { default = null }
variable "context" { type = any }
output "enabled" { value = var.context.enabled }
output "id" { value = "x" }
