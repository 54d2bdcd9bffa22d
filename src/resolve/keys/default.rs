//! The policy that AWS gives a key for which nobody sets one.

use super::Builder;
use crate::input::home::{Piece, text};
use crate::model::{Key, PolicyState};
use crate::policy::{self, Duplicates, PolicyKind};
use crate::resolve::Tables;
use crate::source::parse_json;
use crate::value::{Kind, Value};

/// The policy that AWS gives a key that is created without one (AWS KMS Developer Guide, Default key policy). `ACCOUNT` is put in.
const DEFAULT_POLICY: &str = r#"{
  "Id": "key-default-1",
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Enable IAM User Permissions",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:PARTITION:iam::ACCOUNT:root"
      },
      "Action": "kms:*",
      "Resource": "*"
    }
  ]
}"#;

impl Builder<'_, '_> {
    pub(super) fn read_default(&self, key: &mut Key, tables: &mut Tables<'_>) {
        key.state = PolicyState::Default;
        let show = |piece: &Piece| match piece {
            Piece::Known(text) | Piece::Secret(text) => text.clone(),
            Piece::Symbol(symbol) => format!("${{{}}}", tables.symbols.get(*symbol).name),
            Piece::Text(text) => text.show(tables.symbols),
        };
        let (partition, account) = (show(&self.scope.partition), show(&self.scope.account));
        let text = DEFAULT_POLICY
            .replace("PARTITION", &partition)
            .replace("ACCOUNT", &account);
        let Ok(file) = tables
            .sources
            .add_part("AWS", "default key policy", text, false)
        else {
            return;
        };
        let Ok(node) = parse_json(tables.sources, file) else {
            return;
        };
        let mut value = Value::from_json(&node);
        self.put_account(&mut value);
        let (policy, _) = policy::parse(&value, PolicyKind::Key, Duplicates::Last);
        key.policy = Some(policy);
    }

    /// Puts symbols where the text of the default policy shows their names.
    pub(super) fn put_account(&self, value: &mut Value) {
        match &mut value.kind {
            Kind::List(list) => list
                .items
                .iter_mut()
                .for_each(|item| self.put_account(&mut item.value)),
            Kind::Object(object) => {
                for member in &mut object.members {
                    if member.key == "AWS" {
                        let pieces = [
                            "arn:".into(),
                            self.scope.partition.clone(),
                            ":iam::".into(),
                            self.scope.account.clone(),
                            ":root".into(),
                        ];
                        member.value.kind = Kind::Text(text(&pieces, &member.value.origin));
                    } else {
                        self.put_account(&mut member.value);
                    }
                }
            }
            _ => {}
        }
    }
}
