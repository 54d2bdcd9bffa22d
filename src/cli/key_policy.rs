//! `--key-policy ARN=FILE`: the policies of keys that no input holds.

use std::path::PathBuf;

use super::world::World;
use super::{name_of, policy, value};
use crate::error::Error;
use crate::resolve::KeyPolicy;
use crate::source::{Origin, SourceMap};
use crate::value::Value;

/// The flag's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PolicyFile {
    /// The key.
    pub(super) arn: String,
    /// The file that holds its policy.
    pub(super) path: PathBuf,
}

/// `ARN=FILE`
pub(super) fn parse(text: &str) -> Result<PolicyFile, String> {
    let Some((arn, path)) = text.split_once('=') else {
        return Err("the policy of a key is given as ARN=FILE".to_owned());
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "kms", region, account, resource] = parts.as_slice() else {
        return Err(NO_KEY.to_owned());
    };
    value::account(account)?;
    let id = resource.strip_prefix("key/").unwrap_or_default();
    if !partition.starts_with("aws") || region.is_empty() || id.is_empty() || arn.contains('*') {
        return Err(NO_KEY.to_owned());
    }
    if path.is_empty() {
        return Err("no file after `=`".to_owned());
    }
    Ok(PolicyFile {
        arn: arn.to_owned(),
        path: PathBuf::from(path),
    })
}

const NO_KEY: &str = "a key is named by its ARN, `arn:aws:kms:us-east-1:111122223333:key/ID`";

/// Reads the files.
pub(super) fn load(
    files: &[PolicyFile],
    sources: &mut SourceMap,
    world: &mut World,
) -> Result<Vec<KeyPolicy>, Error> {
    let mut policies: Vec<KeyPolicy> = Vec::new();
    for PolicyFile { arn, path } in files {
        if policies.iter().any(|it| it.arn == *arn) {
            let message = format!("`--key-policy` gives the policy of `{arn}` twice");
            return Err(Error::new(name_of(path), message));
        }
        let (file, _) = policy::load(path, sources, world)?;
        let text = sources.text(file);
        policies.push(KeyPolicy {
            arn: arn.clone(),
            policy: Value::text(&*text, Origin::new(sources.whole(file))),
        });
    }
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_arn() {
        let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let file = parse(&format!("{arn}=policies/a=b.json")).unwrap();
        assert_eq!(file.arn, arn);
        assert_eq!(file.path, PathBuf::from("policies/a=b.json"));
        for bad in [
            "policy.json",
            "1234abcd-12ab-34cd-56ef-1234567890ab=policy.json",
            "arn:aws:kms:us-east-1:111122223333:alias/trail=policy.json",
            "arn:aws:kms:us-east-1:11112222333:key/1234=policy.json",
            "arn:aws:kms:us-east-1:111122223333:key/1234=",
            "arn:aws:s3:::logs=policy.json",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
