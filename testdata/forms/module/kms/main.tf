variable "policy" {
  type = string
}

resource "aws_kms_key" "trail" {
  policy = var.policy
}

output "arn" {
  value = aws_kms_key.trail.arn
}
