//! The values of a policy and a request that can be hidden, and what they may be.

use std::collections::BTreeSet;

use super::holes::{Filling, Masked, mark};
use keytrail::value::Shape;
use serde_json::Value as Json;

/// A place of a vector that can be hidden, and how.
#[derive(Clone, Debug)]
pub struct Place {
    /// JSON pointer into the policy; or the context key.
    pub at: At,
    pub how: How,
}

#[derive(Clone, Debug, PartialEq)]
pub enum At {
    Policy(String, Role),
    Context(String),
}

/// What a value of a policy is.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    Principal,
    Action,
    Resource,
    Condition { operator: String, key: String },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// The text is a symbol.
    Text,
    /// The item of a list at the index is a symbol.
    Item(usize),
    /// Only the account inside the text is a symbol.
    Account,
    /// The list is open behind its first items.
    Open(usize),
    /// The key may be absent.
    Maybe,
}

pub fn list(value: &Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

pub fn text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The values of a policy with the pointers to them.
pub fn policy_values(policy: &Json) -> Vec<(String, Role, Json)> {
    let mut out = Vec::new();
    let statements = &policy["Statement"];
    let pointers: Vec<String> = match statements {
        Json::Array(items) => (0..items.len())
            .map(|at| format!("/Statement/{at}"))
            .collect(),
        _ => vec!["/Statement".to_owned()],
    };
    for base in pointers {
        let Some(statement) = policy.pointer(&base) else {
            continue;
        };
        for (element, role) in [
            ("Action", Role::Action),
            ("NotAction", Role::Action),
            ("Resource", Role::Resource),
            ("NotResource", Role::Resource),
        ] {
            if let Some(value) = statement.get(element) {
                out.push((format!("{base}/{element}"), role, value.clone()));
            }
        }
        for element in ["Principal", "NotPrincipal"] {
            if let Some(Json::Object(types)) = statement.get(element) {
                for (kind, value) in types
                    .iter()
                    .filter(|(kind, _)| *kind == "AWS" || *kind == "Service")
                {
                    out.push((
                        format!("{base}/{element}/{kind}"),
                        Role::Principal,
                        value.clone(),
                    ));
                }
            }
        }
        for (operator, keys) in statement
            .get("Condition")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            for (key, value) in keys.as_object().into_iter().flatten() {
                let [of, under] =
                    [operator, key].map(|it| it.replace('~', "~0").replace('/', "~1"));
                let pointer = format!("{base}/Condition/{of}/{under}");
                let role = Role::Condition {
                    operator: operator.clone(),
                    key: key.clone(),
                };
                out.push((pointer, role, value.clone()));
            }
        }
    }
    out
}

pub fn places(vector: &Masked) -> Vec<Place> {
    let mut out = Vec::new();
    let mut push = |at: At, how| out.push(Place { at, how });
    let has_account =
        |value: &Json| text(value).starts_with("arn:") && text(value).contains("111122223333");
    let mentioned = vector.policy.to_string().to_lowercase();
    for (key, value) in &vector.context {
        // A key that the policy never mentions cannot matter.
        if !mentioned.contains(&key.to_lowercase()) {
            continue;
        }
        let at = At::Context(key.clone());
        push(at.clone(), How::Maybe);
        if let Json::Array(items) = value {
            for index in 0..items.len() {
                push(at.clone(), How::Item(index));
            }
            push(at.clone(), How::Open(0));
            if !items.is_empty() {
                push(at, How::Open(1));
            }
        } else {
            if has_account(value) {
                push(at.clone(), How::Account);
            }
            push(at, How::Text);
        }
    }
    for (pointer, role, value) in policy_values(&vector.policy) {
        let at = At::Policy(pointer, role);
        if let Json::Array(items) = &value {
            for index in 0..items.len() {
                push(at.clone(), How::Item(index));
            }
            push(at.clone(), How::Open(0));
            if !items.is_empty() {
                push(at, How::Open(1));
            }
        } else {
            if has_account(&value) {
                push(at.clone(), How::Account);
            }
            push(at.clone(), How::Text);
            push(at, How::Open(0));
        }
    }
    out
}

