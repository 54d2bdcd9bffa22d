variable "label" { type = string }
variable "copies" { type = number }
module "unit" {
  source = "../unit"
  count  = var.copies
  name   = "${var.label}-${count.index}"
}
