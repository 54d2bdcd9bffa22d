variable "rules" { type = string }
resource "aws_kms_key" "main" {
  policy = var.rules
}
output "arn" { value = aws_kms_key.main.arn }
