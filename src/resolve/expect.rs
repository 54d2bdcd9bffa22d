//! Expectations: the requests that the user's file lists for keys, put together and judged.
//!
//! Such a request carries what follows from who asks, from the key and from the way over the network, and what the file gives; everything
//! else is absent. With `as` it is the request of a built-in requirement, and what the file gives stands in the place of what that carries.

use super::context::{Builder, Facts};
use super::judge::ask;
use super::reader::{self, Kind, Reader};
use super::subject::Subjects;
use super::{Inputs, Tables};
use crate::address::Address;
use crate::config::{At, Expectation, Expected, Given, KeyPattern, Name, Piece, Template};
use crate::input::home::arn_segments;
use crate::model::{self, Key, PolicyState, Requirement, Subject, SubjectKind, Unmatched};
use crate::policy::requests::{Cell, Demand, RequestKind, What, cell};
use crate::policy::{self, Caller, Context, ContextValue, Identity, Policy, Request, Verdict};
use crate::source::Origin;
use crate::value::{Nature, PartKind, Presence, Shape, Symbol, SymbolId, Text};

/// The id of a requirement that only the file has.
const ID: &str = "expectation";

/// What a judgement is made from.
pub(crate) struct Expecting<'e, 'a> {
    pub(crate) inputs: Inputs<'a>,
    pub(crate) from: &'e Subjects<'e, 'a>,
    pub(crate) keys: &'e [Key],
    pub(crate) subjects: &'e [Subject],
}

/// What came of the expectations.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) judged: Vec<model::Expectation>,
    pub(crate) unmatched: Vec<Unmatched>,
}

/// Who asks, and what is known of them.
struct Who {
    caller: Caller,
    reader: Option<Reader>,
    /// True where the caller belongs to another account than the key.
    foreign: bool,
    /// A part of the caller's name that is not known and must be.
    unknown: Option<SymbolId>,
}

impl Expecting<'_, '_> {
    /// Judges all expectations, in the order of the file and of the keys.
    pub(crate) fn judge(&self, tables: &mut Tables<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        for expectation in &self.inputs.options.expectations {
            self.expectation(expectation, tables, &mut outcome);
        }
        outcome
    }

    fn expectation(&self, it: &Expectation, tables: &mut Tables<'_>, outcome: &mut Outcome) {
        let mut meant: Vec<usize> = Vec::new();
        for pattern in &it.keys {
            let keys = self.keys.iter().enumerate();
            let found = keys.filter(|(_, key)| is_meant(&pattern.value, key));
            let found: Vec<usize> = found.map(|(at, _)| at).collect();
            if found.is_empty() && !it.optional {
                outcome.unmatched.push(Unmatched {
                    what: written(&pattern.value).to_owned(),
                    key: true,
                    at: Origin::new(pattern.span),
                });
            }
            meant.extend(found);
        }
        meant.sort_unstable();
        meant.dedup();
        for index in meant {
            let Some(key) = self.keys.get(index) else {
                continue;
            };
            // Only `policy-invalid` speaks of a policy that AWS would refuse.
            if key.state == PolicyState::Invalid {
                continue;
            }
            for request in &it.requests {
                match &request.built_in {
                    Some(demand) => {
                        self.built_in(request, demand.value, (index, key), tables, outcome);
                    }
                    None => self.free(request, (index, key), tables, outcome),
                }
            }
        }
    }

