variable "rules" { type = string }
resource "aws_kms_key" "k" {
  policy = var.rules
}
output "arn" { value = aws_kms_key.k.arn }