/// Hides a place under a name; the shape that the hidden value has.
pub fn hide(vector: &mut Masked, place: &Place, name: &str) {
    let slot: &mut Json = match &place.at {
        At::Context(key) => vector.context.get_mut(key).unwrap(),
        At::Policy(pointer, _) => vector.policy.pointer_mut(pointer).unwrap(),
    };
    let shape = match place.how {
        How::Text => {
            *slot = Json::String(mark(name));
            Shape::Text
        }
        How::Item(index) => {
            if let Some(item) = slot.get_mut(index) {
                *item = Json::String(mark(name));
            }
            Shape::Text
        }
        How::Account => {
            *slot = Json::String(text(slot).replacen("111122223333", &mark(name), 1));
            Shape::Account
        }
        How::Open(kept) => {
            let mut items = list(slot);
            items.truncate(kept);
            items.push(Json::String(mark(name)));
            *slot = Json::Array(items);
            Shape::Rest
        }
        How::Maybe => {
            let At::Context(key) = &place.at else {
                panic!("a policy value is there")
            };
            vector.maybe.insert(key.clone(), name.to_owned());
            Shape::Presence
        }
    };
    vector.shapes.insert(name.to_owned(), shape);
}

/// Texts that differ wherever the vector could tell them apart.
pub struct Pools<'a> {
    pub vector: &'a Masked,
}

const MIDDLE: [&str; 4] = ["", "q", "zz", "z:y/w"];

pub fn instances(pattern: &str) -> Vec<String> {
    let mut out = vec![pattern.to_owned()];
    for middle in MIDDLE {
        let one = pattern
            .replace("${*}", "\u{3}")
            .replace("${?}", "\u{4}")
            .replace("${$}", "$");
        let one = one.replace('*', middle).replace('?', "q");
        out.push(one.replace('\u{3}', "*").replace('\u{4}', "?"));
    }
    out
}

pub fn scalars(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Ok(number) = text.parse::<f64>() {
        out.extend([-1.0, -0.25, 0.0, 0.25, 1.0].map(|step| format!("{}", number + step)));
    }
    if text.len() >= 7 && text.starts_with("20") && text.as_bytes()[4] == b'-' {
        for year in ["2023", "2024", "2025", "2026", "2027"] {
            out.push(format!("{year}-01-01T00:00:00Z"));
            out.push(format!("{year}-01-01T00:00:01Z"));
            out.push(format!("{year}-06-01"));
        }
    }
    if text.contains('.') && text.split('.').count() == 4 {
        let address = text.split('/').next().unwrap();
        out.push(address.to_owned());
        for length in [0, 1, 8, 16, 24, 31, 32] {
            out.push(format!("{address}/{length}"));
        }
        for other in [
            "10.0.0.1",
            "10.255.255.255",
            "11.0.0.0",
            "9.255.255.255",
            "203.0.113.0",
            "203.0.113.255",
            "203.0.114.0",
            "192.0.2.7",
            "203.0.113.8",
            "203.0.113.10",
        ] {
            out.push(other.to_owned());
        }
        out.push("::/0".to_owned());
        out.push("2001:db8::9".to_owned());
    }
    if text.contains("::") && !text.starts_with("arn") {
        for other in [
            "2001:db8::1",
            "2001:db8::/32",
            "2001:db8::5",
            "2001:db9::",
            "::/0",
            "1.2.3.4",
            "0.0.0.0/0",
            "128.0.0.0/1",
        ] {
            out.push(other.to_owned());
        }
    }
    out
}

