//! Makes a tree of Terraform sources: folders of four files, of which every tenth is a root that holds a key and a trail and calls four of
//! those that hold neither. The same arguments give the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A tree of so many folders.
pub(crate) fn write_tree(dir: &Path, folders: usize) {
    let mut chance = Chance(7);
    for at in 0..folders {
        let folder = dir.join(format!("f{at}"));
        fs::create_dir_all(&folder).unwrap();
        let mut main = String::new();
        if at % 10 == 0 {
            main.push_str(&trail(at));
            for call in 0..4 {
                let other = chance.below(folders / 10) * 10 + 1 + chance.below(9);
                main.push_str(&called(call, other));
            }
        }
        filled(&mut main, 8_000, |number, out| {
            if number % 2 == 0 {
                machine(number, &mut chance, out);
            } else {
                gateway(number, &mut chance, out);
            }
        });
        let mut variables = VARIABLES.to_owned();
        filled(&mut variables, 2_000, |number, out| {
            writeln!(out, "# {number}: values of one team alone").unwrap();
        });
        let mut outputs = String::new();
        for number in 0..6 {
            writeln!(
                outputs,
                "output \"ids_{number}\" {{\n  value = aws_instance.machine_{}[*].id\n}}",
                number * 2
            )
            .unwrap();
        }
        let mut roles = String::new();
        filled(&mut roles, 8_000, role);
        let files = [
            ("main.tf", main),
            ("variables.tf", variables),
            ("outputs.tf", outputs),
            ("roles.tf", roles),
        ];
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
}

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// Adds to a text until it is as long as that.
fn filled(text: &mut String, length: usize, mut add: impl FnMut(usize, &mut String)) {
    let mut number = 0;
    while text.len() < length {
        add(number, text);
        number += 1;
    }
}

const VARIABLES: &str = r#"variable "stage" {
  type        = string
  default     = "dev"
  description = "Where this runs"
  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "One of dev and prod."
  }
}

variable "networks" {
  type    = list(object({ id = string, bits = optional(number, 8) }))
  default = []
}

variable "name" {
  type    = string
  default = "records"
}
"#;

/// A key with its policy, a trail that uses it, and what they refer to.
fn trail(at: usize) -> String {
    let source = if at.is_multiple_of(20) {
        r#"
  statement {
    sid       = "Encrypt"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.own.partition}:cloudtrail:${local.region}:${local.account}:trail/${var.name}-AT"]
    }
  }"#
    } else {
        ""
    };
    let text = r#"provider "aws" {
  region = "eu-west-1"
}

data "aws_partition" "own" {}
data "aws_caller_identity" "own" {}

locals {
  region  = "eu-west-1"
  account = data.aws_caller_identity.own.account_id
  labels  = { stage = var.stage }
}

data "aws_iam_policy_document" "records" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }SOURCE
}

resource "aws_kms_key" "records" {
  description         = "Records – ${var.stage}"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.records.json
  tags                = merge(local.labels, { Name = "${var.name}-AT" })
}

resource "aws_cloudtrail" "records" {
  name           = "${var.name}-AT"
  s3_bucket_name = "records-AT"
  kms_key_id     = aws_kms_key.records.arn
}

"#;
    text.replace("SOURCE", source)
        .replace("AT", &at.to_string())
}

fn called(number: usize, folder: usize) -> String {
    format!(
        "module \"part_{number}\" {{\n  source   = \"../f{folder}\"\n  for_each = toset([\"a\", \"b\"])\n  name     = \"${{var.name}}-${{each.key}}\"\n  stage    = try(var.stage, null)\n}}\n\n"
    )
}

fn machine(number: usize, chance: &mut Chance, out: &mut String) {
    let size = chance.below(400) + 8;
    let text = r#"# One machine for each network.
resource "aws_instance" "machine_NUMBER" {
  count         = var.stage == "prod" ? length(var.networks) : 0
  ami           = data.aws_ami.base.id
  instance_type = lookup(local.sizes, var.stage, "t3.micro")
  subnet_id     = element(var.networks, count.index).id
  user_data     = <<-EOT
    #!/bin/sh
    echo "${var.name} NUMBER" > /etc/motd
    %{ if var.stage == "prod" ~}
    rc-service agent start
    %{ endif ~}
  EOT

  root_block_device {
    encrypted   = true
    volume_size = SIZE
  }
  dynamic "ebs_block_device" {
    for_each = { for it in var.networks : it.id => it if it.bits > 4 }
    content {
      device_name = ebs_block_device.key
      volume_size = ebs_block_device.value.bits
    }
  }
  tags = merge(local.labels, {
    Name = format("%s-%03d", var.name, count.index) // shown in the console
  })
}

"#;
    out.push_str(
        &text
            .replace("SIZE", &size.to_string())
            .replace("NUMBER", &number.to_string()),
    );
}

fn gateway(number: usize, chance: &mut Chance, out: &mut String) {
    let port = chance.below(9_000) + 1;
    writeln!(
        out,
        "resource \"aws_security_group\" \"gate_{number}\" {{\n  name = \"${{var.name}}-{number}\"\n  ingress {{\n    from_port   = {port}\n    to_port     = {port}\n    protocol    = \"tcp\"\n    cidr_blocks = [for it in var.networks : cidrsubnet(it.id, it.bits, {number})]\n  }}\n}}\n"
    )
    .unwrap();
}

fn role(number: usize, out: &mut String) {
    let text = r#"resource "aws_iam_role" "role_N" {
  name = "role-N"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

"#;
    out.push_str(
        &text
            .replace("role_N", &format!("role_{number}"))
            .replace("role-N", &format!("role-{number}")),
    );
}
