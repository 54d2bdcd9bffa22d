//! Fills the request table in: from cells to the context of one request.

use super::lockout;
use super::reader::Reader;
use super::{Tables, Via};
use crate::model::{Fact, Key};
use crate::policy::requests::{Cell, RequestKind, What, cell, is_list, row, shape_of};
use crate::policy::{Context, ContextValue, Policy, Statement};
use crate::source::Origin;
use crate::value::{Nature, Open, Presence, Shape, Symbol, SymbolId, Text};

/// What a request of a subject is made of.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The subject's id, for the names of what is not known.
    pub(crate) subject: String,
    /// The trail's ARN and the account in it.
    pub(crate) trail: Option<(Text, Text)>,
    /// The organization of the trail's account, where the inputs name it.
    pub(crate) organization: Option<String>,
    /// The account whose configuration AWS Config delivers; none for any account of the organization.
    pub(crate) member: Option<Text>,
    /// The account whose organization the inputs name, and its id.
    pub(crate) home: Option<(Text, String)>,
    /// The bucket that the logs go to.
    pub(crate) bucket: Bucket,
    /// Where texts are said to be written that the request brings along.
    pub(crate) origin: Origin,
}

/// The bucket that a trail delivers to.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// Its ARN.
    pub(crate) arn: Text,
    /// What stands between the bucket's ARN and the free rest in the ARN of a log file: `/prefix/AWSLogs/111122223333/`.
    pub(crate) path: Text,
    /// Whether it has an S3 Bucket Key; unknown where the bucket lies outside the inputs.
    pub(crate) has_key: Fact<bool>,
    /// Where it has the S3 Bucket Key switched on; the subject, where that is not said.
    pub(crate) switch: Origin,
    /// Its region.
    pub(crate) region: Text,
    /// True where the inputs hold it.
    pub(crate) inside: bool,
}

impl Bucket {
    /// A bucket of which nothing is known.
    pub(crate) fn unknown(asker: &Origin) -> Self {
        Bucket {
            arn: Text::default(),
            path: Text::default(),
            has_key: Fact::Unknown,
            switch: asker.clone(),
            region: Text::default(),
            inside: false,
        }
    }

    /// True where it has an S3 Bucket Key, or is in the inputs and may have one.
    pub(crate) fn asks_decrypt(&self) -> bool {
        self.has_key.is(&true) || self.inside && self.has_key == Fact::Unknown
    }
}

/// What a request to change the policy carries under a key.
enum Chosen {
    /// Nothing.
    Absent,
    /// Whatever the one who asks wants.
    Free(ContextValue),
    /// What a reader's request carries.
    AsEver,
}

/// Builds the context of one request.
pub(crate) struct Builder<'b, 't> {
    pub(crate) facts: &'b Facts,
    pub(crate) key: &'b Key,
    pub(crate) reader: Option<&'b Reader>,
    /// What the user says of the reader's requests.
    pub(crate) given: &'b [(String, String)],
    /// True where readers are named, of whom alone the user can say something.
    pub(crate) named: bool,
    /// How the reader reads.
    pub(crate) via: Via,
    pub(crate) tables: &'b mut Tables<'t>,
}

impl Builder<'_, '_> {
    /// The context of a request, as far as the policy asks for it.
    pub(crate) fn context(
        &mut self,
        kind: RequestKind,
        action: &str,
        policies: &[&Policy],
    ) -> Context {
        let mut context = Context::new();
        for (policy, key) in policies
            .iter()
            .flat_map(|policy| policy.keys().into_iter().map(move |key| (policy, key)))
        {
            // As AWS spells it; a key of a family (`aws:PrincipalTag/team`) as the policy's author did.
            let mut conditions = policy.statements.iter().flat_map(Statement::conditions);
            let written = conditions.find(|it| it.key.eq_ignore_ascii_case(&key));
            let spelt = row(&key)
                .filter(|row| row.key.len() == key.len())
                .map(|row| row.key)
                .or(written.map(|it| it.key))
                .unwrap_or(&key);
            if let Some(value) = self.value(kind, action, spelt) {
                context.insert(value);
            }
        }
        context
    }

