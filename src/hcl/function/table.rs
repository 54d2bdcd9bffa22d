//! The table of all functions.

use super::Takes::{Any, Bool, List, Nullable, Number, Set, Strings, Text};
use super::{
    Call, collection, conversion, csv, date, encode, file, format, hash, json, list, network,
    numeric, pattern, set, text, yaml,
};
use super::{Function, Outcome, Takes};
use crate::hcl::expr::Run;

type Body = fn(&mut Run<'_, '_>, &Call) -> Outcome;

/// A function of known arguments.
const fn whole(takes: &'static [Takes], gives: Takes, run: Body) -> Function {
    Function {
        takes,
        optional: 0,
        more: None,
        gives,
        parts: false,
        run,
    }
}

/// A function that sees what is not known.
const fn parts(takes: &'static [Takes], run: Body) -> Function {
    Function {
        parts: true,
        ..whole(takes, Any, run)
    }
}

/// A function with any number of further arguments.
const fn more(of: Function, more: Takes) -> Function {
    Function {
        more: Some(more),
        ..of
    }
}

/// A function with one argument that may be left out.
const fn maybe(of: Function) -> Function {
    Function { optional: 1, ..of }
}

/// The function of that name.
pub(in crate::hcl) fn find(name: &str) -> Option<Function> {
    strings(name)
        .or_else(|| numbers(name))
        .or_else(|| collections(name))
        .or_else(|| encodings(name))
        .or_else(|| others(name))
}

fn strings(name: &str) -> Option<Function> {
    Some(match name {
        "chomp" => parts(&[Text], text::chomp),
        "endswith" => whole(&[Text, Text], Bool, text::endswith),
        "format" => more(parts(&[Text], format::format), Nullable),
        "formatlist" => more(whole(&[Text], Strings, format::formatlist), Nullable),
        "indent" => whole(&[Number, Text], Text, text::indent),
        "join" => more(parts(&[Text, Strings], text::join), Strings),
        "lower" => whole(&[Text], Text, text::lower),
        "regex" => whole(&[Text, Text], Any, pattern::regex),
        "regexall" => whole(&[Text, Text], List, pattern::regexall),
        "replace" => whole(&[Text, Text, Text], Text, pattern::replace),
        "split" => whole(&[Text, Text], Strings, text::split),
        "startswith" => whole(&[Text, Text], Bool, text::startswith),
        "strcontains" => whole(&[Text, Text], Bool, text::strcontains),
        "strrev" => whole(&[Text], Text, text::strrev),
        "substr" => whole(&[Text, Number, Number], Text, text::substr),
        "title" => whole(&[Text], Text, text::title),
        "trim" => whole(&[Text, Text], Text, text::trim),
        "trimprefix" => whole(&[Text, Text], Text, text::trimprefix),
        "trimspace" => parts(&[Text], text::trimspace),
        "trimsuffix" => whole(&[Text, Text], Text, text::trimsuffix),
        "upper" => whole(&[Text], Text, text::upper),
        _ => return None,
    })
}

fn numbers(name: &str) -> Option<Function> {
    Some(match name {
        "abs" => whole(&[Number], Number, numeric::abs),
        "ceil" => whole(&[Number], Number, numeric::ceil),
        "floor" => whole(&[Number], Number, numeric::floor),
        "log" => whole(&[Number, Number], Number, numeric::log),
        "max" => more(whole(&[Number], Number, numeric::max), Number),
        "min" => more(whole(&[Number], Number, numeric::min), Number),
        "parseint" => whole(&[Any, Number], Number, numeric::parseint),
        "pow" => whole(&[Number, Number], Number, numeric::pow),
        "range" => more(whole(&[Number], List, numeric::range), Number),
        "signum" => whole(&[Number], Number, numeric::signum),
        "sum" => whole(&[Any], Number, numeric::sum),
        "cidrcontains" => whole(&[Text, Text], Bool, network::cidrcontains),
        "cidrhost" => whole(&[Text, Number], Text, network::cidrhost),
        "cidrnetmask" => whole(&[Text], Text, network::cidrnetmask),
        "cidrsubnet" => whole(&[Text, Number, Number], Text, network::cidrsubnet),
        "cidrsubnets" => more(whole(&[Text], Strings, network::cidrsubnets), Number),
        "formatdate" => whole(&[Text, Text], Text, date::formatdate),
        "timeadd" => whole(&[Text, Text], Text, date::timeadd),
        "timecmp" => whole(&[Text, Text], Number, date::timecmp),
        _ => return None,
    })
}

