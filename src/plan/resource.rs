//! From raw records to [`Resource`]s: planned changes first, then what only the prior state or the state holds.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Buckets;
use super::decode::{MAKE_PLAN, note};
use super::page::{self, Page, Side};
use super::read::Input;
use super::scan::{Attributes, Parts, Raw, RawRecord, Scanned, Whole, string, strings};
use crate::address::{Address, Key, parse_module_path};
use crate::error::Error;
use crate::input::types::Type;
use crate::input::{
    Action, ConfigResource, Configuration, Expression, Mode, Module, Resource, Whence,
};

/// The resources of a document, in the order of the document.
pub(super) fn resources(
    document: &Scanned<'_>,
    configuration: &Configuration,
    input: &mut Input<'_>,
) -> Result<Vec<Resource>, Error> {
    let mut reader = Reader {
        blocks: blocks(configuration),
        seen: BTreeSet::new(),
        resources: Vec::new(),
        buckets: if input.beside_others {
            Buckets::All
        } else {
            Buckets::of(document)
        },
        input,
    };
    if document.has("resource_changes") {
        for record in &document.changes {
            reader.change(record)?;
        }
    } else {
        reader.planned_only(document)?;
    }
    for (records, whence) in [
        (&document.prior, Whence::PriorState),
        (&document.state, Whence::State),
    ] {
        for record in records {
            reader.instance(record, whence)?;
        }
    }
    Ok(reader.resources)
}

/// The configuration's blocks by their addresses without instance keys.
fn blocks(configuration: &Configuration) -> BTreeMap<String, &ConfigResource> {
    fn walk<'c>(module: &'c Module, path: &str, out: &mut BTreeMap<String, &'c ConfigResource>) {
        for it in &module.resources {
            let data = if it.mode == Mode::Data { "data." } else { "" };
            out.insert(format!("{path}{data}{}.{}", it.kind, it.name), it);
        }
        for (name, call) in &module.calls {
            walk(&call.module, &format!("{path}module.{name}."), out);
        }
    }
    let mut out = BTreeMap::new();
    walk(&configuration.root, "", &mut out);
    out
}

struct Reader<'r, 'i, 'c> {
    blocks: BTreeMap<String, &'c ConfigResource>,
    /// Addresses and deposed keys that were read; the first record of each counts.
    seen: BTreeSet<(Address, Option<String>)>,
    resources: Vec<Resource>,
    buckets: Buckets,
    input: &'r mut Input<'i>,
}