    /// A request that the file alone describes.
    fn free(
        &self,
        request: &Expected,
        (index, key): (usize, &Key),
        tables: &mut Tables<'_>,
        outcome: &mut Outcome,
    ) {
        let origin = Origin::new(request.span);
        let facts = Facts {
            subject: format!("expectation:{}", request.span.start),
            trail: None,
            organization: None,
            member: None,
            home: self.from.scopes.home(&origin),
            bucket: super::context::Bucket::unknown(&origin),
            origin: origin.clone(),
        };
        let Some(given) = self.given(request, key, outcome) else {
            return;
        };
        for principal in &request.principals {
            let Some(who) = self.who(principal, key, tables, outcome) else {
                continue;
            };
            for action in &request.actions {
                let mut builder = Builder {
                    facts: &facts,
                    key,
                    reader: who.reader.as_ref(),
                    given: &[],
                    named: true,
                    via: super::Via::Unsaid,
                    tables,
                };
                let mut context = stated(&mut builder, &who.caller, &action.value, &policies(key));
                for value in &given {
                    context.insert(value.clone());
                }
                let requirement = answer(ID, &action.value, (index, key), &who, context, tables);
                let what = describe(&[&principal.value.written], &request.context);
                outcome.judged.push(model::Expectation {
                    allow: request.allow,
                    foreign: who.foreign,
                    requirement: settled(requirement, request.allow, tables),
                    built_in: None,
                    what,
                    given: keys_of(&request.context),
                    at: origin.clone(),
                });
            }
        }
    }

    /// The request of a built-in requirement, of each subject that is meant.
    fn built_in(
        &self,
        request: &Expected,
        demand: &'static Demand,
        (index, key): (usize, &Key),
        tables: &mut Tables<'_>,
        outcome: &mut Outcome,
    ) {
        let origin = Origin::new(request.span);
        let Some(given) = self.given(request, key, outcome) else {
            return;
        };
        let mut found = false;
        for subject in self.subjects.iter().filter(|it| asks(it, demand.kind)) {
            let named = request.subject.as_ref();
            if named.is_some_and(|named| !is_address(&named.value, &subject.address)) {
                continue;
            }
            let Some(facts) = self.from.facts_of(subject, key, tables) else {
                continue;
            };
            found = true;
            let callers: Vec<Option<Who>> = if let Some(service) = demand.kind.service() {
                vec![Some(Who {
                    caller: Caller::Service(service.to_owned()),
                    reader: None,
                    foreign: false,
                    unknown: None,
                })]
            } else {
                let named = request.principals.iter();
                let who = named.map(|it| self.who(it, key, tables, outcome));
                who.collect()
            };
            for who in callers.into_iter().flatten() {
                let mut builder = Builder {
                    facts: &facts,
                    key,
                    reader: who.reader.as_ref(),
                    given: &[],
                    named: true,
                    via: super::Via::Unsaid,
                    tables,
                };
                let mut context = builder.context(demand.kind, demand.action, &policies(key));
                for value in &given {
                    context.insert(value.clone());
                }
                let requirement = answer(
                    demand.id,
                    demand.action,
                    (index, key),
                    &who,
                    context,
                    tables,
                );
                let who_asks = requirement.reader.clone().unwrap_or_default();
                let what = [demand.id, &subject.address, &who_asks];
                outcome.judged.push(model::Expectation {
                    allow: request.allow,
                    foreign: who.foreign,
                    requirement: settled(requirement, request.allow, tables),
                    built_in: Some(subject.address.clone()),
                    what: describe(&what, &request.context),
                    given: keys_of(&request.context),
                    at: origin.clone(),
                });
            }
        }
        if !found {
            let named = request.subject.as_ref();
            let unmatched = Unmatched {
                what: named.map_or_else(|| demand.id.to_owned(), |it| it.value.clone()),
                key: false,
                at: named.map_or(origin, |it| Origin::new(it.span)),
            };
            outcome.add(unmatched);
        }
    }