    /// What a request of a kind carries under a key.
    pub(crate) fn value(
        &mut self,
        kind: RequestKind,
        action: &str,
        key: &str,
    ) -> Option<ContextValue> {
        if let Some(value) = given(self.given, key, &self.facts.origin) {
            return Some(value);
        }
        if kind == RequestKind::Reader && self.is_of_the_way(key) {
            return self.by_way(kind, key);
        }
        if action == lockout::ACTION {
            match self.of_a_manager(kind, key) {
                Chosen::Absent => return None,
                Chosen::Free(value) => return Some(value),
                Chosen::AsEver => {}
            }
        }
        // Operations on the key itself take no encryption context (AWS KMS API Reference, DescribeKey).
        if action == "kms:DescribeKey"
            && key
                .to_ascii_lowercase()
                .starts_with("kms:encryptioncontext")
        {
            return None;
        }
        // What a query of an event data store sends there is as little documented as what the store itself sends.
        let of_the_way =
            name_starts(key, "kms:encryptioncontext") || name_starts(key, "kms:viaservice");
        let column = match kind {
            RequestKind::Reader if self.facts.trail.is_none() && of_the_way => RequestKind::Store,
            other => other,
        };
        match cell(column, key) {
            Cell::Absent => None,
            Cell::Present(what) => self.what(kind, key, what),
            Cell::Perhaps(what) => {
                let organization = matches!(
                    what,
                    What::TrailOrganization | What::ReaderOrganization | What::MemberOrganization
                );
                let known = organization && self.facts.organization.is_some();
                let value = self.what(kind, key, what)?;
                if known || value.presence != Presence::Present {
                    return Some(value);
                }
                Some(ContextValue {
                    presence: self.perhaps(kind, key, nature_of(what)),
                    ..value
                })
            }
            Cell::Undocumented => {
                let who = kind.service().unwrap_or("the reader");
                let reason = format!("AWS does not document what `{who}` sends");
                Some(self.unknown(kind, key, Nature::Undocumented, &reason, true))
            }
            Cell::Free => {
                Some(self.unknown(kind, key, Nature::Free, "the reader chooses it", true))
            }
        }
    }

    /// True for a key of which the reader's way says what it holds, or that it is absent.
    fn is_of_the_way(&self, key: &str) -> bool {
        match self.via {
            Via::Unsaid => false,
            Via::S3 => name_starts(key, "aws:calledvia"),
            Via::Athena => {
                name_starts(key, "aws:calledvia") || key.eq_ignore_ascii_case("kms:ViaService")
            }
        }
    }

    /// What the way says of a key (IAM User Guide, aws:CalledVia).
    fn by_way(&mut self, kind: RequestKind, key: &str) -> Option<ContextValue> {
        if self.via != Via::Athena {
            return None;
        }
        let service = "athena.amazonaws.com";
        if key.eq_ignore_ascii_case("aws:CalledVia") {
            return Some(self.list(key, &[service], None));
        }
        if !key.eq_ignore_ascii_case("kms:ViaService") {
            return Some(self.literal(key, service));
        }
        // Athena takes the files from S3, which decrypts them; which of the two AWS KMS sees is not documented.
        let reason = "whether AWS KMS sees Athena or S3 is not documented";
        let nature = Nature::Undocumented;
        let who = self.symbol(kind, key, "service", Shape::Name, nature, reason);
        let mut text = Text::symbol(who, self.facts.origin.clone());
        text.append(Text::literal(".", self.facts.origin.clone()));
        text.append(self.facts.bucket.region.clone());
        text.append(Text::literal(self.suffix(), self.facts.origin.clone()));
        Some(single(key, text))
    }

