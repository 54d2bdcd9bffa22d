//! What follows from the partition: domain names, and the names of services.

use crate::input::home::Piece;
use crate::value::{Nature, Shape, Symbol, Symbols};

/// The partitions with the suffix of their domain names and its reverse, `dns_suffix` and `reverse_dns_prefix` of the data source
/// `aws_partition` (AWS SDK, endpoints of the partitions).
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("aws", "amazonaws.com", "com.amazonaws"),
    ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
    ("aws-eusc", "amazonaws.eu", "eu.amazonaws"),
    ("aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
    ("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
    ("aws-iso-e", "cloud.adc-e.uk", "uk.adc-e.cloud"),
    ("aws-iso-f", "csp.hci.ic.gov", "gov.ic.hci.csp"),
    ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
];

/// Services whose principals end otherwise outside of the partition `aws`, and the partition (`HashiCorp`, data source
/// `aws_service_principal`); all others end in `amazonaws.com` everywhere.
const OTHERWISE: &[(&str, &str)] = &[
    ("aws-cn", "codedeploy"),
    ("aws-cn", "elasticmapreduce"),
    ("aws-cn", "logs"),
    ("aws-iso", "cloudhsm"),
    ("aws-iso", "config"),
    ("aws-iso", "logs"),
    ("aws-iso", "workspaces"),
    ("aws-iso-b", "dms"),
    ("aws-iso-b", "logs"),
];

/// The suffix of the partition's domain names: `amazonaws.com`.
pub(super) fn dns_suffix(partition: &Piece, symbols: &mut Symbols) -> Piece {
    let known = |name: &str| find(name).map(|(_, suffix, _)| (*suffix).to_owned());
    follow(partition, "dns_suffix", "DNS suffix", symbols, known)
}

/// The prefix of the names of its services: `com.amazonaws`.
pub(super) fn reverse_dns_prefix(partition: &Piece, symbols: &mut Symbols) -> Piece {
    let known = |name: &str| find(name).map(|(_, _, prefix)| (*prefix).to_owned());
    follow(
        partition,
        "reverse_dns_prefix",
        "reverse DNS prefix",
        symbols,
        known,
    )
}

/// What the name of a service's principal ends in. Where the service is not known, neither is that, but in the partition `aws`.
pub(super) fn principal_suffix(
    service: Option<&str>,
    partition: &Piece,
    symbols: &mut Symbols,
) -> Piece {
    let usual = || Piece::from("amazonaws.com");
    let otherwise = |name: &str| {
        OTHERWISE
            .iter()
            .any(|(of, known)| *of == name && service.is_none_or(|service| service == *known))
    };
    match partition.known() {
        Some(name) if otherwise(name) && service.is_some() => dns_suffix(partition, symbols),
        Some(name) if !otherwise(name) => usual(),
        None if service.is_some_and(|it| OTHERWISE.iter().all(|(_, known)| *known != it)) => {
            usual()
        }
        _ => {
            let what = "suffix of a service principal";
            follow(partition, "principal_suffix", what, symbols, |_| None)
        }
    }
}

fn find(partition: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    PARTITIONS.iter().find(|(name, ..)| *name == partition)
}

/// A function of the partition. Of a partition that is not known it is a symbol, the same one for the same partition: an answer that hangs on
/// it is conditional.
fn follow(
    partition: &Piece,
    what: &str,
    words: &str,
    symbols: &mut Symbols,
    known: impl Fn(&str) -> Option<String>,
) -> Piece {
    let cause = match partition {
        Piece::Known(name) => match known(name) {
            Some(text) => return Piece::Known(text),
            None => None,
        },
        Piece::Secret(name) => match known(name) {
            Some(text) => return Piece::Secret(text),
            None => None,
        },
        Piece::Symbol(id) => Some(symbols.get(*id).clone()),
        Piece::Text(_) => None,
    };
    let symbol = match cause {
        Some(cause) => Symbol {
            key: format!("{what}:{}", cause.key),
            name: format!("{words} of {}", cause.name),
            shape: Shape::Name,
            ..cause
        },
        None => Symbol {
            key: format!("{what}:{}", partition.known().unwrap_or_default()),
            name: format!("{words} of the partition"),
            shape: Shape::Name,
            nature: Nature::Named,
            reason: "the partition is not one that is known here".to_owned(),
            supply: None,
        },
    };
    Piece::Symbol(symbols.intern(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(piece: &Piece) -> Option<&str> {
        piece.known()
    }

    #[test]
    fn service_principals_end_alike_but_for_a_few() {
        let mut symbols = Symbols::new();
        let mut suffix = |service, partition: Piece| {
            let piece = principal_suffix(service, &partition, &mut symbols);
            piece.known().map(str::to_owned)
        };
        let usual = Some("amazonaws.com".to_owned());
        assert_eq!(suffix(Some("cloudtrail"), "aws-cn".into()), usual);
        assert_eq!(suffix(Some("logs"), "aws".into()), usual);
        let china = Some("amazonaws.com.cn".to_owned());
        assert_eq!(suffix(Some("logs"), "aws-cn".into()), china);
        assert_eq!(suffix(None, "aws-us-gov".into()), usual);
        assert_eq!(suffix(None, "aws-cn".into()), None);
    }

    #[test]
    fn the_suffix_of_a_symbol_is_one_symbol() {
        let mut symbols = Symbols::new();
        let facts = crate::input::home::Facts::default();
        let home = facts.settle(0, "aws", 0, &mut symbols);
        let first = dns_suffix(&home.partition, &mut symbols);
        assert_eq!(known(&first), None);
        assert_eq!(first, dns_suffix(&home.partition, &mut symbols));
        assert_eq!(
            known(&dns_suffix(&"aws-cn".into(), &mut symbols)),
            Some("amazonaws.com.cn")
        );
        assert_eq!(
            known(&reverse_dns_prefix(&"aws-iso".into(), &mut symbols)),
            Some("gov.ic.c2s")
        );
    }
}