    /// Who asks; none where a name in it stands for nothing of the inputs, which is noted.
    fn who(
        &self,
        principal: &At<Template>,
        key: &Key,
        tables: &mut Tables<'_>,
        outcome: &mut Outcome,
    ) -> Option<Who> {
        let origin = Origin::new(principal.span);
        if principal.value.literal() == Some("*") {
            return Some(stranger(key, &origin, tables));
        }
        let mut text = self.text(&principal.value, key, &origin, outcome)?;
        let last = principal
            .value
            .written
            .rsplit('.')
            .next()
            .unwrap_or_default();
        if !principal.value.written.starts_with("arn:") && matches!(last, "com" | "cn") {
            let unknown = text.parts().iter().find_map(|part| match part.kind {
                PartKind::Symbol(symbol) => Some(symbol),
                _ => None,
            });
            return Some(Who {
                caller: Caller::Service(text.show(tables.symbols)),
                reader: None,
                foreign: false,
                unknown,
            });
        }
        if !principal.value.written.starts_with("arn:") {
            // An account id stands for the account's root user.
            let mut arn = Text::literal("arn:", origin.clone());
            arn.append(segment(&key.arn, 1));
            arn.append(Text::literal(":iam::", origin.clone()));
            arn.append(text);
            arn.append(Text::literal(":root", origin.clone()));
            text = arn;
        }
        let reader = reader::of_text(&text, &key.account, &origin, tables.symbols);
        let foreign = match (reader.account.to_literal(), key.account.to_literal()) {
            (Some(theirs), Some(own)) => theirs != own,
            _ => false,
        };
        Some(Who {
            caller: reader.caller.clone(),
            reader: Some(reader),
            foreign,
            unknown: None,
        })
    }

    /// What the file gives of the context; none where a name in it stands for nothing of the inputs, which is noted.
    fn given(
        &self,
        request: &Expected,
        key: &Key,
        outcome: &mut Outcome,
    ) -> Option<Vec<ContextValue>> {
        let text = |it: &At<Template>, outcome: &mut Outcome| {
            self.text(&it.value, key, &Origin::new(it.span), outcome)
        };
        let value = |it: &Given, outcome: &mut Outcome| {
            let texts = it.values.iter().map(|it| text(it, outcome));
            Some(ContextValue {
                key: it.key.clone(),
                presence: Presence::Present,
                values: texts.collect::<Option<Vec<Text>>>()?,
                multivalued: it.list || crate::policy::requests::is_list(&it.key),
                open: None,
            })
        };
        let given = request.context.iter().map(|it| value(it, outcome));
        given.collect()
    }

    /// A text with its names put in.
    fn text(
        &self,
        template: &Template,
        key: &Key,
        origin: &Origin,
        outcome: &mut Outcome,
    ) -> Option<Text> {
        let mut text = Text::default();
        for piece in &template.parts {
            text.append(match piece {
                Piece::Text(literal) => Text::literal(literal, origin.clone()),
                Piece::Name(Name::Account) => key.account.clone(),
                Piece::Name(Name::Region) => key.region.clone(),
                Piece::Name(Name::Partition) => segment(&key.arn, 1),
                Piece::Name(Name::Key) => key.arn.clone(),
                Piece::Name(Name::Subject(address)) => {
                    let all = || self.subjects.iter().filter(|it| it.address == *address);
                    let near = all()
                        .find(|it| it.input == key.input)
                        .or_else(|| all().next());
                    let Some(subject) = near else {
                        let unmatched = Unmatched {
                            what: address.clone(),
                            key: false,
                            at: origin.clone(),
                        };
                        outcome.add(unmatched);
                        return None;
                    };
                    subject.arn.clone()
                }
            });
        }
        Some(text)
    }
}

/// The answer of the key to a request.
fn answer(
    id: &'static str,
    action: &str,
    (index, key): (usize, &Key),
    who: &Who,
    context: Context,
    tables: &mut Tables<'_>,
) -> Requirement {
    let request = Request {
        principal: who.caller.clone(),
        action: action.to_owned(),
        resource: key.arn.clone(),
        account: key.account.clone(),
        context,
        identity: Identity::Unknown,
    };
    let mut requirement = ask(key, index, id, &key.origin, request, tables.symbols);
    if let Caller::Aws(arn) = &who.caller {
        requirement.reader = Some(arn.show(tables.symbols));
    }
    if let Some(symbol) = who.unknown {
        requirement.verdict = Verdict::Undecided;
        requirement.decision = policy::Decision {
            verdict: Verdict::Undecided,
            explicit: false,
            cases: Vec::new(),
            blocked_by: vec![policy::Blocker {
                symbol: Some(symbol),
                reason: tables.symbols.get(symbol).reason.clone(),
                at: key.origin.clone(),
            }],
            statements: Vec::new(),
        };
    }
    requirement
}