    /// What the name of a service ends with in the bucket's Region.
    fn suffix(&self) -> &'static str {
        let region = self.facts.bucket.region.as_literal();
        if region.is_some_and(|region| region.starts_with("cn-")) {
            ".amazonaws.com.cn"
        } else {
            ".amazonaws.com"
        }
    }

    /// What a request to change the policy carries otherwise than one to read logs: it is made directly or through any service.
    fn of_a_manager(&mut self, kind: RequestKind, key: &str) -> Chosen {
        const CHOSEN: [&str; 4] = [
            "kms:viaservice",
            "kms:bypasspolicylockoutsafetycheck",
            "aws:viaawsservice",
            "aws:calledvia",
        ];
        if name_starts(key, "kms:encryptioncontext") {
            return Chosen::Absent;
        }
        let chosen = CHOSEN.iter().any(|it| name_starts(key, it));
        let reason = "whoever changes the policy chooses it";
        if chosen {
            Chosen::Free(self.unknown(kind, key, Nature::Free, reason, true))
        } else {
            Chosen::AsEver
        }
    }

    fn what(&mut self, kind: RequestKind, key: &str, what: What) -> Option<ContextValue> {
        let one = |text: Text| Some(single(key, text));
        match what {
            What::TrailArn => one(self.facts.trail.as_ref()?.0.clone()),
            What::TrailAccount => one(self.facts.trail.as_ref()?.1.clone()),
            What::TrailOrganization => {
                if let Some(organization) = self.facts.organization.clone() {
                    return Some(self.literal(key, &organization));
                }
                let (_, account) = self.facts.trail.as_ref()?;
                let account = account.show(self.tables.symbols);
                Some(self.organization(key, &format!("account {account}")))
            }
            What::ObjectArn => one(self.object_arn(kind)),
            What::BucketArn => one(self.facts.bucket.arn.clone()),
            What::ContextKeys => Some(self.list(key, &["aws:cloudtrail:arn", "aws:s3:arn"], None)),
            What::ThroughS3 => {
                let mut text = Text::literal("s3.", self.facts.origin.clone());
                text.append(self.facts.bucket.region.clone());
                text.append(Text::literal(self.suffix(), self.facts.origin.clone()));
                one(text)
            }
            What::ReaderAccount
            | What::ReaderArn
            | What::ReaderType
            | What::ReaderName
            | What::ReaderOrganization => self.of_the_reader(kind, key, what),
            What::True => Some(self.literal(key, "true")),
            What::False => Some(self.literal(key, "false")),
            What::Service => {
                let service = kind.service()?;
                if key.eq_ignore_ascii_case("aws:PrincipalServiceNamesList") {
                    let rest = self.symbol(
                        kind,
                        key,
                        "names",
                        Shape::Rest,
                        Nature::Undocumented,
                        "AWS does not list the names",
                    );
                    return Some(self.list(key, &[service], Some(rest)));
                }
                Some(self.literal(key, service))
            }
            What::AwsAddress => {
                let reason = "an address of AWS's own";
                let address = self.symbol(kind, key, "value", Shape::Ip, Nature::Fresh, reason);
                one(Text::symbol(address, self.facts.origin.clone()))
            }
            What::Time => {
                let reason = "the time of the request";
                let nature = Nature::Undocumented;
                let time = self.symbol(kind, key, "time", Shape::Time, nature, reason);
                one(Text::symbol(time, self.facts.origin.clone()))
            }
            What::MemberAccount => match self.facts.member.clone() {
                Some(account) => one(account),
                None => one(Text::symbol(self.member(), self.facts.origin.clone())),
            },
            What::MemberOrganization => {
                if let Some(organization) = self.facts.organization.clone() {
                    return Some(self.literal(key, &organization));
                }
                let whose = match &self.facts.member {
                    Some(account) => format!("account {}", account.show(self.tables.symbols)),
                    None => "the member account".to_owned(),
                };
                Some(self.organization(key, &whose))
            }
            What::OfTheKey => Some(self.of_the_key(kind, key)),
        }
    }

    fn of_the_reader(&mut self, kind: RequestKind, key: &str, what: What) -> Option<ContextValue> {
        let reader = self.reader?;
        match what {
            What::ReaderAccount => Some(single(key, reader.account.clone())),
            What::ReaderArn => Some(single(key, reader.principal_arn.clone())),
            What::ReaderType => match reader.kind {
                Some(kind) => Some(self.literal(key, kind)),
                None => Some(self.unknown(
                    kind,
                    key,
                    Nature::Undocumented,
                    "the principal is known after apply",
                    false,
                )),
            },
            What::ReaderName => match (&reader.user_name, reader.kind) {
                (Some(name), _) => Some(single(key, name.clone())),
                (None, Some("User") | None) => Some(self.unknown(
                    kind,
                    key,
                    Nature::Undocumented,
                    "the principal is known after apply",
                    true,
                )),
                (None, Some(_)) => None,
            },
            What::ReaderOrganization => {
                let account = &reader.account;
                let home = self.facts.home.as_ref().filter(|(home, _)| home == account);
                if let Some((_, organization)) = home.cloned() {
                    return Some(self.literal(key, &organization));
                }
                let account = account.show(self.tables.symbols);
                Some(self.organization(key, &format!("account {account}")))
            }
            _ => None,
        }
    }

    /// `aws:s3:arn`: the log file's ARN; the bucket's, where it has an S3 Bucket Key. Which of them CloudTrail's own calls carry with a
    /// bucket key is not documented.
    fn object_arn(&mut self, kind: RequestKind) -> Text {
        let bucket = &self.facts.bucket;
        let mut arn = bucket.arn.clone();
        let rest = match (&bucket.has_key, kind) {
            (Fact::Known(true), RequestKind::Reader) => return arn,
            (Fact::Known(false), _) => {
                arn.append(bucket.path.clone());
                (Nature::Undocumented, "the name of a log file")
            }
            (Fact::Known(true), _) => (
                Nature::Undocumented,
                "with an S3 Bucket Key, S3 sends the bucket's ARN or the log file's",
            ),
            (Fact::Unknown, _) => (
                Nature::Undocumented,
                "the bucket is not in the inputs: with an S3 Bucket Key, S3 sends the bucket's ARN",
            ),
        };
        let symbol = self.symbol(kind, "aws:s3:arn", "rest", Shape::Text, rest.0, rest.1);
        arn.append(Text::symbol(symbol, self.facts.origin.clone()));
        arn
    }

    fn of_the_key(&mut self, kind: RequestKind, key: &str) -> ContextValue {
        let known = |fact: &Fact<bool>, yes: &'static str, no: &'static str| match fact {
            Fact::Known(true) => Some(yes),
            Fact::Known(false) => Some(no),
            Fact::Unknown => None,
        };
        let name = key.to_ascii_lowercase();
        let value = match name.as_str() {
            "aws:resourceaccount" => return single(key, self.key.account.clone()),
            "kms:multiregion" => known(&self.key.multi_region, "true", "false"),
            "kms:keyspec" | "kms:customermasterkeyspec" => {
                known(&self.key.symmetric, "SYMMETRIC_DEFAULT", "").filter(|it| !it.is_empty())
            }
            "kms:keyusage" | "kms:customermasterkeyusage" => {
                known(&self.key.symmetric, "ENCRYPT_DECRYPT", "").filter(|it| !it.is_empty())
            }
            "kms:resourcealiases" => {
                let rest = self.symbol(
                    kind,
                    key,
                    "rest",
                    Shape::Rest,
                    Nature::Named,
                    "the key may have aliases outside the inputs",
                );
                let aliases: Vec<&str> = self.key.aliases.iter().map(String::as_str).collect();
                return self.list(key, &aliases, Some(rest));
            }
            _ => None,
        };
        match value {
            Some(value) => self.literal(key, value),
            None => self.unknown(
                kind,
                key,
                Nature::Named,
                "a property of the key that the inputs do not show",
                false,
            ),
        }
    }

    /// The organization of an account: a symbol, and the account may be in none.
    fn organization(&mut self, key: &str, whose: &str) -> ContextValue {
        let symbol = |tables: &mut Tables<'_>, what: &str, name: String, shape| {
            tables.symbols.intern(Symbol {
                key: format!("organization:{whose}:{what}"),
                name,
                shape,
                nature: Nature::Named,
                reason: "the inputs do not say which organization the account belongs to"
                    .to_owned(),
                supply: None,
            })
        };
        let value = symbol(
            self.tables,
            "id",
            format!("organization of {whose}"),
            Shape::Name,
        );
        let presence = symbol(
            self.tables,
            "presence",
            format!("{whose} is in an organization"),
            Shape::Presence,
        );
        ContextValue {
            presence: Presence::Maybe(presence),
            ..single(key, Text::symbol(value, self.facts.origin.clone()))
        }
    }

    /// Each account of the organization delivers with its own id (AWS Config Developer Guide, Permissions for the KMS key).
    fn member(&mut self) -> SymbolId {
        self.tables.symbols.intern(Symbol {
            key: format!("member:{}", self.facts.subject),
            name: "member account".to_owned(),
            shape: Shape::Account,
            nature: Nature::Named,
            reason: "AWS Config delivers for every account of the organization".to_owned(),
            supply: None,
        })
    }

    /// The organization of somebody who is in none that anybody names, or in none at all.
    pub(crate) fn foreign_organization(&mut self, key: &str) -> ContextValue {
        let mut symbol = |what: &str, shape, nature| {
            self.tables.symbols.intern(Symbol {
                key: format!("stranger:{key}:{what}"),
                name: "a stranger's organization".to_owned(),
                shape,
                nature,
                reason: "any organization that nobody names".to_owned(),
                supply: None,
            })
        };
        let value = symbol("value", Shape::Text, Nature::Fresh);
        let presence = symbol("presence", Shape::Presence, Nature::Free);
        ContextValue {
            presence: Presence::Maybe(presence),
            multivalued: is_list(key),
            ..single(key, Text::symbol(value, self.facts.origin.clone()))
        }
    }

    fn unknown(
        &mut self,
        kind: RequestKind,
        key: &str,
        nature: Nature,
        reason: &str,
        perhaps: bool,
    ) -> ContextValue {
        let shape = shape_of(key);
        let multivalued = is_list(key);
        let presence = if perhaps {
            self.perhaps(kind, key, nature)
        } else {
            Presence::Present
        };
        let origin = self.facts.origin.clone();
        if multivalued {
            let rest = self.symbol(kind, key, "rest", Shape::Rest, nature, reason);
            let open = Some(Open {
                symbol: rest,
                origin,
            });
            return ContextValue {
                key: key.to_owned(),
                presence,
                values: Vec::new(),
                multivalued,
                open,
            };
        }
        let symbol = self.symbol(kind, key, "value", shape, nature, reason);
        ContextValue {
            presence,
            ..single(key, Text::symbol(symbol, origin))
        }
    }

    fn perhaps(&mut self, kind: RequestKind, key: &str, nature: Nature) -> Presence {
        let reason = match nature {
            Nature::Free => "the reader chooses it",
            Nature::Named => "the inputs do not say",
            Nature::Fresh | Nature::Undocumented => {
                "AWS does not document whether the request carries it"
            }
        };
        Presence::Maybe(self.symbol(kind, key, "presence", Shape::Presence, nature, reason))
    }

    fn symbol(
        &mut self,
        kind: RequestKind,
        key: &str,
        what: &str,
        shape: Shape,
        nature: Nature,
        reason: &str,
    ) -> SymbolId {
        let who = self
            .reader
            .map(|reader| reader.principal_arn.show(self.tables.symbols))
            .unwrap_or_default();
        let supply = (kind == RequestKind::Reader && self.named)
            .then(|| format!("--reader-context {key}=VALUE"));
        // Which keys a sensitive policy tests is part of it.
        let shown = if self.key.sensitive {
            "a condition key"
        } else {
            key
        };
        let name = if what == "presence" {
            format!("{shown} is sent")
        } else {
            shown.to_owned()
        };
        // Both keys of the time hold one and the same.
        let (of, name) = if what == "time" {
            ("time", "time".to_owned())
        } else {
            (key, name)
        };
        self.tables.symbols.intern(Symbol {
            key: format!("context:{}:{kind:?}:{who}:{of}:{what}", self.facts.subject),
            name,
            shape,
            nature,
            reason: reason.to_owned(),
            supply: supply.filter(|_| what != "rest" && !self.key.sensitive),
        })
    }

    /// A known value.
    pub(crate) fn literal(&self, key: &str, value: &str) -> ContextValue {
        ContextValue {
            multivalued: is_list(key),
            ..single(key, Text::literal(value, self.facts.origin.clone()))
        }
    }

    fn list(&self, key: &str, values: &[&str], rest: Option<SymbolId>) -> ContextValue {
        let origin = &self.facts.origin;
        ContextValue {
            key: key.to_owned(),
            presence: Presence::Present,
            values: values
                .iter()
                .map(|value| Text::literal(*value, origin.clone()))
                .collect(),
            multivalued: true,
            open: rest.map(|symbol| Open {
                symbol,
                origin: origin.clone(),
            }),
        }
    }
}

