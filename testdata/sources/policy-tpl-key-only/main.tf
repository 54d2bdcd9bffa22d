provider "aws" {
  region = "us-east-1"
}
data "aws_partition" "p" {}
resource "aws_kms_key" "aft" {
  policy = templatefile("${path.module}/keys/log.tpl", { owner = "444455556666", part = data.aws_partition.p.partition })
}
