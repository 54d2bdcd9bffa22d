module "a" {
  source = "./a"
  seed   = { trail = "deep", account = data.aws_caller_identity.me.account_id }
}
data "aws_caller_identity" "me" {}
resource "aws_cloudtrail" "main" {
  name           = module.a.out.name
  s3_bucket_name = module.a.out.bucket
  kms_key_id     = module.a.out.keys["primary"].arn
}