fn collections(name: &str) -> Option<Function> {
    Some(match name {
        "alltrue" => parts(&[List], list::alltrue),
        "anytrue" => parts(&[List], list::anytrue),
        "chunklist" => whole(&[List, Number], List, list::chunklist),
        "coalesce" => more(parts(&[], collection::coalesce), Nullable),
        "coalescelist" => more(parts(&[], collection::coalescelist), Nullable),
        "compact" => parts(&[Strings], list::compact),
        "concat" => more(parts(&[Any], list::concat), Any),
        "contains" => parts(&[Any, Nullable], list::contains),
        "distinct" => whole(&[List], List, list::distinct),
        "element" => parts(&[Any, Number], list::element),
        "flatten" => parts(&[Any], list::flatten),
        "index" => whole(&[Any, Any], Number, list::index),
        "keys" => parts(&[Any], collection::keys),
        "length" => parts(&[Any], collection::length),
        "lookup" => more(parts(&[Any, Text], collection::lookup), Nullable),
        "matchkeys" => whole(&[List, List, List], List, list::matchkeys),
        "merge" => more(parts(&[], collection::merge), Nullable),
        "one" => parts(&[Any], list::one),
        "reverse" => parts(&[Any], list::reverse),
        "setintersection" => more(whole(&[Set], Set, set::intersection), Set),
        "setproduct" => more(whole(&[Any], List, set::product), Any),
        "setsubtract" => whole(&[Set, Set], Set, set::subtract),
        "setunion" => more(whole(&[Set], Set, set::union), Set),
        "slice" => whole(&[Any, Number, Number], Any, list::slice),
        "sort" => whole(&[Strings], Strings, list::sort),
        "transpose" => whole(&[Any], Any, collection::transpose),
        "values" => parts(&[Any], collection::values),
        "zipmap" => parts(&[Strings, Any], collection::zipmap),
        _ => return None,
    })
}

fn encodings(name: &str) -> Option<Function> {
    Some(match name {
        "base64decode" => whole(&[Text], Text, encode::base64decode),
        "base64encode" => whole(&[Text], Text, encode::base64encode),
        "base64gzip" => whole(&[Text], Text, encode::base64gzip),
        "base64gunzip" => whole(&[Text], Text, encode::base64gunzip),
        "csvdecode" => whole(&[Text], List, csv::csvdecode),
        "jsondecode" => parts(&[Text], json::jsondecode),
        "jsonencode" => parts(&[Nullable], json::jsonencode),
        "textdecodebase64" => whole(&[Text, Text], Text, encode::textdecodebase64),
        "textencodebase64" => whole(&[Text, Text], Text, encode::textencodebase64),
        "urldecode" => whole(&[Text], Text, encode::urldecode),
        "urlencode" => whole(&[Text], Text, encode::urlencode),
        "yamldecode" => whole(&[Text], Any, yaml::yamldecode),
        "yamlencode" => whole(&[Nullable], Text, yaml::yamlencode),
        "base64sha256" | "base64sha512" | "md5" | "sha1" | "sha256" | "sha512" => {
            whole(&[Text], Text, hash::digest)
        }
        "filebase64sha256" | "filebase64sha512" | "filemd5" | "filesha1" | "filesha256"
        | "filesha512" => whole(&[Text], Text, hash::file_digest),
        "uuidv5" => whole(&[Text, Text], Text, hash::uuidv5),
        _ => return None,
    })
}

fn others(name: &str) -> Option<Function> {
    Some(match name {
        "abspath" => whole(&[Text], Text, file::abspath),
        "basename" => whole(&[Text], Text, file::basename),
        "dirname" => whole(&[Text], Text, file::dirname),
        "file" => whole(&[Text], Text, file::file),
        "filebase64" => whole(&[Text], Text, file::filebase64),
        "fileexists" => whole(&[Text], Bool, file::fileexists),
        "fileset" => whole(&[Text, Text], Set, file::fileset),
        "pathexpand" => whole(&[Text], Text, file::pathexpand),
        "templatefile" => parts(&[Text, Any], file::templatefile),
        "templatestring" => parts(&[Text, Any], file::templatestring),
        "ephemeralasnull" => parts(&[Nullable], conversion::identity),
        "issensitive" => parts(&[Nullable], conversion::issensitive),
        "nonsensitive" => parts(&[Nullable], conversion::nonsensitive),
        "sensitive" => parts(&[Nullable], conversion::sensitive),
        "tobool" => parts(&[Nullable], conversion::tobool),
        "tolist" => parts(&[Nullable], conversion::tolist),
        "tomap" => parts(&[Nullable], conversion::tomap),
        "tonumber" => parts(&[Nullable], conversion::tonumber),
        "toset" => parts(&[Nullable], conversion::toset),
        "tostring" => parts(&[Nullable], conversion::tostring),
        "bcrypt" => maybe(parts(&[Text], conversion::unknowable)),
        "plantimestamp" | "timestamp" | "uuid" => parts(&[], conversion::unknowable),
        "rsadecrypt" => parts(&[Text, Text], conversion::unknowable),
        _ => return None,
    })
}