impl Pools<'_> {
    pub fn context(&self) -> Vec<String> {
        self.vector
            .context
            .values()
            .flat_map(list)
            .map(|it| text(&it))
            .filter(|it| !it.contains('\u{1}'))
            .collect()
    }

    pub fn conditions(&self) -> Vec<(String, String, String)> {
        let mut policies = vec![&self.vector.policy];
        policies.extend(self.vector.identity.iter().flatten());
        let mut out = Vec::new();
        for policy in policies {
            for (_, role, value) in policy_values(policy) {
                if let Role::Condition { operator, key } = role {
                    out.extend(
                        list(&value)
                            .iter()
                            .map(|it| (operator.clone(), key.to_lowercase(), text(it))),
                    );
                }
            }
        }
        out
    }

    /// Texts for a value of the request.
    fn request(&self, key: &str) -> BTreeSet<String> {
        let mut out: BTreeSet<String> = ["", "zz", "true", "false"].map(str::to_owned).into();
        let key = key.to_lowercase();
        let own: Vec<String> = self.context();
        for (_, other, value) in self.conditions() {
            let as_variable = value.to_lowercase().contains(&format!("${{{key}"));
            if other == key && !value.contains('\u{1}') {
                out.extend(instances(&value));
                out.extend(scalars(&value));
                out.insert(value.to_lowercase());
                out.insert(value.to_uppercase());
                for text in &own {
                    if let (Some(from), Some(to)) = (value.find("${"), value.rfind('}')) {
                        out.extend(instances(&format!(
                            "{}{text}{}",
                            &value[..from],
                            &value[to + 1..]
                        )));
                    }
                }
            }
            if as_variable {
                for text in &own {
                    out.insert(text.clone());
                    out.extend(text.split(['-', '/', ':']).map(str::to_owned));
                    let half = text
                        .char_indices()
                        .nth(text.chars().count() / 2)
                        .map_or(0, |(at, _)| at);
                    out.insert(text[..half].to_owned());
                    out.extend(text.split('-').next().map(str::to_owned));
                }
            }
        }
        for (other, value) in &self.vector.context {
            if other.eq_ignore_ascii_case(&key) {
                out.extend(list(value).iter().map(text));
            }
        }
        out.retain(|text| !text.contains('\u{1}'));
        out
    }

    /// Texts for a value of a condition.
    fn policy(&self, operator: &str, key: &str) -> BTreeSet<String> {
        let mut out: BTreeSet<String> = ["", "zz", "true", "false"].map(str::to_owned).into();
        let own = self.conditions().into_iter();
        out.extend(
            own.filter(|(_, other, _)| other.eq_ignore_ascii_case(key))
                .map(|(.., it)| it),
        );
        out.retain(|text| !text.contains('\u{1}'));
        let base = operator.rsplit(':').next().unwrap();
        let like = base.contains("Like");
        let mut subjects: Vec<String> = Vec::new();
        for (other, value) in &self.vector.context {
            if other.eq_ignore_ascii_case(key) {
                subjects.extend(list(value).iter().map(text));
            }
        }
        subjects.retain(|text| !text.contains('\u{1}'));
        for subject in &subjects {
            out.insert(subject.clone());
            out.extend(scalars(subject));
            out.insert(subject.to_uppercase());
            if like || base.starts_with("Arn") {
                let letters: Vec<char> = subject.chars().collect();
                for cut in 0..=letters.len() {
                    out.insert(letters[..cut].iter().collect::<String>() + "*");
                    out.insert("*".to_owned() + &letters[cut..].iter().collect::<String>());
                }
                if !letters.is_empty() {
                    out.insert(letters[..letters.len() - 1].iter().collect::<String>() + "?");
                }
            }
        }
        if base.starts_with("Arn") {
            out.retain(|text| text.matches(':').count() >= 5);
            out.insert("arn:aws:zz:::z".to_owned());
            out.insert("arn:*:*:*:*:*".to_owned());
        } else if base.starts_with("Numeric") || base.starts_with("Date") || base.contains("Ip") {
            out.extend(
                [
                    "1",
                    "-100",
                    "10000",
                    "1000000000000",
                    "2001-01-01",
                    "2099-01-01",
                    "1.2.3.4",
                    "0.0.0.0/0",
                    "::/0",
                    "128.0.0.0/1",
                ]
                .map(str::to_owned),
            );
        } else if base.starts_with("Binary") {
            out.insert("enp6".to_owned());
        }
        out
    }

    fn principals(&self) -> BTreeSet<String> {
        let caller = &self.vector.principal;
        let account = caller
            .split(':')
            .nth(4)
            .unwrap_or("111122223333")
            .to_owned();
        let mut out: BTreeSet<String> = [
            "*",
            "",
            "zz",
            "cloudtrail.amazonaws.com",
            "config.amazonaws.com",
            "999988887777",
            "arn:aws:iam::999988887777:root",
        ]
        .map(str::to_owned)
        .into();
        out.insert(caller.clone());
        for account in [&account, "111122223333", "444455556666"] {
            out.insert(account.to_owned());
            for rest in [
                "root",
                "user/Bob",
                "user/bob",
                "role/R",
                "role/path/R",
                "role/path/deep/R",
                "role/Q",
                "user/p/Bob",
            ] {
                out.insert(format!("arn:aws:iam::{account}:{rest}"));
            }
        }
        out
    }

    fn resources(&self) -> BTreeSet<String> {
        let arn = &self.vector.resource;
        let mut out: BTreeSet<String> = ["*", "", "zz", "?", "arn:aws:kms:*", "arn:aws:s3:::b"]
            .map(str::to_owned)
            .into();
        out.insert(arn.clone());
        out.insert(arn.replace("us-east-1", "*"));
        out.insert(arn.replace("us-east-1", "us-west-2"));
        out
    }

    fn actions(&self) -> BTreeSet<String> {
        [
            "*",
            "",
            "zz",
            "kms:*",
            "kms:Decrypt",
            "kms:decrypt",
            "kms:D*",
            "kms:GenerateDataKey",
            "kms:GenerateDataKey*",
            "kms:PutKeyPolicy",
            "kms:ReEncrypt*",
            "kms:DescribeKey",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([self.vector.action.clone()])
        .collect()
    }

    pub fn of(&self, place: &Place) -> BTreeSet<String> {
        match &place.at {
            At::Context(key) => self.request(key),
            At::Policy(_, Role::Principal) => self.principals(),
            At::Policy(_, Role::Action) => self.actions(),
            At::Policy(_, Role::Resource) => self.resources(),
            At::Policy(_, Role::Condition { operator, key }) => self.policy(operator, key),
        }
    }
}

