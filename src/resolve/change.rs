//! The world before the plans: the same inputs with what each resource was, resolved and judged in the same way.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Buckets;
use super::index::{At, Index};
use super::keys::restores_default;
use super::link::Linker;
use super::scope::Scopes;
use super::{Inputs, Loaded, Tables, judged};
use crate::input::types::is_identity;
use crate::input::{Action, Document, InputKind, Mode, Resource};
use crate::model::{Changed, Fate, Gone, Model, Past, Requirement, SubjectKind};
use crate::policy::Verdict;
use crate::value::{Kind, Value};

/// Gives the model its past: the world before, the verdict of each requirement in it, and the keys that the plans take away.
pub(crate) fn compare(
    model: &mut Model,
    inputs: Inputs<'_>,
    scopes: &Scopes,
    tables: &mut Tables<'_>,
) {
    let mut documents = inputs.loaded.iter().map(|loaded| &loaded.document);
    if !documents.any(|it| it.planned) {
        return;
    }
    if !matters(model, inputs) {
        model.past = Past::Same;
        for_all_planned(model, |requirement, subject| {
            requirement.before = Some(requirement.verdict).filter(|_| !subject.is_new);
        });
        return;
    }
    let loaded: Vec<Loaded> = inputs.loaded.iter().map(earlier).collect();
    let index: Vec<Index<'_>> = loaded.iter().map(|it| Index::new(&it.document)).collect();
    let before = Inputs {
        loaded: &loaded,
        index: &index,
        options: inputs.options,
    };
    let mut past = judged(before, scopes, tables);
    past.trust.clone_from(&model.trust);
    let (now, subjects) = (std::mem::take(&mut model.keys), by_id(&past));
    for_all_planned(model, |requirement, subject| {
        let old = subjects
            .get(subject.id)
            .and_then(|at| past.subjects.get(*at));
        let same = old.and_then(|old| requirement.among(old, &past, &now));
        // What IAM policies decide now and nobody could tell before need not be this plan's doing.
        let told =
            |it: &&Requirement| requirement.besides.is_none() || it.verdict != Verdict::Delegated;
        requirement.before = same.filter(told).map(|it| it.verdict);
    });
    model.keys = now;
    model.changed = changed(inputs);
    model.gone = gone(inputs, before, scopes, &past);
    leave(model, inputs);
    model.past = Past::World(Box::new(past));
}

/// True where a plan does something with what is managed.
pub(super) fn is_change(it: &Resource) -> bool {
    let same = matches!(it.action, Action::NoOp | Action::Read | Action::Unplanned);
    it.mode == Mode::Managed && it.deposed.is_none() && !same
}

/// What changes nothing of other objects by being created. A key policy, the encryption of a bucket, a grant or an IAM policy does.
const ALONE: &[&str] = &[
    "aws_cloudtrail",
    "aws_cloudtrail_event_data_store",
    "aws_kms_alias",
    "aws_kms_external_key",
    "aws_kms_key",
    "aws_kms_replica_external_key",
    "aws_kms_replica_key",
    "aws_s3_bucket",
];

/// True where the plans may give another answer to what was there before.
fn matters(model: &Model, inputs: Inputs<'_>) -> bool {
    let documents = inputs.loaded.iter().map(|it| &it.document);
    let mut changes = documents
        .flat_map(|it| &it.resources)
        .filter(|it| is_change(it));
    if inputs.options.compare {
        return changes.next().is_some();
    }
    // A policy of a new key is as new as the key.
    let new = model.keys.iter().filter(|key| key.action.is_new());
    let new: BTreeSet<&str> = new
        .flat_map(|key| &key.policy_addresses)
        .map(String::as_str)
        .collect();
    let readers = !inputs.options.readers.is_empty();
    changes.any(|it| match it.address.kind.as_str() {
        "aws_kms_key_policy" => !new.contains(it.address.to_string().as_str()),
        // What IAM lets anybody do is asked for readers alone.
        kind if is_identity(kind) && !readers => false,
        kind => it.action != Action::Create || !ALONE.contains(&kind),
    })
}

/// Which subject a requirement belongs to.
struct Of<'s> {
    id: &'s str,
    is_new: bool,
}

fn by_id(model: &Model) -> BTreeMap<&str, usize> {
    let all = model.subjects.iter().enumerate();
    all.map(|(at, it)| (it.id.as_str(), at)).collect()
}

