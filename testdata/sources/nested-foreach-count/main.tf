module "site" {
  source   = "./site"
  for_each = { east = 1, west = 2 }
  label    = each.key
  copies   = each.value
}
