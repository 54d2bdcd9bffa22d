//! What a statement says, whatever way it is written: one text for all statements of one meaning.
//!
//! Left out is what means nothing to IAM: the Sid, the order of lists, a text that stands twice, one text or a list of one, the case of
//! actions, condition keys and booleans, an account written as the ARN of its root user, and of course the layout. What is not known
//! stands under the name of its symbol. What is sensitive is left out altogether, and the text says that something was.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::condition::{Condition, Family};
use super::element::{Entry, PrincipalType, Texts, Values};
use super::{Effect, Policy, Statement};
use crate::value::{PartKind, Presence, Symbols, Text};

/// The meaning of a statement as a text, which is compared and hashed and never shown.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canonical {
    /// The text.
    pub text: String,
    /// True where something was left out because it is sensitive, so that two statements with one text may differ.
    pub hidden: bool,
}

impl Policy {
    /// The meaning of one of its statements; none where there is no such statement.
    pub fn canonical(&self, statement: usize, symbols: &Symbols) -> Option<Canonical> {
        let statement = self.statements.get(statement)?;
        let mut writer = Writer {
            symbols,
            variables: self.variables,
            out: Canonical::default(),
        };
        writer.statement(statement);
        Some(writer.out)
    }
}

/// How the letters of a text count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Each as it is.
    Exact,
    /// Without regard to case.
    Folded,
    /// As they are; an account may be written as the ARN of its root user.
    Principal,
}

struct Writer<'s> {
    symbols: &'s Symbols,
    /// `${...}` is a variable.
    variables: bool,
    out: Canonical,
}

impl Writer<'_> {
    fn statement(&mut self, statement: &Statement) {
        let body = &statement.body;
        let effect = match statement.effect {
            Some(Effect::Allow) => "Allow",
            Some(Effect::Deny) => "Deny",
            None => "?",
        };
        self.line(effect);
        if let Presence::Maybe(symbol) = statement.presence {
            let name = self.symbols.get(symbol).name.clone();
            self.line(&format!("if {name}"));
        }
        if body.dead {
            self.line("dead");
        }
        if let Some(principals) = &body.principals {
            let word = if principals.negated { "not " } else { "" };
            let mut lists: Vec<String> = Vec::new();
            for (kind, values) in &principals.lists {
                let letters = match kind {
                    PrincipalType::Aws => Letters::Principal,
                    _ => Letters::Exact,
                };
                let texts = self.values(values, letters);
                lists.push(format!("{word}principal {} {texts}", kind.name()));
            }
            lists.sort();
            for list in lists {
                self.line(&list);
            }
        }
        self.texts("action", body.action.as_ref(), Letters::Folded);
        self.texts("resource", body.resource.as_ref(), Letters::Exact);
        let mut conditions: Vec<String> = body
            .conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        conditions.sort();
        conditions.dedup();
        for condition in conditions {
            self.line(&condition);
        }
        for _ in &body.unread {
            self.line("condition ?");
        }
        if body.doubt.is_some() {
            self.line("doubt");
        }
    }

    fn line(&mut self, text: &str) {
        self.out.text.push_str(text);
        self.out.text.push('\n');
    }

    fn texts(&mut self, element: &str, texts: Option<&Texts>, letters: Letters) {
        if let Some(texts) = texts {
            let word = if texts.negated { "not " } else { "" };
            let list = self.values(&texts.values, letters);
            self.line(&format!("{word}{element} {list}"));
        }
    }

    fn condition(&mut self, condition: &Condition) -> String {
        let letters = match condition.operator.map(|it| it.family) {
            Some(Family::Bool | Family::Null | Family::String { folded: true }) => Letters::Folded,
            _ => Letters::Exact,
        };
        let values = self.values(&condition.values, letters);
        // The two names of the ARN operators are one operator.
        let operator = condition.name.to_ascii_lowercase();
        let operator = match operator.strip_suffix("ifexists") {
            Some(base) => format!("{}ifexists", same_operator(base)),
            None => same_operator(&operator),
        };
        let key = &condition.key;
        let presence = self.presence(condition.presence);
        format!(
            "condition {operator} {} {key}{presence} {values}",
            key.len()
        )
    }

    fn values(&mut self, values: &Values, letters: Letters) -> String {
        let mut texts = BTreeSet::new();
        for entry in &values.entries {
            texts.insert(self.entry(entry, letters));
        }
        let mut out = format!("{}", texts.len());
        for text in texts {
            // The length tells where a text ends, whatever it holds.
            let _ = write!(out, " {}:{text}", text.len());
        }
        if values.open.is_some() {
            out.push_str(" more");
        }
        out
    }

    fn entry(&mut self, entry: &Entry, letters: Letters) -> String {
        let text = self.text(&entry.pattern.text, letters);
        text + &self.presence(entry.presence)
    }

    fn presence(&self, presence: Presence) -> String {
        match presence {
            Presence::Maybe(symbol) => format!("\u{1}if {}\u{2}", self.symbols.get(symbol).name),
            _ => String::new(),
        }
    }

    /// A text; what is not known stands between two control characters, which no text of a policy holds.
    fn text(&mut self, text: &Text, letters: Letters) -> String {
        let mut out = String::new();
        for part in text.parts() {
            if part.sensitive {
                self.out.hidden = true;
                out.push_str("\u{1}sensitive\u{2}");
                continue;
            }
            match &part.kind {
                PartKind::Literal(known) if letters == Letters::Folded => {
                    out.push_str(&known.to_lowercase());
                }
                PartKind::Literal(known) => out.push_str(known),
                PartKind::Symbol(id) => match self.symbols.bound(*id) {
                    Some(known) => out.push_str(known),
                    None => out.extend(["\u{1}", &self.symbols.get(*id).name, "\u{2}"]),
                },
                PartKind::Hole(_) => out.push_str("\u{1}?\u{2}"),
            }
        }
        if letters == Letters::Principal
            && let Some(account) = root_of(&out)
        {
            return account.to_owned();
        }
        if !self.variables && out.contains("${") {
            // The same letters are a variable in the other version.
            out.push_str("\u{1}literal\u{2}");
        }
        out
    }
}

