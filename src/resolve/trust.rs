//! Whether a reader may assume the role that it reads through.

use super::identity::Who;
use super::judge::{Judge, readable};
use super::policies::{self, Held};
use super::reader::{self, Reader};
use crate::input::home::arn_segments;
use crate::model::{Besides, Meaning};
use crate::policy::requests::is_list;
use crate::policy::{self, Blocker, Context, ContextValue, PolicyKind, Request, Verdict};
use crate::source::Origin;
use crate::value::{Nature, Presence, Shape, Symbol, Text};

/// The answer, and what to say of it.
pub(crate) struct Assumed {
    pub(crate) verdict: Verdict,
    pub(crate) explicit: bool,
    pub(crate) besides: Option<Besides>,
    pub(crate) blocked_by: Vec<Blocker>,
}

impl Assumed {
    fn unknown(because: String, at: Origin) -> Self {
        Assumed {
            verdict: Verdict::Undecided,
            explicit: false,
            besides: None,
            blocked_by: vec![Blocker {
                symbol: None,
                reason: because,
                at,
            }],
        }
    }
}

impl Judge<'_, '_, '_> {
    /// Whether `declared` may assume a role: the role's trust policy and the reader's own policies decide.
    pub(crate) fn assume(
        &mut self,
        declared: &str,
        role: &str,
        given: &[(String, String)],
    ) -> Assumed {
        let origin = self.facts.origin.clone();
        let from = (self.inputs, self.from.linker);
        let identities = self.from.identities;
        let found = identities.principal(role).filter(|it| it.who == Who::Role);
        let Some(found) = found else {
            return Assumed::unknown(
                format!("the trust policy of `{role}` is not in the inputs"),
                origin,
            );
        };
        let Some(resource) = self.from.linker.resource(found.at) else {
            return Assumed::unknown(
                format!("the trust policy of `{role}` is not in the inputs"),
                origin,
            );
        };
        let (address, place) = (resource.address.to_string(), resource.origin.clone());
        let name = "assume_role_policy";
        let held = policies::of_attribute(found.at, name, PolicyKind::Trust, from, self.tables);
        let trust = match held {
            Ok(trust) => trust,
            Err(unread) => {
                let reason = unread
                    .reason
                    .replace("the policy of", "the trust policy of");
                return Assumed::unknown(reason, unread.at.unwrap_or(place));
            }
        };
        let readers = reader::declared(declared, self.key, &origin, self.tables.symbols);
        let Some(reader) = readers.into_iter().next() else {
            return Assumed::unknown("the reader is not known".to_owned(), origin);
        };
        let gathered = identities.of(declared, from, self.tables);
        let mut request = Request {
            principal: reader.caller.clone(),
            action: "sts:AssumeRole".to_owned(),
            resource: Text::literal(role, origin.clone()),
            account: Text::literal(
                arn_segments(role).map_or("", |[_, _, _, account, _]| account),
                origin,
            ),
            context: Context::new(),
            identity: policy::Identity::Unknown,
        };
        for policy in gathered.held.iter().chain([&trust]) {
            self.add_context(policy, &reader, given, &mut request.context);
        }
        let alone = policy::evaluate(&trust.policy, &request, self.tables.symbols);
        request.identity = gathered.identity();
        let decision = policy::evaluate(&trust.policy, &request, self.tables.symbols);
        let decision = readable(decision);
        let own = gathered
            .address
            .as_ref()
            .filter(|_| alone.verdict != Verdict::Denied);
        let besides = match (decision.verdict, own) {
            (Verdict::Denied, Some((own, at))) => Some(Besides {
                because: format!("the IAM policies of `{own}` do not let it assume `{address}`"),
                at: at.clone(),
                label: "its policies do not allow `sts:AssumeRole` on the role".to_owned(),
                meaning: self.meant("iam does not let assume", &gathered.held, &request.action),
                from: vec![own.clone()],
            }),
            (Verdict::Denied, None) => Some(Besides {
                because: format!("the trust policy of `{address}` does not let it assume the role"),
                at: if trust.sensitive {
                    place
                } else {
                    trust.policy.origin.clone()
                },
                label: "this trust policy does not let the reader assume the role".to_owned(),
                meaning: self.meant("trust does not let assume", [&trust], &request.action),
                from: vec![address.clone()],
            }),
            (Verdict::Delegated, _) => Some(Besides {
                because: format!("whether it may assume `{address}` is left to its IAM policies"),
                at: place,
                label: "the role that it reads through".to_owned(),
                meaning: Meaning::of("assuming is left to iam"),
                from: Vec::new(),
            }),
            _ => None,
        };
        let hidden = trust.sensitive || gathered.is_sensitive();
        let mut blocked_by = decision.blocked_by;
        if hidden && !blocked_by.is_empty() {
            let reason = "a sensitive policy decides whether the role may be assumed".to_owned();
            let at = resource.origin.clone();
            blocked_by = vec![Blocker {
                symbol: None,
                reason,
                at,
            }];
        }
        Assumed {
            verdict: decision.verdict,
            explicit: decision.explicit,
            besides,
            blocked_by,
        }
    }

    /// What the call of AWS STS carries of the keys that a policy tests: who calls is known, the rest the caller chooses.
    fn add_context(
        &mut self,
        held: &Held,
        reader: &Reader,
        given: &[(String, String)],
        context: &mut Context,
    ) {
        let origin = self.facts.origin.clone();
        for key in held.policy.keys() {
            if let Some(value) = super::context::given(given, &key, &origin) {
                context.insert(value);
                continue;
            }
            let literal = |text: &str| Text::literal(text, origin.clone());
            let known = match key.as_str() {
                "aws:principalarn" => Some(reader.principal_arn.clone()),
                "aws:principalaccount" => Some(reader.account.clone()),
                "aws:principaltype" => reader.kind.map(literal),
                "aws:username" => reader.user_name.clone(),
                "aws:principalisawsservice" | "aws:viaawsservice" => Some(literal("false")),
                "aws:securetransport" => Some(literal("true")),
                _ => None,
            };
            if let Some(value) = known {
                context.set(&key, value);
                continue;
            }
            if reader.kind == Some("AssumedRole") && key == "aws:username" {
                continue;
            }
            let who = reader.principal_arn.show(self.tables.symbols);
            let shown = if held.sensitive {
                "a condition key"
            } else {
                key.as_str()
            };
            let mut symbol = |what: &str, name: String, shape| {
                self.tables.symbols.intern(Symbol {
                    key: format!("assume:{who}:{key}:{what}"),
                    name,
                    shape,
                    nature: Nature::Free,
                    reason: "the reader chooses it".to_owned(),
                    supply: (!held.sensitive).then(|| format!("--reader-context {key}=VALUE")),
                })
            };
            let presence = symbol("presence", format!("{shown} is sent"), Shape::Presence);
            let value = symbol("value", shown.to_owned(), Shape::Text);
            context.insert(ContextValue {
                key: key.clone(),
                presence: Presence::Maybe(presence),
                values: vec![Text::symbol(value, origin.clone())],
                multivalued: is_list(&key),
                open: None,
            });
        }
    }
}
