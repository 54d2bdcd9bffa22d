//! Mutations of configurations, expressions and policies, word by word.

/// A mutated text is cut at this many bytes.
const LARGEST: usize = 128 << 10;

/// A numbers generator with a seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A number below `end`, which may be 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap() % end.max(1)
    }
}

/// What a mutation puts in.
pub const WORDS: &[&str] = &[
    "${",
    "%{",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "...",
    "[*]",
    ".*",
    "=>",
    "==",
    "!",
    "-",
    "?",
    ":",
    "~",
    "for x in ",
    "for k, v in ",
    "if ",
    "%{ if true }",
    "%{ for x in [1, 2] }",
    "%{ endfor }",
    "%{ endif }",
    "%{ else }",
    "null",
    "true",
    "1e999999",
    "0x",
    "-0",
    "9223372036854775808",
    "1.5",
    "each.key",
    "each.value",
    "count.index",
    "count = ",
    "for_each = ",
    "self",
    "path.module",
    "var.",
    "local.",
    "data.",
    "module.",
    "dynamic \"statement\" {",
    "content {",
    "}\n",
    "resource \"aws_kms_key\" \"k\" {\n",
    "jsonencode(",
    "jsondecode(",
    "templatefile(\"main.tf\", {})",
    "file(\"main.tf\")",
    "try(",
    "can(",
    "concat(",
    "merge(",
    "flatten(",
    "setproduct(",
    "range(1000)",
    "format(\"%s\", ",
    "replace(",
    "regex(",
    "yamldecode(",
    "split(",
    "toset(",
    "element(",
    "lookup(",
    "aws_kms_key.trail.arn",
    "aws_s3_bucket.logs.id",
    "data.aws_caller_identity.me.account_id",
    "#",
    "//",
    "/*",
    "*/",
    "\\",
    "\\u0000",
    "\\\"",
    "\u{0}",
    "\u{feff}",
    "\u{1f600}",
    "é",
    "\r\n",
    "\t",
    "source = \"./\"",
    "provider = aws.x",
    "lifecycle {\n",
    "moved {\n",
    "import {\n",
];

/// Where the words of a text begin and end.
fn words(bytes: &[u8]) -> Vec<(usize, usize)> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        while is_word(bytes[start]) && at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        if !bytes[start].is_ascii_whitespace() {
            found.push((start, at));
        }
    }
    found
}

/// A stretch of a text, from word to word.
fn stretch(bytes: &[u8], random: &mut Random, most: usize) -> (usize, usize) {
    let words = words(bytes);
    if words.is_empty() {
        return (0, bytes.len());
    }
    let first = random.below(words.len());
    let last = (first + random.below(most)).min(words.len() - 1);
    (words[first].0, words[last].1)
}

pub fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let insert = |bytes: &mut Vec<u8>, at: usize, what: &[u8]| {
        bytes.splice(at..at, what.iter().copied());
    };
    match random.below(11) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 => {
            let (start, end) = stretch(bytes, random, 8);
            bytes.drain(start..end);
        }
        2 | 3 => {
            let word = WORDS[random.below(WORDS.len())];
            let (start, end) = stretch(bytes, random, 1);
            let at = if random.below(2) == 0 { start } else { end };
            insert(bytes, at, word.as_bytes());
        }
        4 => {
            let (start, end) = stretch(bytes, random, 20);
            let copy = bytes[start..end].to_vec();
            insert(bytes, end, &copy);
        }
        5 | 6 => {
            let other = &others[random.below(others.len())];
            let (start, end) = stretch(other, random, 40);
            let (from, to) = stretch(bytes, random, 10);
            bytes.splice(from..to, other[start..end].iter().copied());
        }
        7 => {
            let pairs = [
                ("(", ")"),
                ("[", "]"),
                ("{ a = ", " }"),
                ("\"${", "}\""),
                ("[for x in ", " : x]"),
                ("jsonencode(", ")"),
                ("!", ""),
                ("a {\n", "\n}\n"),
                ("true ? ", " : 1"),
                ("%{ if true }", "%{ endif }"),
            ];
            let (open, close) = pairs[random.below(pairs.len())];
            let most = [3, 40, 2_000][random.below(3)];
            let deep = 1 + random.below(most);
            let (start, end) = stretch(bytes, random, 12);
            insert(bytes, end, close.repeat(deep).as_bytes());
            insert(bytes, start, open.repeat(deep).as_bytes());
        }
        8 => {
            let (start, end) = stretch(bytes, random, 12);
            let most = [3, 50, 5_000][random.below(3)];
            let often = 1 + random.below(most);
            let copy = bytes[start..end].repeat(often.min(1 + LARGEST / (end - start).max(1)));
            insert(bytes, end, &copy);
        }
        9 => {
            // One word in the place of another.
            let (start, end) = stretch(bytes, random, 1);
            let other = &others[random.below(others.len())];
            let (from, to) = stretch(other, random, 1);
            bytes.splice(start..end, other[from..to].iter().copied());
        }
        _ => {
            let number =
                ["0", "-1", "1e9", "100000", "1000000000000000000000", "0.1"][random.below(6)];
            let digits: Vec<_> = words(bytes)
                .into_iter()
                .filter(|(start, _)| bytes[*start].is_ascii_digit())
                .collect();
            if let Some((start, end)) = digits.get(random.below(digits.len())).copied() {
                bytes.splice(start..end, number.bytes());
            }
        }
    }
    bytes.truncate(LARGEST);
}

pub fn mutated(bytes: &[u8], others: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(5) {
        mutate(&mut bytes, others, random);
    }
    bytes
}