impl Outcome {
    /// Notes what matches nothing, once however many keys and requests ask for it.
    fn add(&mut self, new: Unmatched) {
        let same = |it: &Unmatched| (it.key, &it.what) == (new.key, &new.what);
        if !self.unmatched.iter().any(same) {
            self.unmatched.push(new);
        }
    }
}

/// What a caller may choose is chosen, and of strangers the one: a request that must not be allowed is, where some choice gets it allowed.
fn settled(mut requirement: Requirement, allow: bool, tables: &Tables<'_>) -> Requirement {
    let free = |symbol| {
        matches!(
            tables.symbols.get(symbol).nature,
            Nature::Free | Nature::Fresh
        )
    };
    let open = matches!(
        requirement.verdict,
        Verdict::Undecided | Verdict::Conditional
    );
    let chosen = requirement.decision.cases.iter().find(|case| {
        matches!(case.verdict, Verdict::Allowed | Verdict::Delegated)
            && case.when.iter().all(|fixed| free(fixed.symbol))
    });
    if let Some(case) = chosen.filter(|_| open && !allow) {
        requirement.verdict = case.verdict;
    }
    requirement
}

/// Somebody of an account that no policy and no input names.
fn stranger(key: &Key, origin: &Origin, tables: &mut Tables<'_>) -> Who {
    let account = tables.symbols.intern(Symbol {
        key: "expectation:stranger".to_owned(),
        name: "a stranger's account".to_owned(),
        shape: Shape::Account,
        nature: Nature::Fresh,
        reason: "any account that nobody names".to_owned(),
        supply: None,
    });
    let account = Text::symbol(account, origin.clone());
    let partition = segment(&key.arn, 1).to_literal();
    let partition = partition.unwrap_or_else(|| "aws".to_owned());
    let partition = crate::input::home::Piece::Known(partition);
    let reader = reader::anyone(Kind::Role, &partition, &account, origin, tables.symbols);
    Who {
        caller: Caller::Stranger,
        reader: Some(reader),
        foreign: true,
        unknown: None,
    }
}

fn policies(key: &Key) -> Vec<&Policy> {
    // The other reading of a policy with equal keys is asked the same request.
    key.policy.iter().chain(&key.policy_first).collect()
}

/// What follows from who asks, from the key and from the network, as far as the policy asks for it.
fn stated(
    builder: &mut Builder<'_, '_>,
    caller: &Caller,
    action: &str,
    policies: &[&Policy],
) -> Context {
    let mut context = Context::new();
    let mut keys: Vec<String> = policies.iter().flat_map(|it| it.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let value = match (caller, key.as_str()) {
            (
                Caller::Service(name),
                "aws:principalservicename" | "aws:principalservicenameslist",
            ) => Some(builder.literal(&key, name)),
            (_, "aws:viaawsservice") => Some(builder.literal(&key, "false")),
            (Caller::Stranger, "aws:principalorgid" | "aws:principalorgpaths") => {
                Some(builder.foreign_organization(&key))
            }
            (Caller::Service(_), _) if follows(RequestKind::Config, &key) => {
                builder.value(RequestKind::Config, action, &key)
            }
            (Caller::Aws(_) | Caller::Stranger, _) if follows(RequestKind::Reader, &key) => {
                builder.value(RequestKind::Reader, action, &key)
            }
            _ => None,
        };
        if let Some(value) = value {
            context.insert(value);
        }
    }
    context
}

