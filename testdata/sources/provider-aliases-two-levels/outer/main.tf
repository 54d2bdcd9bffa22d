terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.home, aws.trail]
    }
  }
}
module "good" {
  source    = "../inner"
  providers = { aws = aws.trail }
  name      = "good"
  region    = "eu-west-1"
}
module "bad" {
  source    = "../inner"
  providers = { aws = aws.trail }
  name      = "bad"
  region    = "us-east-1" # the trail is not there
}
module "home" {
  source    = "../inner"
  providers = { aws = aws.home }
  name      = "home"
  region    = "us-east-1"
}
