variable "trail_name" { type = string }
data "aws_caller_identity" "x" {}
data "aws_region" "x" {}
resource "aws_kms_key" "k" {
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${data.aws_caller_identity.x.account_id}:root"}, "Action": "kms:*", "Resource": "*"},
        {
          "Sid": "Enc",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
          "Resource": "*",
          "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:${data.aws_region.x.region}:${data.aws_caller_identity.x.account_id}:trail/${upper(var.trail_name)}"}}
        }
      ]
    }
  POLICY
}
output "outputs" {
  value = {
    arn = aws_kms_key.k.arn
    id  = aws_kms_key.k.key_id
  }
}
