//! Whether anybody of the account could change a key's policy again.

use super::Tables;
use super::context::{Bucket, Facts};
use super::judge::Judge;
use super::keys::Keys;
use super::reader::{self, Reader};
use super::scope::Scopes;
use super::subject::Subjects;
use crate::input::home::Piece;
use crate::model::{Fact, Key, PolicyState, Requirement};
use crate::policy::Verdict;
use crate::policy::requests::{Demand, RequestKind};
use crate::value::{Nature, PartKind, Symbols, Text};

/// What is asked.
pub(super) const ACTION: &str = "kms:PutKeyPolicy";

/// AWS checks that whoever sets a policy can change it again (AWS KMS API Reference, `PutKeyPolicy`). Who that is, a plan does not say: here it
/// is asked whether anybody can.
const MANAGE: Demand = Demand {
    id: "key-manage",
    kind: RequestKind::Reader,
    action: ACTION,
    why: "somebody of the account must be able to change the policy",
};

/// Asks for every key whose policy was read.
pub(super) fn judge(from: &Subjects<'_, '_>, keys: &mut Keys, tables: &mut Tables<'_>) {
    for index in 0..keys.list.len() {
        let manage = keys
            .list
            .get(index)
            .and_then(|key| manager(from, keys, index, key, tables));
        if let Some(key) = keys.list.get_mut(index) {
            key.manage = manage.map(Box::new);
        }
    }
}

fn manager(
    from: &Subjects<'_, '_>,
    keys: &Keys,
    index: usize,
    key: &Key,
    tables: &mut Tables<'_>,
) -> Option<Requirement> {
    let read = matches!(
        key.state,
        PolicyState::Known | PolicyState::Partial | PolicyState::Sensitive
    );
    let facts = facts(key, from.scopes);
    let mut judge = Judge {
        facts: &facts,
        key,
        index,
        inputs: from.inputs,
        from,
        keys,
        tables,
    };
    if read { judge.manager() } else { None }
}

/// Nothing of a trail: a request to change the policy.
fn facts(key: &Key, scopes: &Scopes) -> Facts {
    let account = key.account.to_literal();
    let organization = account.and_then(|it| {
        let piece = Piece::Known(it);
        scopes.organization_of(&piece).map(str::to_owned)
    });
    Facts {
        subject: key.id.clone(),
        trail: None,
        member: None,
        organization,
        home: scopes.home(&key.origin),
        bucket: Bucket {
            arn: Text::default(),
            path: Text::default(),
            has_key: Fact::Known(false),
            region: key.region.clone(),
            inside: false,
            switch: key.origin.clone(),
        },
        origin: key.origin.clone(),
    }
}

impl Judge<'_, '_, '_> {
    /// The request of the one who comes closest to changing the policy.
    fn manager(&mut self) -> Option<Requirement> {
        let policy = self.key.policy.as_ref()?;
        let partition = self.partition();
        let (account, origin) = (self.key.account.clone(), self.facts.origin.clone());
        let mut readers = reader::candidates(
            policy,
            ACTION,
            &partition,
            &account,
            &origin,
            self.tables.symbols,
        );
        // No other account can be allowed to change a key's policy (AWS KMS Developer Guide, Allowing users in other accounts to use a KMS key).
        readers.retain(|reader| may_be(&reader.account, &account, self.tables.symbols));
        if self.key.sensitive {
            readers = readers.into_iter().map(Reader::into_sensitive).collect();
        }
        let mut best: Option<(u8, Requirement)> = None;
        for reader in &readers {
            let mut requirement = self.as_reader(&MANAGE, reader);
            // That the root user alone can is enough.
            let rank = match (self.rank(&mut requirement, reader), requirement.verdict) {
                (_, Verdict::Allowed | Verdict::Delegated) => u8::MAX,
                (rank, _) => rank,
            };
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, requirement));
            }
            if rank == u8::MAX {
                break;
            }
        }
        best.map(|(_, requirement)| requirement)
    }

    fn partition(&self) -> Piece {
        let segment = reader::segments(&self.key.arn).into_iter().nth(1);
        segment
            .filter(|it| !it.parts().is_empty())
            .map_or("aws".into(), Piece::Text)
    }
}

/// False for an account that surely is another one, and for whatever account anybody has.
fn may_be(account: &Text, own: &Text, symbols: &Symbols) -> bool {
    if let (Some(one), Some(other)) = (account.to_literal(), own.to_literal()) {
        return one == other;
    }
    let free = |part: &crate::value::Part| matches!(part.kind, PartKind::Symbol(id) if symbols.get(id).nature == Nature::Free);
    !account.parts().iter().any(free)
}
