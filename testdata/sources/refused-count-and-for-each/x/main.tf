resource "aws_cloudtrail" "t1" {
  name           = "x"
  s3_bucket_name = "l"
}
