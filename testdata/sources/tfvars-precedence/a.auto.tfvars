trail = "wrong-2"
extra_actions = [
  "kms:DescribeKey",
]