/// True for a key whose value nobody chooses.
fn follows(kind: RequestKind, key: &str) -> bool {
    let (Cell::Present(what) | Cell::Perhaps(what)) = cell(kind, key) else {
        return false;
    };
    matches!(
        what,
        What::ReaderAccount
            | What::ReaderArn
            | What::ReaderType
            | What::ReaderName
            | What::ReaderOrganization
            | What::True
            | What::False
            | What::AwsAddress
            | What::Time
            | What::OfTheKey
    )
}

/// True for a subject that makes requests of a kind.
fn asks(subject: &Subject, kind: RequestKind) -> bool {
    match kind {
        RequestKind::Store => subject.kind == SubjectKind::EventDataStore,
        RequestKind::Reader => {
            matches!(
                subject.kind,
                SubjectKind::Trail | SubjectKind::EventDataStore
            )
        }
        _ => subject.kind == SubjectKind::Trail,
    }
}

/// The text of a pattern.
fn written(pattern: &KeyPattern) -> &str {
    let (KeyPattern::Alias(text) | KeyPattern::Arn(text) | KeyPattern::Address(text)) = pattern;
    text
}

/// True where the pattern means the key.
fn is_meant(pattern: &KeyPattern, key: &Key) -> bool {
    match pattern {
        KeyPattern::Alias(name) => key.aliases.iter().any(|alias| fits(name, alias)),
        KeyPattern::Arn(arn) => {
            let segments = arn_segments(arn);
            let alias = segments.filter(|[.., resource]| resource.starts_with("alias/"));
            if let Some([_, _, region, account, alias]) = alias {
                let same =
                    |known: &Text, said: &str| known.to_literal().is_none_or(|known| known == said);
                return key.aliases.iter().any(|it| it == alias)
                    && same(&key.region, region)
                    && same(&key.account, account);
            }
            key.arn.to_literal().as_deref() == Some(arn) || key.address == *arn
        }
        KeyPattern::Address(address) => is_address(address, &key.address),
    }
}

/// True where a pattern means an address: as it is, without its instance key, or without any.
fn is_address(pattern: &str, address: &str) -> bool {
    if fits(pattern, address) {
        return true;
    }
    let Some(parsed) = Address::parse(address) else {
        return false;
    };
    let all = parsed.configuration().to_string();
    let own = Address {
        key: None,
        ..parsed
    };
    fits(pattern, &own.to_string()) || fits(pattern, &all)
}

/// True where a text is the pattern with any text for each `*`.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

fn segment(arn: &Text, at: usize) -> Text {
    reader::segments(arn)
        .into_iter()
        .nth(at)
        .unwrap_or_default()
}

fn keys_of(context: &[Given]) -> Vec<String> {
    context.iter().map(|it| it.key.clone()).collect()
}

/// What is asked, as the file says it: it tells one expectation from another.
fn describe(what: &[&str], context: &[Given]) -> String {
    let mut text = what.join(" ");
    for given in context {
        let values: Vec<&str> = given
            .values
            .iter()
            .map(|it| it.value.written.as_str())
            .collect();
        text.extend([" ", &given.key, "=", &values.join(",")]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            (
                "module.*.aws_kms_key.*",
                "module.a[\"x.y\"].module.b.aws_kms_key.k[0]",
            ),
            ("a*b*c", "aXbYbZc"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "ab"),
            ("a*a", "a"),
            ("module.*.aws_kms_key.*", "aws_kms_key.k"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn an_address_without_instance_keys_means_all_instances() {
        let address = "module.a[\"x\"].aws_kms_key.k[0]";
        for pattern in [
            address,
            "module.a[\"x\"].aws_kms_key.k",
            "module.a.aws_kms_key.k",
            "module.*.aws_kms_key.*",
        ] {
            assert!(is_address(pattern, address), "{pattern}");
        }
        assert!(!is_address("module.a[\"y\"].aws_kms_key.k", address));
        assert!(!is_address("aws_kms_key.k", address));
    }
}