/// Hands out every requirement. Sources do not say what is there already.
fn for_all_planned(model: &mut Model, mut with: impl FnMut(&mut Requirement, &Of<'_>)) {
    for subject in &mut model.subjects {
        let input = model.inputs.get(subject.input);
        let unplanned = subject.action == Action::Unplanned;
        if unplanned || input.is_none_or(|input| input.kind == InputKind::Sources) {
            continue;
        }
        let of = Of {
            id: &subject.id,
            is_new: subject.action.is_new(),
        };
        for requirement in &mut subject.requirements {
            with(requirement, &of);
        }
    }
}

/// An input as it was before its plan. What a plan leaves out was there already, so the past is whole.
pub(super) fn earlier(loaded: &Loaded) -> Loaded {
    let of = &loaded.document;
    let document = Document {
        kind: of.kind,
        planned: false,
        terraform_version: None,
        format_version: None,
        complete: true,
        errored: false,
        resources: of.resources.iter().filter_map(was).collect(),
        deferred: Vec::new(),
        configuration: of.configuration.clone(),
        variables: of.variables.clone(),
        relevant: Vec::new(),
        notes: Vec::new(),
        unreadable: Vec::new(),
        lost: of.lost.clone(),
        differences: Vec::new(),
        remote: of.remote.clone(),
        missing: Vec::new(),
        sources: None,
        homes: of.homes.clone(),
        waits: of.waits.clone(),
    };
    Loaded {
        path: loaded.path.clone(),
        document,
    }
}

/// A resource as it was, at the address that it has now; none where it was not there.
fn was(it: &Resource) -> Option<Resource> {
    if it.deposed.is_some() {
        return None;
    }
    match it.action {
        Action::NoOp | Action::Unplanned => return Some(it.clone()),
        Action::Create | Action::Read => return None,
        _ => {}
    }
    let before = it.before.clone()?;
    let mut ways = it.ways.clone();
    ways.retain(|name, _| {
        let after = it.after.as_ref().and_then(|after| after.get(name));
        before.get(name) == after
    });
    Some(Resource {
        action: Action::NoOp,
        importing: false,
        before: None,
        after: Some(before),
        ways,
        address: it.address.clone(),
        previous: None,
        mode: it.mode,
        whence: it.whence,
        action_reason: None,
        deposed: None,
        origin: it.origin.clone(),
    })
}

/// The grants and the IAM resources that the plans change.
fn changed(inputs: Inputs<'_>) -> BTreeMap<String, Changed> {
    let documents = inputs.loaded.iter().map(|it| &it.document);
    let all = documents.flat_map(|it| &it.resources).filter(|it| {
        let kind = it.address.kind.as_str();
        is_change(it) && (kind == "aws_kms_grant" || kind.starts_with("aws_iam_"))
    });
    let changed = all.map(|it| {
        let changed = Changed {
            action: it.action,
            origin: it.origin.clone(),
        };
        (it.address.to_string(), changed)
    });
    changed.collect()
}

/// What becomes of a key that the plan takes away, where it does.
fn fate(action: Action) -> Option<Fate> {
    Some(match action {
        Action::Delete => Fate::Deleted,
        Action::Replace => Fate::Replaced,
        Action::Forget | Action::CreateForget => Fate::Forgotten,
        _ => return None,
    })
}

/// The managed objects that plans take away, by input and address.
type Taken<'a> = BTreeMap<(usize, String), &'a Resource>;

/// The keys that the plans take out of their states.
fn gone(inputs: Inputs<'_>, before: Inputs<'_>, scopes: &Scopes, past: &Model) -> Vec<Gone> {
    let mut taken = Taken::new();
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        let resources = loaded.document.resources.iter();
        let goes = |it: &&Resource| is_change(it) && fate(it.action).is_some();
        taken.extend(
            resources
                .filter(goes)
                .map(|it| ((input, it.address.to_string()), it)),
        );
    }
    if taken.is_empty() {
        return Vec::new();
    }
    let mut gone = Vec::new();
    for (at, key) in past.keys.iter().enumerate() {
        let Some(it) = taken.get(&(key.input, key.address.clone())) else {
            continue;
        };
        let (Some(fate), Some(old)) = (fate(it.action), &it.before) else {
            continue;
        };
        let text = |name: &str| old.get(name).and_then(Value::as_str).map(str::to_owned);
        gone.push(Gone {
            key: at,
            fate,
            window: days(old),
            users: Vec::new(),
            names: ["arn", "key_id"].into_iter().filter_map(text).collect(),
            origin: it.origin.clone(),
        });
    }
    if !gone.is_empty() {
        users(&mut gone, &taken, before, scopes, past);
    }
    gone
}

