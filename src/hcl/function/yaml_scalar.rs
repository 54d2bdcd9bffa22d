//! What a plain scalar of YAML is, as `go-cty-yaml` reads it.

use crate::hcl::number::Number;

/// A scalar's meaning.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

/// Resolves a plain scalar: YAML 1.2's core schema with the booleans of YAML 1.1.
pub(super) fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        _ => {}
    }
    number(text).map_or(Scalar::Text, Scalar::Number)
}

/// Decimal, hexadecimal, octal and binary integers, and decimal fractions.
fn number(text: &str) -> Option<Number> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
        return None;
    }
    let plain = digits.replace('_', "");
    let based = |digits: &str, base| Number::parse_radix(&format!("{sign}{digits}"), base);
    if let Some(hex) = plain.strip_prefix("0x") {
        return based(hex, 16);
    }
    if let Some(bits) = plain.strip_prefix("0b") {
        return based(bits, 2);
    }
    let whole = plain.bytes().all(|byte| byte.is_ascii_digit());
    match plain
        .strip_prefix("0o")
        .or_else(|| plain.strip_prefix('0').filter(|_| whole))
    {
        Some(octal) if !octal.is_empty() => based(octal, 8).or_else(|| Number::parse(&plain)),
        _ => Number::parse(&format!("{sign}{plain}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_types() {
        let number = |text: &str| Scalar::Number(Number::parse(text).unwrap());
        assert_eq!(resolve("yes"), Scalar::Bool(true));
        assert_eq!(resolve("~"), Scalar::Null);
        assert_eq!(resolve("1_000"), number("1000"));
        assert_eq!(resolve("0x1f"), number("31"));
        assert_eq!(resolve("012"), number("10"));
        assert_eq!(resolve("1.5e3"), number("1500"));
        assert_eq!(resolve("1.2.3"), Scalar::Text);
        assert_eq!(resolve("2012-10-17"), Scalar::Text);
    }
}
