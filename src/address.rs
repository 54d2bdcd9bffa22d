//! Terraform addresses: `module.kms["a.b"].aws_kms_key.trail[0]`.
//!
//! Instance keys may hold dots, brackets and quotes, so an address is parsed, never split at its dots.

mod reference;
mod scan;

use std::fmt;

pub use reference::{Reference, Segment};
pub(crate) use scan::{push_escaped, push_printable, quote};

/// An absolute address of a resource instance, or of a resource where `key` is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The module instances from the root inwards.
    pub module: Vec<Step>,
    /// True for a data source.
    pub data: bool,
    /// The type, `aws_kms_key`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The instance key.
    pub key: Option<Key>,
}

/// One module of a module path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The name of the call.
    pub name: String,
    /// The instance key.
    pub key: Option<Key>,
}

/// The key of an instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Of `count`.
    Index(u64),
    /// Of `for_each`.
    Name(String),
    /// Of a `count` or `for_each` that is not known: it stands for every instance there may be, and prints as `[?]`.
    Unknown,
}

impl Address {
    /// Reads an absolute address as Terraform prints it; none where it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut scan = scan::Scan { rest: text };
        let mut module = Vec::new();
        let mut word = scan.name()?;
        while word == "module" {
            module.push(step(&mut scan)?);
            word = scan.dot_name()?;
        }
        let data = word == "data";
        let kind = if data { scan.dot_name()? } else { word };
        let address = Address {
            module,
            data,
            kind: kind.to_owned(),
            name: scan.dot_name()?.to_owned(),
            key: scan.key()?,
        };
        scan.rest.is_empty().then_some(address)
    }

    /// The same block in the configuration: without any instance key.
    #[must_use]
    pub fn configuration(&self) -> Self {
        let module = self.module.iter().map(|step| Step {
            name: step.name.clone(),
            key: None,
        });
        Address {
            module: module.collect(),
            data: self.data,
            kind: self.kind.clone(),
            name: self.name.clone(),
            key: None,
        }
    }

    /// The path of the module instance, `module.a["x"].module.b`; empty for the root.
    pub fn module_path(&self) -> String {
        module_path(&self.module)
    }

    /// The address inside its module: `data.aws_kms_key.k[0]`.
    pub fn resource(&self) -> String {
        let mut out = self.block();
        out.extend(self.key.as_ref().map(ToString::to_string));
        out
    }

    /// The address inside its module, without the instance key: `data.aws_kms_key.k`.
    pub fn block(&self) -> String {
        let data = if self.data { "data." } else { "" };
        format!("{data}{}.{}", self.kind, self.name)
    }
}

/// Reads the path of a module instance (`module.a["x"].module.b`); the empty text is the root.
pub fn parse_module_path(text: &str) -> Option<Vec<Step>> {
    let mut module = Vec::new();
    if text.is_empty() {
        return Some(module);
    }
    let mut scan = scan::Scan { rest: text };
    let mut word = scan.name()?;
    loop {
        if word != "module" {
            return None;
        }
        module.push(step(&mut scan)?);
        if scan.rest.is_empty() {
            return Some(module);
        }
        word = scan.dot_name()?;
    }
}

/// The text of a module path, `module.a["x"].module.b`; empty for the root.
pub fn module_path(module: &[Step]) -> String {
    let steps: Vec<String> = module.iter().map(ToString::to_string).collect();
    steps.join(".")
}

fn step(scan: &mut scan::Scan<'_>) -> Option<Step> {
    Some(Step {
        name: scan.dot_name()?.to_owned(),
        key: scan.key()?,
    })
}

impl fmt::Display for Address {
    /// As Terraform prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.module {
            write!(f, "{step}.")?;
        }
        f.write_str(&self.resource())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        self.key.iter().try_for_each(|key| key.fmt(f))
    }
}

impl fmt::Display for Key {
    /// In brackets, as Terraform prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) => write!(f, "[{}]", quote(name)),
            Key::Unknown => f.write_str("[?]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_print_as_they_were_read() {
        for text in [
            "aws_kms_key.k",
            "data.aws_kms_key.k[0]",
            r#"module.a["x.y"].module.b[3].aws_kms_key.trail["a]\"b\\ $${c} %%{d} $e é\u202e\n"]"#,
            "module.data.data.aws_region.module",
            r#"aws_kms_key.k[""]"#,
            "module.a[?].aws_kms_key.k[?]",
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn parts_of_an_address() {
        let address = Address::parse(r#"module.a["x"].data.aws_kms_key.k["y"]"#).unwrap();
        assert_eq!(
            address.configuration().to_string(),
            "module.a.data.aws_kms_key.k"
        );
        assert_eq!(address.module_path(), r#"module.a["x"]"#);
        assert_eq!(address.resource(), r#"data.aws_kms_key.k["y"]"#);
        assert_eq!(address.block(), "data.aws_kms_key.k");
        assert_eq!(
            parse_module_path(&address.module_path()),
            Some(address.module)
        );
        assert_eq!(parse_module_path("module.a.b"), None);
    }

    #[test]
    fn what_is_malformed_is_no_address() {
        for text in [
            "",
            "aws_kms_key",
            "aws_kms_key.",
            "aws_kms_key.k.arn",
            "aws_kms_key.k[+1]",
            "aws_kms_key.k[99999999999999999999]",
            r#"aws_kms_key.k["a]"#,
            r#"aws_kms_key.k["\q"]"#,
            "module.a",
            "aws_kms_key.k\u{1b}[31m",
            "aws_kms_key.k ",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_key_survives_printing(key in any::<String>(), index in any::<u64>()) {
            let address = Address {
                module: vec![Step { name: "m".to_owned(), key: Some(Key::Index(index)) }],
                data: false,
                kind: "aws_kms_key".to_owned(),
                name: "k".to_owned(),
                key: Some(Key::Name(key)),
            };
            let text = address.to_string();
            prop_assert!(!text.contains(char::is_control));
            prop_assert_eq!(Address::parse(&text), Some(address));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = Address::parse(&text);
            let _ = Reference::parse(&text);
        }
    }
}
