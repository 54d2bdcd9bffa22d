variable "rules" {}
resource "aws_kms_key" "this" {
  policy = "${var.rules}"
}
output "arn" {
  value = "${aws_kms_key.this.arn}"
}
