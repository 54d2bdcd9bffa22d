//! Mutations that keep what libFuzzer's own would break: JSON stays JSON, and words stay words.

use serde_json::{Map, Value, json};

use crate::support::mutate::{Random, mutate};

/// What stands in policies, plans and requests, beside what an input has itself.
const WORDS: &[&str] = &[
    "*",
    "?",
    "a*b",
    "",
    "true",
    "false",
    "Allow",
    "Deny",
    "AWS",
    "Service",
    "CanonicalUser",
    "Federated",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
    "Effect",
    "Sid",
    "Version",
    "Statement",
    "2012-10-17",
    "2008-10-17",
    "kms:*",
    "kms:Decrypt",
    "kms:GenerateDataKey*",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:D?crypt",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "111122223333",
    "444455556666",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/R",
    "arn:aws:sts::111122223333:assumed-role/R/s",
    "arn:*:*:*:*:*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalTag/team",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:username",
    "aws:userid",
    "kms:CallerAccount",
    "kms:ViaService",
    "kms:EncryptionContextKeys",
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "kms:EncryptionContext:aws:s3:arn",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalOrgPaths",
    "${aws:username}",
    "${aws:PrincipalTag/team, 'x'}",
    "${*}",
    "${$}",
    "${",
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "ArnLike",
    "ArnEquals",
    "ArnNotLike",
    "Null",
    "Bool",
    "BoolIfExists",
    "IpAddress",
    "NotIpAddress",
    "DateLessThan",
    "DateGreaterThanEquals",
    "NumericLessThan",
    "NumericEquals",
    "BinaryEquals",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringNotEquals",
    "ForAllValues:ArnLikeIfExists",
    "10.0.0.0/8",
    "2001:db8::/32",
    "2026-01-01T00:00:00Z",
    "1e3",
    "-0.5",
    "QUJD",
    "unknown",
    "maybe_absent",
    "symbol",
    "open",
    "values",
    "account",
    "create",
    "delete",
    "update",
    "no-op",
    "read",
    "forget",
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_kms_alias",
    "aws_cloudtrail",
    "aws_kms_key.trail",
    "aws_cloudtrail.main",
    "after",
    "before",
    "after_unknown",
    "after_sensitive",
    "replace_paths",
    "module.a[\"x\"].aws_kms_key.trail[0]",
    "\u{202e}",
    "\u{1b}[31m",
    "é",
    "::error::",
    "</script>",
];

/// Mutates the JSON behind the first `head` bytes as a tree, or the bytes as libFuzzer does.
pub fn json(
    data: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    head: usize,
    plain: impl Fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    random.next();
    let choice = random.below(8);
    if choice == 0 {
        return plain(data, size, most);
    }
    if choice < 3 && head > 0 && size >= head {
        return if choice == 1 {
            plain(data, size, most)
        } else {
            data[random.below(head)] = u8::try_from(random.below(256)).unwrap_or_default();
            size
        };
    }
    let tree = data
        .get(head..size)
        .and_then(|text| serde_json::from_slice::<Value>(text).ok());
    let Some(mut tree) = tree else {
        return plain(data, size, most);
    };
    for _ in 0..=random.below(3) {
        grow(&mut tree, &mut random);
    }
    let text = tree.to_string();
    if head + text.len() > most {
        return plain(data, size, most);
    }
    data[head..head + text.len()].copy_from_slice(text.as_bytes());
    head + text.len()
}

/// Mutates text word by word, or as libFuzzer does.
pub fn words(
    data: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    plain: impl Fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    random.next();
    if size == 0 || random.below(3) == 0 {
        return plain(data, size, most);
    }
    let mut bytes = data[..size].to_vec();
    let own = [bytes.clone()];
    for _ in 0..=random.below(3) {
        mutate(&mut bytes, &own, &mut random);
    }
    let size = bytes.len().min(most);
    data[..size].copy_from_slice(&bytes[..size]);
    size
}

/// The pointers to all nodes.
fn nodes(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                nodes(item, &format!("{at}/{index}"), out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                nodes(member, &format!("{at}/{key}"), out);
            }
        }
        _ => {}
    }
}

fn grow(tree: &mut Value, random: &mut Random) {
    let mut all = Vec::new();
    nodes(tree, "", &mut all);
    let other = tree
        .pointer(&all[random.below(all.len())])
        .cloned()
        .unwrap_or_default();
    let strings: Vec<String> = all
        .iter()
        .filter_map(|at| tree.pointer(at)?.as_str().map(str::to_owned))
        .collect();
    let word = |random: &mut Random| {
        if random.below(3) == 0 && !strings.is_empty() {
            strings[random.below(strings.len())].clone()
        } else {
            WORDS[random.below(WORDS.len())].to_owned()
        }
    };
    // What is deep is more often of interest than the root.
    let Some(node) = tree.pointer_mut(&all[random.below(all.len())]) else {
        return;
    };
    match random.below(9) {
        0 => *node = other,
        1 => *node = json!(word(random)),
        2 => {
            *node = [
                json!(null),
                json!(true),
                json!(false),
                json!(0),
                json!(-1.5),
                json!([]),
                json!({}),
                json!(""),
            ][random.below(8)]
            .clone()
        }
        3 => *node = json!([node.take()]),
        4 => *node = json!([node.take(), word(random)]),
        _ => match node {
            Value::String(text) => {
                let word = word(random);
                let cuts: Vec<usize> = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([text.len()])
                    .collect();
                let (one, two) = (
                    cuts[random.below(cuts.len())],
                    cuts[random.below(cuts.len())],
                );
                match random.below(3) {
                    0 => text.insert_str(one, &word),
                    1 => text.replace_range(one.min(two)..one.max(two), ""),
                    _ => text.replace_range(one.min(two)..one.max(two), &word),
                }
            }
            Value::Array(items) => {
                let at = random.below(items.len() + 1);
                match random.below(4) {
                    0 if at < items.len() => drop(items.remove(at)),
                    1 if at < items.len() => {
                        let copy = items[at].clone();
                        items.push(copy);
                    }
                    2 => items.reverse(),
                    _ => items.insert(
                        at,
                        if random.below(2) == 0 {
                            other
                        } else {
                            json!(word(random))
                        },
                    ),
                }
            }
            Value::Object(members) => member(members, other, random, word),
            Value::Number(_) | Value::Bool(_) | Value::Null => *node = other,
        },
    }
}

fn member(
    members: &mut Map<String, Value>,
    other: Value,
    random: &mut Random,
    mut word: impl FnMut(&mut Random) -> String,
) {
    let keys: Vec<String> = members.keys().cloned().collect();
    let Some(key) = keys.get(random.below(keys.len())) else {
        members.insert(word(random), other);
        return;
    };
    match random.below(4) {
        0 => drop(members.remove(key)),
        1 => {
            let value = members.remove(key).unwrap_or_default();
            members.insert(word(random), value);
        }
        2 => drop(members.insert(key.to_ascii_uppercase(), other)),
        _ => drop(members.insert(
            word(random),
            if random.below(2) == 0 {
                other
            } else {
                json!(word(random))
            },
        )),
    }
}
