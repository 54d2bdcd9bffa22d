//! What the tests of the engine share: policies and requests from JSON, and the underlined text of an origin.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::wire::RequestLine;
use super::{
    Decision, Duplicates, Identity, Issue, IssueKind, Policy, PolicyKind, Request, Word, evaluate,
    parse,
};
use crate::source::{Origin, SourceMap, parse_json};
use crate::value::{Symbols, Value};

/// The ARN of the key in all tests.
pub(super) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

/// A policy text, read.
pub(super) struct Read {
    map: SourceMap,
    /// The policy.
    pub policy: Policy,
    /// What is wrong with it.
    pub issues: Vec<Issue>,
}

impl Read {
    /// Reads a whole policy.
    pub(super) fn new(text: &str, kind: PolicyKind) -> Self {
        let mut map = SourceMap::new();
        let file = map.add("policy", text).unwrap();
        let value = Value::from_json(&parse_json(&map, file).unwrap());
        let (policy, issues) = parse(&value, kind, Duplicates::Last);
        Read {
            map,
            policy,
            issues,
        }
    }

    /// Reads a key policy of these statements.
    pub(super) fn statements(statements: &str) -> Self {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Read::new(&text, PolicyKind::Key)
    }

    /// The text that an origin underlines.
    pub(super) fn underlined(&self, at: &Origin) -> String {
        self.map.location(at.span()).text
    }

    /// The issues of one kind, each with the text that it underlines.
    pub(super) fn issues_of(&self, kind: IssueKind) -> Vec<(String, String)> {
        let issues = self.issues.iter().filter(|issue| issue.kind == kind);
        issues
            .map(|issue| (issue.message.clone(), self.underlined(&issue.at)))
            .collect()
    }

    /// Evaluates a request.
    pub(super) fn decide(&self, request: &str) -> Decision {
        let (request, symbols) = self::request(request);
        evaluate(&self.policy, &request, &symbols)
    }

    /// The word of the verdict.
    pub(super) fn verdict(&self, request: &str) -> &'static str {
        self.decide(request).verdict.word()
    }
}

/// A request from `CALLER ACTION {context}`.
pub(super) fn request(text: &str) -> (Request, Symbols) {
    let mut words = text.splitn(3, ' ');
    let (caller, action) = (words.next().unwrap(), words.next().unwrap());
    let line = RequestLine {
        principal: caller.to_owned(),
        action: action.to_owned(),
        resource: KEY.to_owned(),
        account: Some("111122223333".to_owned()),
        context: serde_json::from_str(words.next().unwrap_or("{}")).unwrap(),
    };
    let mut symbols = Symbols::new();
    let request = line.request(&mut symbols).unwrap();
    (request, symbols)
}

/// The same with all policies of the caller.
pub(super) fn with_identity(text: &str, statements: &str) -> (Request, Symbols) {
    let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let policy = Read::new(&policy, PolicyKind::Identity).policy;
    let (request, symbols) = request(text);
    let identity = Identity::Complete(vec![policy]);
    (
        Request {
            identity,
            ..request
        },
        symbols,
    )
}

/// All words of some letters, up to a length.
pub(super) fn words(letters: &str, most: usize) -> Vec<String> {
    let (mut all, mut from) = (vec![String::new()], 0);
    for _ in 0..most {
        let longest = all.split_off(from);
        from += longest.len();
        let longer = longest
            .iter()
            .flat_map(|word| letters.chars().map(move |letter| format!("{word}{letter}")));
        let longer: Vec<String> = longer.collect();
        all.extend(longest);
        all.extend(longer);
    }
    all
}

/// Words as they are shown.
pub(crate) fn texts(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).collect()
}
