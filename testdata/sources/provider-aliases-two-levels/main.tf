provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}
module "outer" {
  source = "./outer"
  providers = {
    aws.home  = aws
    aws.trail = aws.ireland
  }
}
