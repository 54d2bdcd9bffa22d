{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["delivery.logs.amazonaws.com", "cloudtrail.amazonaws.com"]}, "Action": ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"], "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": "arn:${part}:iam::${owner}:root"}, "Action": "kms:*", "Resource": "*"}
  ]
}
