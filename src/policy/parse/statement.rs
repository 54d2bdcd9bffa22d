//! A statement: its elements, and which of them must and must not stand together.

use super::uncertain::is_contested;
use super::{Reader, known};
use crate::policy::element::{Body, Texts};
use crate::policy::variables::Syntax;
use crate::policy::{Effect, IssueKind, Policy, PolicyKind, Statement};
use crate::source::Origin;
use crate::value::{Kind, Member, Object, PartKind, Presence, Value};

/// The elements of a statement (IAM User Guide, IAM JSON policy elements reference).
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Elements of which one counts.
const FAMILIES: [&[&str]; 4] = [
    &["Effect"],
    &["Principal", "NotPrincipal"],
    &["Action", "NotAction"],
    &["Resource", "NotResource"],
];

impl Reader {
    pub(super) fn statement(
        &mut self,
        object: &Object,
        presence: Presence,
        origin: &Origin,
        policy: &mut Policy,
    ) {
        self.statement = Some(policy.statements.len());
        let mut statement = Statement {
            sid: None,
            effect: None,
            presence,
            origin: origin.clone(),
            effect_at: origin.clone(),
            body: Body::default(),
        };
        let members = self.members(object);
        if let Some(effect) = members.iter().find(|member| member.key == "Effect") {
            statement.effect_at = effect.value.origin.clone();
        }
        for member in &members {
            self.element(member, &mut statement);
            if member.presence != Presence::Present
                && !matches!(member.key.as_str(), "Condition" | "Sid")
            {
                self.doubt_presence(&member.key, &member.key_origin);
            }
        }
        for family in FAMILIES {
            if is_contested(&members, |key| family.contains(&key)) {
                statement.leave_open(family);
            }
        }
        if let Some(open) = &object.open {
            let reason = "the statement has unknown elements".to_owned();
            self.doubt = Some((reason, open.origin.clone()));
            statement.fill_open();
        } else {
            self.check_presence(&members, &mut statement);
        }
        statement.body.doubt = self.doubt.take();
        policy.statements.push(statement);
        self.statement = None;
    }

    /// Nothing sure can be said of the statement, as nobody knows whether something of it is there.
    pub(super) fn doubt_presence(&mut self, what: &str, at: &Origin) {
        let reason = format!("whether `{what}` is there is not known");
        self.doubt = Some((reason, at.clone()));
    }

    /// The presence of what is in something else. There is one symbol for it: two are a doubt.
    pub(super) fn both(&mut self, outer: Presence, inner: Presence, at: &Origin) -> Presence {
        match (outer, inner) {
            (Presence::Present, inner) => inner,
            (outer, Presence::Present) => outer,
            (outer, _) => {
                let reason = "whether it is there is not known".to_owned();
                self.doubt = Some((reason, at.clone()));
                outer
            }
        }
    }

    /// Which elements must and must not stand together.
    pub(super) fn check_presence(&mut self, members: &[&Member], statement: &mut Statement) {
        let has = |key: &str| members.iter().any(|member| member.key == key);
        let surely = |key: &str| {
            let mut found = members.iter();
            found.any(|it| it.key == key && it.presence == Presence::Present)
        };
        // A whole statement is too much to point at.
        let origin = statement.effect_at.clone();
        if !has("Effect") {
            self.reject("the statement has no `Effect`", &origin);
        }
        for (one, other) in [
            ("Principal", "NotPrincipal"),
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
        ] {
            if surely(one) && surely(other) {
                self.reject(
                    format!("the statement has both `{one}` and `{other}`"),
                    &origin,
                );
            }
        }
        let named = has("Principal") || has("NotPrincipal");
        let surely_named = surely("Principal") || surely("NotPrincipal");
        if self.kind == PolicyKind::Identity && surely_named {
            self.reject("an identity-based policy names no principal", &origin);
        }
        if self.kind != PolicyKind::Identity && !named {
            self.reject("the statement has no `Principal`", &origin);
        }
        if surely("NotPrincipal") && statement.effect == Some(Effect::Allow) {
            self.reject("`NotPrincipal` cannot stand with `Effect` `Allow`", &origin);
        }
        let needed: &[(&str, &str)] = match self.kind {
            PolicyKind::Trust => &[("Action", "NotAction")],
            _ => &[("Action", "NotAction"), ("Resource", "NotResource")],
        };
        for (one, other) in needed {
            if has(one) || has(other) {
                continue;
            }
            statement.body.dead = true;
            if self.kind == PolicyKind::Key {
                self.issue(
                    IssueKind::NoEffect,
                    format!("the statement has no `{one}`, so that it has no effect"),
                    Some("KMS accepts the statement and ignores it"),
                    &origin,
                );
            } else {
                self.reject(format!("the statement has no `{one}`"), &origin);
            }
        }
    }

    pub(super) fn element(&mut self, member: &Member, statement: &mut Statement) {
        let value = &member.value;
        let body = &mut statement.body;
        match member.key.as_str() {
            "Sid" => {
                self.text_only("Sid", value);
                if let Kind::Text(text) = &value.kind {
                    statement.sid = Some(text.clone());
                }
            }
            "Effect" => self.effect(value, statement),
            "Principal" | "NotPrincipal" => {
                body.principals = Some(self.principals(value, member.key == "NotPrincipal"));
            }
            "Action" | "NotAction" => {
                body.action = Some(Texts {
                    negated: member.key == "NotAction",
                    values: self.values(&member.key, value, Syntax::ACTION),
                });
            }
            "Resource" | "NotResource" => {
                body.resource = Some(Texts {
                    negated: member.key == "NotResource",
                    values: self.values(&member.key, value, Syntax::resource(self.variables)),
                });
            }
            "Condition" => self.condition_block(value, member.presence, body),
            other => self.reject_name(
                other,
                "an element of a statement",
                ELEMENTS.iter().copied(),
                &member.key_origin,
            ),
        }
    }

    pub(super) fn effect(&mut self, value: &Value, statement: &mut Statement) {
        match (&value.kind, known(value).as_deref()) {
            (_, Some("Allow")) => statement.effect = Some(Effect::Allow),
            (_, Some("Deny")) => statement.effect = Some(Effect::Deny),
            (Kind::Unknown(symbol), _) => statement.body.effect = Some(*symbol),
            (Kind::Text(text), None) => match text.parts() {
                [part] if let PartKind::Symbol(symbol) = part.kind => {
                    statement.body.effect = Some(symbol);
                }
                _ => {
                    let reason = "the effect is not known".to_owned();
                    self.doubt = Some((reason, value.origin.clone()));
                }
            },
            (_, Some(other)) => self.reject_name(
                other,
                "an effect: it is neither `Allow` nor `Deny`",
                ["Allow", "Deny"].into_iter(),
                &value.origin,
            ),
            _ => self.reject("`Effect` is neither `Allow` nor `Deny`", &value.origin),
        }
    }
}
