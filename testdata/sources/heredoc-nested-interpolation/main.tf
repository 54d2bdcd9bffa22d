data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket = "kt-logs-111122223333"
}
variable "strict" {
  default = true
}
resource "aws_kms_key" "trail" {
  policy = <<-EOT
	{ "Version": "2012-10-17", "Statement": [] }
  EOT
  count  = 0
}
resource "aws_kms_key" "real" {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": ${jsonencode([
  {
    Effect = "Allow", Resource = "*", Action = "kms:*"
    Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
  },
  {
    Effect = "Allow", Resource = "*", Action = ["kms:DescribeKey", "kms:GenerateDataKey"]
    Principal = { Service = "${"cloud"}trail.amazonaws.com" }
    Condition = { "${var.strict ? "StringEquals" : "StringLike"}" = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.me.account_id}:trail/${var.strict ? "main${""}" : "*"}" } }
  },
])}
    }
  EOT
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
  kms_key_id     = "${aws_kms_key.real.arn}"
}
