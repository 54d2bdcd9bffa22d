//! The references that a plan's configuration lists: `module.kms["a"].arn`, `aws_kms_key.k`, `each.value.arn`.

use super::scan::Scan;
use super::{Address, Key, Step};

/// A reference of an expression, as far as a plan shows it.
///
/// Terraform 0.12 to 0.15 list `aws_kms_key.k` alone where later versions list `aws_kms_key.k[0].arn`, `aws_kms_key.k[0]` and
/// `aws_kms_key.k`; a splat or a computed index always loses the attribute. No attribute may be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `aws_kms_key.k[0].arn`, `data.aws_region.here.name`
    Resource {
        /// True for a data source.
        data: bool,
        /// The type.
        kind: String,
        /// The name.
        name: String,
        /// The instance key.
        key: Option<Key>,
        /// What is taken of it.
        path: Vec<Segment>,
    },
    /// `module.kms["a"].key_arn`
    Module {
        /// The name of the call.
        name: String,
        /// The instance key.
        key: Option<Key>,
        /// The output.
        output: Option<String>,
        /// What is taken of the output.
        path: Vec<Segment>,
    },
    /// `var.trail.kms`
    Variable {
        /// The variable.
        name: String,
        /// What is taken of it.
        path: Vec<Segment>,
    },
    /// `local.keys.trail`; a plan holds no definition of it
    Local {
        /// The local value.
        name: String,
        /// What is taken of it.
        path: Vec<Segment>,
    },
    /// `each.key`, `each.value.arn`
    Each {
        /// True for `each.key`.
        key: bool,
        /// What is taken of it.
        path: Vec<Segment>,
    },
    /// Anything else: `path.module`, `count.index`, `terraform.workspace`, `self.arn`, and whatever cannot be read.
    Other,
}

/// A step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// `.arn`
    Name(String),
    /// `[0]`, `["arn"]`
    Key(Key),
}

impl Segment {
    /// The attribute that the step takes; `["arn"]` takes the same one as `.arn`.
    pub fn name(&self) -> Option<&str> {
        match self {
            Segment::Name(name) | Segment::Key(Key::Name(name)) => Some(name),
            Segment::Key(Key::Index(_) | Key::Unknown) => None,
        }
    }
}

impl Reference {
    /// Reads one reference; what is not understood is [`Reference::Other`].
    pub fn parse(text: &str) -> Self {
        read(&mut Scan { rest: text }).unwrap_or(Reference::Other)
    }

    /// The first attribute that is taken of a resource, variable, local or `each`, or the output of a module.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Reference::Module { output, .. } => output.as_deref(),
            Reference::Resource { path, .. }
            | Reference::Variable { path, .. }
            | Reference::Local { path, .. }
            | Reference::Each { path, .. } => path.first().and_then(Segment::name),
            Reference::Other => None,
        }
    }

    /// The address of the resource that is referred to from inside `module`.
    pub fn address(&self, module: &[Step]) -> Option<Address> {
        match self {
            Reference::Resource {
                data,
                kind,
                name,
                key,
                ..
            } => Some(Address {
                module: module.to_vec(),
                data: *data,
                kind: kind.clone(),
                name: name.clone(),
                key: key.clone(),
            }),
            _ => None,
        }
    }
}

fn read(scan: &mut Scan<'_>) -> Option<Reference> {
    let reference = match scan.name()? {
        "module" => {
            let name = scan.dot_name()?.to_owned();
            let key = scan.key()?;
            let output = if scan.rest.is_empty() {
                None
            } else {
                Some(scan.dot_name()?.to_owned())
            };
            Reference::Module {
                name,
                key,
                output,
                path: path(scan)?,
            }
        }
        "var" => Reference::Variable {
            name: scan.dot_name()?.to_owned(),
            path: path(scan)?,
        },
        "local" => Reference::Local {
            name: scan.dot_name()?.to_owned(),
            path: path(scan)?,
        },
        "each" => Reference::Each {
            key: match scan.dot_name()? {
                "key" => true,
                "value" => false,
                _ => return None,
            },
            path: path(scan)?,
        },
        "path" | "count" | "terraform" | "tofu" | "self" | "ephemeral" => return None,
        "data" => resource(true, scan.dot_name()?, scan)?,
        "resource" => resource(false, scan.dot_name()?, scan)?,
        kind => resource(false, kind, scan)?,
    };
    Some(reference)
}

fn resource(data: bool, kind: &str, scan: &mut Scan<'_>) -> Option<Reference> {
    Some(Reference::Resource {
        data,
        kind: kind.to_owned(),
        name: scan.dot_name()?.to_owned(),
        key: scan.key()?,
        path: path(scan)?,
    })
}

fn path(scan: &mut Scan<'_>) -> Option<Vec<Segment>> {
    let mut path = Vec::new();
    while !scan.rest.is_empty() {
        path.push(match scan.key()? {
            Some(key) => Segment::Key(key),
            None => Segment::Name(scan.dot_name()?.to_owned()),
        });
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &[&str]) -> Vec<Segment> {
        path.iter()
            .map(|name| Segment::Name((*name).to_owned()))
            .collect()
    }

    #[test]
    fn resources_with_and_without_keys_and_attributes() {
        let key = |key, path: &[&str]| Reference::Resource {
            data: false,
            kind: "aws_kms_key".to_owned(),
            name: "k".to_owned(),
            key,
            path: names(path),
        };
        assert_eq!(Reference::parse("aws_kms_key.k"), key(None, &[]));
        assert_eq!(
            Reference::parse("aws_kms_key.k[0].arn"),
            key(Some(Key::Index(0)), &["arn"])
        );
        assert_eq!(
            Reference::parse(r#"aws_kms_key.k["a.b\"]"].arn"#),
            key(Some(Key::Name("a.b\"]".to_owned())), &["arn"])
        );
        let data = Reference::parse("data.aws_iam_policy_document.p.json");
        assert_eq!(data.attribute(), Some("json"));
        assert_eq!(
            data.address(&[]).map(|it| it.to_string()).as_deref(),
            Some("data.aws_iam_policy_document.p")
        );
    }

    #[test]
    fn modules_variables_and_each() {
        assert_eq!(
            Reference::parse(r#"module.kms["a"].arns["x"]"#),
            Reference::Module {
                name: "kms".to_owned(),
                key: Some(Key::Name("a".to_owned())),
                output: Some("arns".to_owned()),
                path: vec![Segment::Key(Key::Name("x".to_owned()))],
            }
        );
        assert_eq!(Reference::parse("module.kms").attribute(), None);
        assert_eq!(
            Reference::parse("var.a.b"),
            Reference::Variable {
                name: "a".to_owned(),
                path: names(&["b"]),
            }
        );
        assert_eq!(
            Reference::parse("local.x[\"arn\"]").attribute(),
            Some("arn")
        );
        assert_eq!(
            Reference::parse("each.value.arn"),
            Reference::Each {
                key: false,
                path: names(&["arn"]),
            }
        );
    }

    #[test]
    fn what_is_not_understood_is_other() {
        for text in [
            "",
            "path.module",
            "count.index",
            "aws_kms_key",
            "aws_kms_key.k[",
            "aws_kms_key.k[*].arn",
            "each.other",
            "module.",
            "\u{202e}.x",
        ] {
            assert_eq!(Reference::parse(text), Reference::Other, "{text}");
        }
    }
}