/// What is said of what a reader sends under a key: one value, or those of a list.
pub(crate) fn given(all: &[(String, String)], key: &str, origin: &Origin) -> Option<ContextValue> {
    let same = all
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key));
    let values: Vec<Text> = same
        .map(|(_, value)| Text::literal(value.as_str(), origin.clone()))
        .collect();
    (!values.is_empty()).then(|| ContextValue {
        key: key.to_owned(),
        presence: Presence::Present,
        multivalued: is_list(key) || values.len() > 1,
        values,
        open: None,
    })
}

fn name_starts(key: &str, with: &str) -> bool {
    key.to_ascii_lowercase().starts_with(with)
}

fn single(key: &str, value: Text) -> ContextValue {
    ContextValue {
        key: key.to_owned(),
        presence: Presence::Present,
        values: vec![value],
        multivalued: false,
        open: None,
    }
}

/// An answer that hangs on AWS's own address is not the user's to settle; one that hangs on a tag or an organization is.
fn nature_of(what: What) -> Nature {
    match what {
        What::OfTheKey
        | What::TrailOrganization
        | What::MemberOrganization
        | What::ReaderOrganization => Nature::Named,
        _ => Nature::Undocumented,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_twice_is_a_list() {
        let origin = Origin::new(crate::source::Span { start: 0, end: 1 });
        let all =
            ["a", "b", "c"].map(|value| ("aws:PrincipalTag/team".to_owned(), value.to_owned()));
        for (count, key, list) in [
            (0, "aws:PrincipalTag/team", None),
            (1, "aws:principaltag/TEAM", Some(false)),
            (2, "aws:PrincipalTag/team", Some(true)),
            (3, "aws:PrincipalTag/team", Some(true)),
            (3, "aws:PrincipalTag/other", None),
        ] {
            let found = given(&all[..count], key, &origin);
            assert_eq!(
                found.as_ref().map(|it| it.multivalued),
                list,
                "{count} {key}"
            );
            assert_eq!(
                found.map_or(0, |it| it.values.len()),
                list.map_or(0, |_| count)
            );
        }
        let list = [("aws:TagKeys".to_owned(), "a".to_owned())];
        assert!(given(&list, "aws:tagkeys", &origin).unwrap().multivalued);
    }
}
