//! Networks: addresses and prefixes of both kinds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::scope::Problem;
use crate::hcl::typed::Data;

/// `10.0.0.0/8`
#[derive(Clone, Copy)]
struct Prefix {
    /// The bits of the network, from the lowest.
    bits: u128,
    length: u32,
    /// 32 or 128.
    size: u32,
}

impl Prefix {
    fn parse(call: &Call, at: usize) -> Result<Self, Problem> {
        Prefix::read(&call.text(at)).ok_or_else(|| call.wrong_at(at, "invalid CIDR expression"))
    }

    fn read(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (bits, size) = address_bits(address)?;
        let length = length.parse().ok().filter(|length| *length <= size)?;
        let prefix = Prefix { bits, length, size };
        Some(Prefix {
            bits: bits & !prefix.hosts(),
            ..prefix
        })
    }

    /// The bits that tell hosts apart.
    fn hosts(self) -> u128 {
        let free = self.size - self.length;
        u128::MAX.checked_shr(128 - free).unwrap_or(0)
    }

    fn show(self) -> String {
        format!("{}/{}", address(self.bits, self.size), self.length)
    }
}

fn address_bits(text: &str) -> Option<(u128, u32)> {
    // Terraform reads octets with leading zeros as decimal.
    let octets: Option<Vec<u8>> = text.split('.').map(|it| it.parse().ok()).collect();
    if let Some([a, b, c, d]) = octets.as_deref() {
        return Some((u128::from(Ipv4Addr::new(*a, *b, *c, *d).to_bits()), 32));
    }
    match text.parse().ok()? {
        IpAddr::V4(it) => Some((u128::from(it.to_bits()), 32)),
        IpAddr::V6(it) => Some((it.to_bits(), 128)),
    }
}

fn address(bits: u128, size: u32) -> String {
    if size == 32 {
        return Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).to_string();
    }
    Ipv6Addr::from_bits(bits).to_string()
}

/// A whole number of up to 128 bits, and whether it is negative.
fn whole(call: &Call, at: usize) -> Result<(bool, u128), Problem> {
    let number = match &call.value(at)?.data {
        Data::Number(number) if number.is_whole() => number.to_string(),
        _ => return Err(call.wrong_at(at, "a whole number is required")),
    };
    let size = number.trim_start_matches('-').parse();
    let size = size.map_err(|_| call.wrong_at(at, "it is too large"))?;
    Ok((number.starts_with('-') && size > 0, size))
}

pub(super) fn cidrhost(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let prefix = Prefix::parse(call, 0)?;
    let (negative, number) = whole(call, 1)?;
    let hosts = prefix.hosts();
    let fits = if negative {
        number <= hosts.saturating_add(1)
    } else {
        number <= hosts
    };
    if !fits {
        let sign = if negative { "-" } else { "" };
        let message = format!(
            "prefix of {} does not accommodate a host numbered {sign}{number}",
            prefix.length
        );
        return Err(call.wrong(message));
    }
    let host = if negative {
        (hosts - (number - 1)) & hosts
    } else {
        number
    };
    Ok(call.string(address(prefix.bits | host, prefix.size)))
}

pub(super) fn cidrnetmask(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let prefix = Prefix::parse(call, 0)?;
    if prefix.size != 32 {
        return Err(call.wrong("IPv6 addresses cannot have a netmask"));
    }
    Ok(call.string(address(u128::from(u32::MAX) & !prefix.hosts(), 32)))
}

pub(super) fn cidrsubnet(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let prefix = Prefix::parse(call, 0)?;
    let ((_, more), (negative, number)) = (whole(call, 1)?, whole(call, 2)?);
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    let length = prefix.length.saturating_add(more);
    if length > prefix.size {
        let message = format!(
            "not enough remaining address space for a subnet with a prefix of {length} bits after {}",
            prefix.show()
        );
        return Err(call.wrong(message));
    }
    let most = u128::MAX.checked_shr(128 - more).unwrap_or(0);
    if negative || number > most {
        let message =
            format!("prefix extension of {more} does not accommodate a subnet numbered {number}");
        return Err(call.wrong(message));
    }
    let subnet = Prefix {
        bits: prefix.bits | number.checked_shl(prefix.size - length).unwrap_or(0),
        length,
        ..prefix
    };
    Ok(call.string(subnet.show()))
}

/// Networks one after the other, each starting where it may behind the one before.
pub(super) fn cidrsubnets(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let prefix = Prefix::parse(call, 0)?;
    let end = prefix.bits | prefix.hosts();
    let mut next = Some(prefix.bits);
    let mut subnets = Vec::new();
    for at in 1..call.values.len() {
        run.spend(1, &call.at)?;
        let (negative, more) = whole(call, at)?;
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let length = prefix.length.saturating_add(more);
        if negative || more == 0 || more > 32 || length > prefix.size {
            return Err(call.wrong_at(
                at,
                "must extend the prefix by 1 to 32 bits, and within its size",
            ));
        }
        let mut subnet = Prefix {
            bits: 0,
            length,
            ..prefix
        };
        let hosts = subnet.hosts();
        let start = next.and_then(|next| Some(next.checked_add(hosts)? & !hosts));
        let Some(start) = start.filter(|start| start | hosts <= end) else {
            let message = format!(
                "not enough remaining address space for a subnet with a prefix of {length} bits"
            );
            return Err(call.wrong_at(at, message));
        };
        subnet.bits = start;
        next = (subnet.bits | hosts).checked_add(1);
        subnets.push(subnet.show());
    }
    Ok(call.strings_list(subnets))
}

/// Whether a network holds an address or another network.
pub(super) fn cidrcontains(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let prefix = Prefix::parse(call, 0)?;
    let text = call.text(1);
    let (bits, length, size) = if let Some(inner) = Prefix::read(&text) {
        (inner.bits, inner.length, inner.size)
    } else {
        let found = address_bits(&text);
        let (bits, size) = found.ok_or_else(|| call.wrong_at(1, "invalid IP address or prefix"))?;
        (bits, size, size)
    };
    if size != prefix.size {
        return Err(call.wrong("address family mismatch"));
    }
    let inside = length >= prefix.length && bits & !prefix.hosts() == prefix.bits;
    Ok(call.bool(inside))
}