/// Who used the keys, and whose logs stay: those of a bucket, or in a store, that the same plan destroys need no key any more.
fn users(gone: &mut [Gone], taken: &Taken<'_>, before: Inputs<'_>, scopes: &Scopes, past: &Model) {
    let linker = Linker::new(before.loaded, before.index, scopes);
    let buckets = Buckets::new(before, &linker);
    let destroyed = |input: usize, address: &str| {
        let it = taken.get(&(input, address.to_owned()));
        it.is_some_and(|it| matches!(it.action, Action::Delete | Action::Replace))
    };
    let mut places: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for (input, loaded) in before.loaded.iter().enumerate() {
        let resources = loaded.document.resources.iter().enumerate();
        let trails = resources.filter(|(_, it)| it.address.kind == "aws_cloudtrail");
        places.extend(trails.map(|(at, it)| ((input, it.address.to_string()), at)));
    }
    for (user, subject) in past.subjects.iter().enumerate() {
        let own = |it: &&mut Gone| subject.link.keys.contains(&it.key);
        let Some(key) = gone.iter_mut().find(own) else {
            continue;
        };
        let place = places.get(&(subject.input, subject.address.clone()));
        let at = place.map(|resource| At {
            input: subject.input,
            resource: *resource,
        });
        let trail = at.and_then(|at| linker.resource(at).map(|it| (at, it)));
        let bucket = trail.and_then(|(at, it)| buckets.of_trail(&linker, before, at, it).resource);
        let bucket = bucket.and_then(|at| linker.resource(at));
        let lost = match (subject.kind, bucket) {
            (SubjectKind::EventDataStore, _) => destroyed(subject.input, &subject.address),
            (_, Some(bucket)) => destroyed(subject.input, &bucket.address.to_string()),
            (_, None) => false,
        };
        if !lost {
            key.users.push(user);
        }
    }
}

/// Says of key policies that Terraform lets go of that they stay.
fn leave(model: &mut Model, inputs: Inputs<'_>) {
    for (input, loaded) in model.inputs.iter_mut().zip(inputs.loaded) {
        for it in loaded.document.resources.iter().filter(|it| is_change(it)) {
            if it.address.kind != "aws_kms_key_policy" {
                continue;
            }
            let why = match it.action {
                Action::Forget => "Terraform lets go of it",
                Action::Delete if !restores_default(it) => {
                    "it is destroyed with `bypass_policy_lockout_safety_check`"
                }
                _ => continue,
            };
            let address = &it.address;
            input.notes.push(format!(
                "the policy that `{address}` set stays on the key, and is managed by nobody from now on: {why}"
            ));
        }
    }
}

/// `deletion_window_in_days`, or AWS's default.
fn days(key: &Value) -> Option<String> {
    match key.get("deletion_window_in_days").map(|it| &it.kind) {
        Some(Kind::Number(days)) => Some(days.clone()),
        None | Some(Kind::Null) => Some("30".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Way;
    use crate::source::SourceMap;
    use crate::value::Symbols;

    /// The trail of a plan that changes one of two attributes.
    fn trail() -> Resource {
        let text = r#"{"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "configuration": {"root_module": {}}, "resource_changes": [{"address": "aws_cloudtrail.main", "mode": "managed",
            "type": "aws_cloudtrail", "name": "main", "change": {"actions": ["update"],
            "before": {"name": "main", "kms_key_id": "old"}, "after": {"name": "main", "kms_key_id": "new"},
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}}]}"#;
        let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
        let document = crate::plan::load(
            text.as_bytes(),
            "plan.json",
            "in0",
            &mut sources,
            &mut symbols,
        );
        document.unwrap().resources.remove(0)
    }

    /// The references of the sources are those of what will be.
    #[test]
    fn the_way_to_a_value_that_changes_is_not_the_one_to_what_it_was() {
        let mut it = trail();
        for name in ["name", "kms_key_id", "tags"] {
            let way = Way {
                text: format!("var.{name}"),
                origin: it.origin.clone(),
            };
            it.ways.insert(name.to_owned(), vec![way]);
        }
        let past = was(&it).unwrap();
        let names: Vec<&str> = past.ways.keys().map(String::as_str).collect();
        assert_eq!(names, ["name", "tags"]);
        let key = past.after.as_ref().and_then(|it| it.get("kms_key_id"));
        assert_eq!(key.and_then(Value::as_str), Some("old"));
    }

    /// Whatever a plan says that it was.
    #[test]
    fn what_is_created_or_read_was_not_there() {
        for (action, there) in [
            (Action::Create, false),
            (Action::Read, false),
            (Action::Update, true),
            (Action::Delete, true),
            (Action::Replace, true),
            (Action::NoOp, true),
        ] {
            let mut it = trail();
            it.action = action;
            assert_eq!(was(&it).is_some(), there, "{action:?}");
        }
    }
}