impl Reader<'_, '_, '_> {
    /// An entry of `resource_changes`.
    fn change(&mut self, record: &RawRecord<'_>) -> Result<(), Error> {
        let Some((kind, resource)) = self.begin(record, Whence::Change)? else {
            return Ok(());
        };
        let Some(Parts { change, .. }) = record.parts.as_deref() else {
            return Ok(());
        };
        let words = strings(change.actions);
        if words.is_empty() {
            let message = format!(
                "this is no plan: its change of `{}` has no `actions`",
                resource.address
            );
            return Err(Error::new(self.input.name, message).with_help(MAKE_PLAN));
        }
        let action = action(&words);
        let gone = matches!(action, Action::Delete | Action::Forget);
        let after = Side {
            values: &change.after,
            unknown: Some(&change.after_unknown),
            sensitive: &change.after_sensitive,
            fill: false,
        };
        let before = Side::known(&change.before, &change.before_sensitive);
        let resource = Resource {
            action,
            importing: change.importing.is_some(),
            previous: string(record.previous_address).and_then(|it| Address::parse(&it)),
            action_reason: string(record.action_reason).map(std::borrow::Cow::into_owned),
            ..resource
        };
        let changes = action != Action::NoOp && change.before.whole != Whole::Missing;
        let before = changes.then_some(before);
        let nothing =
            change.after.whole == Whole::Missing && change.after_unknown.whole == Whole::Missing;
        self.finish(kind, resource, before, (!gone && !nothing).then_some(after))
    }

    /// A resource of a state.
    fn instance(&mut self, record: &RawRecord<'_>, whence: Whence) -> Result<(), Error> {
        let Some((kind, resource)) = self.begin(record, whence)? else {
            return Ok(());
        };
        let Some(parts) = record.parts.as_deref() else {
            return Ok(());
        };
        let after = Side::known(&parts.values, &parts.sensitive_values);
        self.finish(kind, resource, None, Some(after))
    }

    /// A plan without `resource_changes`: a refresh-only plan, or a document that somebody cut down. What `planned_values` holds is
    /// taken as created where the prior state does not hold it, and as updated where it holds another value. `planned_values` leaves unknown attributes out without a word, so an
    /// attribute that every version of the provider has and that is missing is taken as unknown.
    fn planned_only(&mut self, document: &Scanned<'_>) -> Result<(), Error> {
        if document.planned.is_empty() {
            return Ok(());
        }
        self.input.notes.push(note(
            "the plan has no `resource_changes`: resources were read from `planned_values`, and what is missing there counts as unknown",
        ));
        let prior = document.prior.iter().filter_map(|record| {
            let parts = record.parts.as_deref()?;
            Some((address(record)?, parts))
        });
        let prior: BTreeMap<Address, &Parts<'_>> = prior.collect();
        for record in &document.planned {
            let (Some((kind, mut resource)), Some(parts)) =
                (self.begin(record, Whence::Change)?, record.parts.as_deref())
            else {
                continue;
            };
            let before = prior.get(&resource.address);
            let changed = before.filter(|before| !same(kind, &before.values, &parts.values));
            resource.action = match (before, resource.mode) {
                (Some(_), _) if changed.is_none() => Action::NoOp,
                (Some(_), _) => Action::Update,
                (None, Mode::Managed) => Action::Create,
                (None, Mode::Data) => Action::Read,
            };
            let before = changed.map(|it| Side::known(&it.values, &it.sensitive_values));
            let after = Side {
                fill: true,
                ..Side::known(&parts.values, &parts.sensitive_values)
            };
            self.finish(kind, resource, before, Some(after))?;
        }
        Ok(())
    }

    /// The resource of a record without its values; none where it was read already.
    fn begin(
        &mut self,
        record: &RawRecord<'_>,
        whence: Whence,
    ) -> Result<Option<(&'static Type, Resource)>, Error> {
        let wanted = record.wanted_type();
        let Some(kind) = wanted.filter(|kind| self.buckets.wants(kind, record)) else {
            return Ok(None);
        };
        let address = address(record).ok_or_else(|| {
            let message = format!(
                "this is no plan: the address of a resource of type `{}` cannot be read",
                kind.kind
            );
            Error::new(self.input.name, message).with_help(MAKE_PLAN)
        })?;
        let deposed = string(record.deposed).map(std::borrow::Cow::into_owned);
        if !self.seen.insert((address.clone(), deposed.clone())) {
            return Ok(None);
        }
        let resource = Resource {
            origin: page::nowhere(self.input),
            address,
            previous: None,
            mode: kind.mode,
            whence,
            action: Action::NoOp,
            action_reason: None,
            deposed,
            importing: false,
            before: None,
            after: None,
            ways: BTreeMap::new(),
        };
        Ok(Some((kind, resource)))
    }

    /// Reads the values, writes the virtual text, and keeps the resource.
    fn finish(
        &mut self,
        kind: &'static Type,
        resource: Resource,
        before: Option<Side<'_, '_>>,
        after: Option<Side<'_, '_>>,
    ) -> Result<(), Error> {
        let block = self
            .blocks
            .get(&resource.address.configuration().to_string());
        let comment = |name: &str| match block?.expressions.get(name)? {
            Expression::References(references) => {
                references.first().map(|it| super::sheet::plain(it))
            }
            _ => None,
        };
        let page = Page {
            kind,
            comment: &comment,
        };
        let resource = page.write(resource, before, after, self.input)?;
        self.resources.push(resource);
        Ok(())
    }
}

/// True where all that is read of a resource is written alike in both.
fn same(kind: &Type, one: &Attributes<'_>, other: &Attributes<'_>) -> bool {
    let text = |of: &Attributes<'_>, name: &str| of.get(name).map(|raw| raw.get().to_owned());
    let mut attributes = kind.attributes.iter();
    attributes.all(|it| text(one, it.name) == text(other, it.name))
}

/// The address of a record: as it is given, completed by the fields beside it. Terraform 0.12 leaves the module and the instance key of
/// some addresses to those fields.
fn address(record: &RawRecord<'_>) -> Option<Address> {
    let parsed = string(record.address).and_then(|text| Address::parse(&text));
    let put_together = parsed.is_none();
    let mut address = match parsed {
        Some(address) => address,
        None => Address {
            module: Vec::new(),
            data: false,
            kind: record.wanted_type()?.kind.to_owned(),
            name: string(record.name)?.into_owned(),
            key: None,
        },
    };
    if address.module.is_empty()
        && let Some(module) = string(record.module)
    {
        address.module = parse_module_path(&module)?;
    }
    address.data = record.mode() == Mode::Data;
    address.key = address.key.or_else(|| key(record.index));
    // The name of what was put together must be one.
    if put_together {
        return Address::parse(&address.to_string());
    }
    Some(address)
}

fn key(index: Raw<'_>) -> Option<Key> {
    match string(index) {
        Some(name) => Some(Key::Name(name.into_owned())),
        None => index?.get().parse().ok().map(Key::Index),
    }
}

/// What `actions` means: Terraform's documentation of the JSON output format, "Change representation".
fn action(actions: &[String]) -> Action {
    let words: Vec<&str> = actions.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["no-op"] => Action::NoOp,
        ["create"] => Action::Create,
        ["read"] => Action::Read,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["delete", "create"] | ["create", "delete"] => Action::Replace,
        ["forget"] => Action::Forget,
        ["create", "forget"] | ["forget", "create"] => Action::CreateForget,
        _ => Action::Other,
    }
}