/// The account of an ARN of a root user: IAM reads both as one (IAM User Guide, AWS JSON policy elements: Principal).
fn root_of(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("arn:")?;
    let (_, rest) = rest.split_once(":iam::")?;
    let account = rest.strip_suffix(":root")?;
    let known = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let named = account.starts_with('\u{1}')
        && account.ends_with('\u{2}')
        && account.matches('\u{1}').count() == 1;
    (known || named).then_some(account)
}

fn same_operator(operator: &str) -> String {
    let (set, base) = match operator.rsplit_once(':') {
        Some((set, base)) => (format!("{set}:"), base),
        None => (String::new(), operator),
    };
    let base = match base {
        "arnequals" => "arnlike",
        "arnnotequals" => "arnnotlike",
        other => other,
    };
    set + base
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::collections::BTreeSet;

    use super::super::testing::Read;
    use super::super::tests::read;
    use super::super::variables::Pattern;
    use super::super::{Policy, PolicyKind};
    use crate::value::Symbols;

    fn of(statement: &str) -> String {
        let read = Read::statements(statement);
        let canonical = read.policy.canonical(0, &Symbols::new()).unwrap();
        assert!(!canonical.hidden);
        canonical.text
    }

    const PLAIN: &str = r#"{"Sid":"A","Effect":"Allow","Principal":{"AWS":"111122223333","Service":["a.amazonaws.com","b.amazonaws.com"]},"Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":["x","y"]},"Bool":{"aws:SecureTransport":"true"}}}"#;

    #[test]
    fn what_means_the_same_has_one_text() {
        let plain = of(PLAIN);
        for other in [
            r#"{"Effect":"Allow","Principal":{"Service":["b.amazonaws.com","a.amazonaws.com"],"AWS":["arn:aws:iam::111122223333:root"]},"Resource":["*"],"Action":["KMS:encrypt","kms:Decrypt","kms:Decrypt"],"Condition":{"Bool":{"AWS:SecureTransport":["True"]},"ArnEquals":{"aws:sourcearn":["y","x"]}}}"#,
            &PLAIN.replace("\"A\"", "\"Another\""),
            &PLAIN.replace(':', " :\n "),
        ] {
            let other = other.replace(" :\n ", ":");
            assert_eq!(of(&other), plain, "{other}");
        }
    }

    /// `${...}` is a variable in the newer version of the language, and in the older one its letters.
    #[test]
    fn letters_that_look_like_a_variable_are_told_from_one() {
        let statement = PLAIN.replace("\"x\"", "\"${aws:username}\"");
        let [newer, older] = ["2012-10-17", "2008-10-17"].map(|version| {
            let text = format!(r#"{{"Version":"{version}","Statement":[{statement}]}}"#);
            let read = Read::new(&text, PolicyKind::Key);
            read.policy.canonical(0, &Symbols::new()).unwrap().text
        });
        assert_eq!(newer.matches("literal").count(), 0);
        assert_eq!(older.matches("literal").count(), 1);
    }

    #[test]
    fn each_element_counts() {
        let plain = of(PLAIN);
        for (old, new) in [
            ("Allow", "Deny"),
            ("111122223333", "222222222222"),
            ("111122223333", "*"),
            ("b.amazonaws.com", "c.amazonaws.com"),
            ("\"Principal\"", "\"NotPrincipal\""),
            ("kms:Encrypt", "kms:*"),
            ("\"Action\"", "\"NotAction\""),
            (
                "\"Resource\":\"*\"",
                "\"Resource\":\"arn:aws:kms:*:*:key/*\"",
            ),
            ("\"Resource\"", "\"NotResource\""),
            ("ArnLike", "StringLike"),
            ("ArnLike", "ArnLikeIfExists"),
            ("ArnLike", "ForAnyValue:ArnLike"),
            ("ArnLike", "ArnNotLike"),
            ("aws:SourceArn", "aws:SourceAccount"),
            ("\"x\",\"y\"", "\"x\""),
            ("\"x\",\"y\"", "\"x,y\""),
            ("\"x\",\"y\"", "\"X\",\"y\""),
            ("\"true\"", "\"false\""),
        ] {
            let other = PLAIN.replacen(old, new, 1);
            assert_ne!(other, PLAIN);
            assert_ne!(of(&other), plain, "{other}");
        }
    }

    #[test]
    fn what_is_not_known_stands_under_its_name_until_it_is() {
        let mut symbols = Symbols::new();
        let mut of = |elements: &str| {
            let all = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":ELEMENTS}"#;
            let policy = read(
                &format!("[{}]", all.replace("ELEMENTS", elements)),
                &mut symbols,
            );
            (policy, symbols.clone())
        };
        let text =
            |(policy, symbols): &(Policy, Symbols)| policy.canonical(0, symbols).unwrap().text;
        let known = r#""*","Condition":{"StringEquals":{"aws:x":"b"}}"#;
        let all = [
            known,
            r#""*","Condition":{"StringEquals":{"aws:x":"{text}"}}"#,
            r#""*","Condition":{"StringEquals":{"aws:x":"{other}"}}"#,
            r#""*","Condition":{"StringEquals":{"aws:x":"{hole}"}}"#,
            r#""*","Condition":{"StringEquals":{"aws:x":["b","{...}"]}}"#,
            r#""*","Condition":{"StringEquals":{"aws:x":[{"{maybe}":"b"}]}}"#,
            r#""*","Condition":{"StringEquals{maybe}":{"aws:x":"b"}}"#,
            r#""*","Condition":{"StringEquals{maybe}":{"aws:x{maybe}":"b"}}"#,
            r#""*","Condition":{"StringEquals":{"aws:x":"b","{...}":0}}"#,
            r#""*""#,
            r#"["*",{"{maybe}":"arn:aws:kms:*:*:key/*"}]"#,
        ];
        let policies: Vec<_> = all.into_iter().map(&mut of).collect();
        let texts: BTreeSet<String> = policies.iter().map(text).collect();
        assert_eq!(texts.len(), all.len(), "{texts:?}");
        // Once it is known, it is what it stands for.
        let (policy, mut symbols) = of(r#""*","Condition":{"StringEquals":{"aws:x":"{text}"}}"#);
        let id = policy.statements[0].patterns().find_map(Pattern::as_symbol);
        let id = id.unwrap();
        symbols.bind(id, "b".to_owned());
        assert_eq!(text(&(policy, symbols)), text(&of(known)));
        // A principal of a type that is not known is none of a known one.
        let who = |principal: &str| {
            let all = r#"[{"Effect":"Allow","Principal":WHO,"Action":"kms:*","Resource":"*"}]"#;
            let mut symbols = Symbols::new();
            let policy = read(&all.replace("WHO", principal), &mut symbols);
            text(&(policy, symbols))
        };
        assert_ne!(who(r#""{text}""#), who(r#"{"AWS":"{text}"}"#));
    }

    #[test]
    fn an_account_alone_may_be_written_as_the_arn_of_its_root_user() {
        for (account, same) in [
            ("111122223333", true),
            ("{account}", true),
            // Twelve letters, and a number of another length, are no account.
            ("abcdefghijkl", false),
            ("1111", false),
            // Nor is a text that has more in it than the name of one.
            ("1{account}", false),
            ("{account}1", false),
            ("{account}{other}", false),
        ] {
            let text = |principal: &str| {
                let all = r#"[{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":"kms:*","Resource":"*"}]"#;
                let mut symbols = Symbols::new();
                let policy = read(&all.replace("WHO", principal), &mut symbols);
                policy.canonical(0, &symbols).unwrap().text
            };
            let root = format!("arn:aws:iam::{account}:root");
            assert_eq!(text(account) == text(&root), same, "{account}");
        }
    }

    #[test]
    fn the_version_counts_where_a_text_holds_what_may_be_a_variable() {
        let of = |version: &str, resource: &str| {
            let text = format!(
                r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"{resource}"}}}}"#
            );
            let read = Read::new(&text, PolicyKind::Key);
            read.policy.canonical(0, &Symbols::new()).unwrap().text
        };
        for (resource, same) in [("*", true), ("arn:aws:kms:*:*:key/${aws:username}", false)] {
            let (old, new) = (of("2008-10-17", resource), of("2012-10-17", resource));
            assert_eq!(old == new, same, "{resource}");
        }
    }

    /// Service names are compared letter by letter.
    #[test]
    fn a_service_in_other_letters_is_another_principal() {
        let other = PLAIN.replacen("b.amazonaws.com", "B.amazonaws.com", 1);
        assert_ne!(of(&other), of(PLAIN));
    }
}