const ACCOUNTS: [&str; 4] = [
    "111122223333",
    "444455556666",
    "222222222222",
    "999988887777",
];

/// What a hidden place may be.
pub fn fillings(place: &Place, pool: &BTreeSet<String>) -> Vec<Filling> {
    match place.how {
        How::Text | How::Item(_) => pool.iter().cloned().map(Filling::Text).collect(),
        How::Account => {
            let known = ACCOUNTS.map(str::to_owned).into_iter();
            let digits = pool
                .iter()
                .filter(|it| it.len() == 12 && it.bytes().all(|b| b.is_ascii_digit()));
            let all: BTreeSet<String> = known.chain(digits.cloned()).collect();
            all.into_iter().map(Filling::Text).collect()
        }
        How::Maybe => vec![Filling::There(true), Filling::There(false)],
        How::Open(_) => {
            // All sets of up to two texts; of three where the pool is small.
            let texts: Vec<&String> = pool.iter().collect();
            let mut sets = vec![Vec::new()];
            for (at, one) in texts.iter().enumerate() {
                sets.push(vec![(*one).clone()]);
                for (next, two) in texts.iter().enumerate().skip(at + 1) {
                    sets.push(vec![(*one).clone(), (*two).clone()]);
                    if texts.len() <= 14 {
                        for three in texts.iter().skip(next + 1) {
                            sets.push(vec![(*one).clone(), (*two).clone(), (*three).clone()]);
                        }
                    }
                }
            }
            if matches!(place.how, How::Open(0))
                && matches!(place.at, At::Policy(_, Role::Condition { .. }))
            {
                // AWS does not document a condition without values: an unknown list of them is taken to hold one at least.
                sets.remove(0);
            }
            sets.into_iter().map(Filling::List).collect()
        }
    }
}
