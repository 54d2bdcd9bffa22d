//! Which IAM policies are attached to whom: by name and ARN, by the same symbol, else by the references of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;
use super::identity::{Principal, Who, is_gone, texts};
use super::index::{At, survives};
use super::link::Linker;
use super::names::{known, longest, signature};
use super::scope::Scopes;
use crate::address::Reference;
use crate::input::home::Home;
use crate::input::{Expression, Mode, Resource};
use crate::value::{Kind, Presence, Value};

/// A policy that is attached to somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attached {
    pub(crate) what: What,
    /// What attaches it.
    pub(crate) by: At,
}

/// Where a policy stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// The `policy` of a resource.
    Attribute(At),
    /// An `inline_policy` block of a role.
    Inline(At, usize),
    /// A managed policy that no input holds, by its ARN; true where that must not be shown.
    Managed(String, bool),
    /// One that nobody can tell.
    Unknown,
}

/// What is attached to whom.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    of: BTreeMap<At, Vec<Attached>>,
    /// Of somebody whom no input holds: by kind, account and name.
    of_name: BTreeMap<(Who, String, String), Vec<Attached>>,
    /// Kinds of which somebody may have a policy of the inputs, and nobody can tell who.
    doubtful: BTreeSet<Who>,
    /// The groups of each user; none for one that no input holds.
    groups: BTreeMap<At, Vec<Option<At>>>,
    /// Names of inline policies that resources of their own set or take away, by role.
    inline_names: BTreeMap<At, BTreeSet<String>>,
    /// ARNs of managed policies that the plan takes away, by role.
    detached: BTreeMap<At, BTreeSet<String>>,
    /// The managed policies that a role itself lists.
    listed: BTreeMap<At, Vec<What>>,
    exclusive_inline: BTreeSet<At>,
    exclusive_managed: BTreeSet<At>,
    /// Managed policies of the inputs, by ARN.
    managed: BTreeMap<String, At>,
    /// The same the other way round.
    arns: BTreeMap<At, String>,
    /// What the attributes of attachments name, by resource and attribute: only for a snapshot.
    named: BTreeMap<(At, &'static str), Vec<String>>,
}

/// Whom or what an attribute names.
#[derive(Debug, Default)]
struct Named {
    found: BTreeSet<At>,
    /// Names that nothing in the inputs bears.
    outside: Vec<String>,
    /// True where a name must not be shown.
    secret: bool,
    /// True where it names somebody else besides, and nobody can tell whom.
    open: bool,
}

/// What attachments are resolved with.
struct Look<'l, 'a> {
    inputs: Inputs<'a>,
    scopes: &'l Scopes,
    linker: &'l Linker<'a>,
    /// The name of each.
    names: BTreeMap<At, &'l str>,
    /// Roles, users and groups by kind and name.
    by_name: BTreeMap<(Who, &'l str), Vec<&'l Principal>>,
    /// Roles, users, groups and policies by texts that are in part symbolic.
    by_text: BTreeMap<(usize, &'l str, String), At>,
}

/// A resource that attaches: its type, the attribute that names whom, and of which kind that is.
const INLINE: &[(&str, &str, Who)] = &[
    ("aws_iam_role_policy", "role", Who::Role),
    ("aws_iam_user_policy", "user", Who::User),
    ("aws_iam_group_policy", "group", Who::Group),
];

/// The same for managed policies.
const MANAGED: &[(&str, &str, Who)] = &[
    ("aws_iam_role_policy_attachment", "role", Who::Role),
    ("aws_iam_user_policy_attachment", "user", Who::User),
    ("aws_iam_group_policy_attachment", "group", Who::Group),
    ("aws_iam_policy_attachment", "roles", Who::Role),
    ("aws_iam_policy_attachment", "users", Who::User),
    ("aws_iam_policy_attachment", "groups", Who::Group),
];

impl Attachments {
    pub(crate) fn new(
        inputs: Inputs<'_>,
        scopes: &Scopes,
        linker: &Linker<'_>,
        principals: &[Principal],
    ) -> Self {
        let mut look = Look {
            inputs,
            scopes,
            linker,
            names: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_text: BTreeMap::new(),
        };
        for it in principals {
            if let Some(name) = &it.name {
                look.by_name.entry((it.who, name)).or_default().push(it);
                look.names.insert(it.at, name);
            }
        }
        let mut attachments = Attachments::default();
        for (at, it) in all(inputs).filter(|(_, it)| survives(it)) {
            let kind = match it.address.kind.as_str() {
                "aws_iam_role" => "aws_iam_role",
                "aws_iam_user" => "aws_iam_user",
                "aws_iam_group" => "aws_iam_group",
                "aws_iam_policy" => "aws_iam_policy",
                _ => continue,
            };
            if kind == "aws_iam_policy" {
                let arn = known(it, "arn").map(str::to_owned);
                let arn = arn.or_else(|| look.policy_arn(at, it));
                attachments.managed.extend(arn.clone().map(|arn| (arn, at)));
                attachments.arns.extend(arn.map(|arn| (at, arn)));
            }
            for name in ["arn", "id", "name"] {
                let value = it.after.as_ref().and_then(|after| after.get(name));
                if let Some(text) = value.and_then(signature) {
                    look.by_text.insert((at.input, kind, text), at);
                }
            }
        }
        for (at, it) in all(inputs).filter(|(_, it)| it.mode == Mode::Managed) {
            attachments.enter(at, it, &look);
        }
        for (at, it) in all(inputs).filter(|(_, it)| it.mode == Mode::Managed && survives(it)) {
            attachments.settle(at, it, &look);
        }
        attachments
    }

    /// What says that nothing else is attached; all the rest was read before.
    fn settle(&mut self, at: At, it: &Resource, look: &Look<'_, '_>) {
        match it.address.kind.as_str() {
            "aws_iam_role_policies_exclusive" => {
                let whom = look.named(at, it, "role_name", Who::Role);
                self.record(at, "role_name", &whom, look);
                let names = it
                    .after
                    .as_ref()
                    .and_then(|after| after.get("policy_names"));
                let listed = texts(names);
                let all_known = listed.len() == names.into_iter().flat_map(Value::items).count();
                let own = |role: &&At| {
                    let set = self.inline_names.get(role);
                    let has = |name: &&str| set.is_some_and(|set| set.contains(*name));
                    all_known && listed.iter().all(has)
                };
                let settled: Vec<At> = whom.found.iter().filter(own).copied().collect();
                self.exclusive_inline.extend(settled);
            }
            "aws_iam_role_policy_attachments_exclusive" => {
                let whom = look.named(at, it, "role_name", Who::Role);
                self.record(at, "role_name", &whom, look);
                let what = self.policies(at, it, "policy_arns", look);
                self.attach(at, &whom, Who::Role, &what, look);
                self.exclusive_managed.extend(whom.found);
            }
            "aws_iam_role" => {
                let mut what = match Given::of(at, it, "managed_policy_arns", look) {
                    Given::Nothing => Vec::new(),
                    Given::Known | Given::Open => {
                        self.policies(at, it, "managed_policy_arns", look)
                    }
                };
                if Given::of(at, it, "inline_policy", look) == Given::Open {
                    what.push(What::Unknown);
                }
                self.listed.insert(at, what);
            }
            _ => {}
        }
    }

    fn enter(&mut self, at: At, it: &Resource, look: &Look<'_, '_>) {
        let kind = it.address.kind.as_str();
        if is_gone(it) {
            return self.take_away(at, it, look);
        }
        if !survives(it) {
            return;
        }
        for (_, attribute, who) in INLINE.iter().filter(|(of, ..)| *of == kind) {
            let whom = look.named(at, it, attribute, *who);
            self.record(at, attribute, &whom, look);
            let name = known(it, "name").unwrap_or_default();
            for role in &whom.found {
                let names = self.inline_names.entry(*role).or_default();
                names.insert(name.to_owned());
            }
            self.attach(at, &whom, *who, &[What::Attribute(at)], look);
        }
        let mut attached = None;
        for (_, attribute, who) in MANAGED.iter().filter(|(of, ..)| *of == kind) {
            let whom = look.named(at, it, attribute, *who);
            self.record(at, attribute, &whom, look);
            let what = attached.get_or_insert_with(|| self.policies(at, it, "policy_arn", look));
            let what = what.clone();
            self.attach(at, &whom, *who, &what, look);
        }
        match kind {
            "aws_iam_group_membership" => {
                let groups = look.named(at, it, "group", Who::Group);
                let users = look.named(at, it, "users", Who::User);
                self.record(at, "group", &groups, look);
                self.record(at, "users", &users, look);
                self.join(&users, &groups);
            }
            "aws_iam_user_group_membership" => {
                let users = look.named(at, it, "user", Who::User);
                let groups = look.named(at, it, "groups", Who::Group);
                self.record(at, "user", &users, look);
                self.record(at, "groups", &groups, look);
                self.join(&users, &groups);
            }
            _ => {}
        }
    }

    /// An attachment or inline policy that the plan destroys: what the role was read with may still list it.
    fn take_away(&mut self, at: At, it: &Resource, look: &Look<'_, '_>) {
        let Some(before) = &it.before else {
            return;
        };
        let text = |name: &str| before.get(name).and_then(Value::as_str);
        let Some(role) = text("role").and_then(|name| look.by_name(at, Who::Role, name)) else {
            return;
        };
        match it.address.kind.as_str() {
            "aws_iam_role_policy" => {
                let name = text("name").map(str::to_owned);
                self.inline_names.entry(role).or_default().extend(name);
            }
            "aws_iam_role_policy_attachment" => {
                let arn = text("policy_arn").map(str::to_owned);
                self.detached.entry(role).or_default().extend(arn);
            }
            _ => {}
        }
    }

    fn attach(&mut self, at: At, whom: &Named, who: Who, what: &[What], look: &Look<'_, '_>) {
        let attached = what.iter().map(|what| Attached {
            what: what.clone(),
            by: at,
        });
        let attached: Vec<Attached> = attached.collect();
        for place in &whom.found {
            self.of.entry(*place).or_default().extend(attached.clone());
        }
        for name in &whom.outside {
            if let Some(account) = look.account(at) {
                let key = (who, account, name.clone());
                self.of_name
                    .entry(key)
                    .or_default()
                    .extend(attached.clone());
            }
        }
        if whom.open {
            self.doubtful.insert(who);
        }
    }

    fn join(&mut self, users: &Named, groups: &Named) {
        if users.open {
            self.doubtful.insert(Who::User);
        }
        for user in &users.found {
            let joined = self.groups.entry(*user).or_default();
            joined.extend(groups.found.iter().copied().map(Some));
            if groups.open || !groups.outside.is_empty() {
                joined.push(None);
            }
        }
    }

    /// Keeps the names of those whom an attribute names, where all of them have one.
    fn record(&mut self, at: At, attribute: &'static str, whom: &Named, look: &Look<'_, '_>) {
        let mut names = whom.outside.clone();
        for place in &whom.found {
            let name = look.names.get(place);
            match name {
                Some(name) => names.push((*name).to_owned()),
                None => return,
            }
        }
        if !whom.open {
            self.named.insert((at, attribute), names);
        }
    }

    /// The names that an attribute of an attachment comes to, where they are known.
    pub(crate) fn names(&self, at: At, attribute: &'static str) -> Option<&[String]> {
        self.named.get(&(at, attribute)).map(Vec::as_slice)
    }

    /// The managed policies that an attribute names.
    fn policies(
        &mut self,
        at: At,
        it: &Resource,
        attribute: &'static str,
        look: &Look<'_, '_>,
    ) -> Vec<What> {
        let named = look.values(at, it, attribute, "aws_iam_policy", &|text| {
            self.managed.get(text).copied()
        });
        let arn = |at: &At| self.arns.get(at).cloned();
        let arns: Option<Vec<String>> = named.found.iter().map(arn).collect();
        if let Some(mut arns) = arns.filter(|_| !named.open) {
            arns.extend(named.outside.iter().cloned());
            self.named.insert((at, attribute), arns);
        }
        let mut what: Vec<What> = named.found.into_iter().map(What::Attribute).collect();
        let secret = named.secret;
        let outside = named.outside.into_iter();
        what.extend(outside.map(|arn| What::Managed(arn, secret)));
        if named.open {
            what.push(What::Unknown);
        }
        what
    }

    /// What is attached to somebody.
    pub(crate) fn of(&self, at: At) -> impl Iterator<Item = &Attached> {
        self.of.get(&at).into_iter().flatten()
    }

    /// What is attached to somebody whom no input holds.
    pub(crate) fn of_name(&self, who: Who, account: &str, name: &str) -> &[Attached] {
        let key = (who, account.to_owned(), name.to_owned());
        self.of_name.get(&key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn groups_of(&self, user: At) -> &[Option<At>] {
        self.groups.get(&user).map_or(&[], Vec::as_slice)
    }

    /// What a role itself lists.
    pub(crate) fn own(&self, of: &Principal, it: &Resource) -> Vec<Attached> {
        let mut all = Vec::new();
        let value = |name: &str| it.after.as_ref().and_then(|after| after.get(name));
        let of_others = self.inline_names.get(&of.at);
        let inline = match value("inline_policy").map(|it| &it.kind) {
            Some(Kind::List(list)) => list.items.as_slice(),
            _ => &[],
        };
        for (place, item) in inline.iter().enumerate() {
            // That of a `dynamic` over what nobody knows need not be there.
            if item.presence != Presence::Present {
                all.push(Attached {
                    what: What::Unknown,
                    by: of.at,
                });
                continue;
            }
            let block = &item.value;
            let name = block.get("name").and_then(Value::as_str);
            let twice = name.is_some_and(|name| of_others.is_some_and(|set| set.contains(name)));
            let bare = block
                .get("policy")
                .is_none_or(|it| it.is_null() || it.as_str() == Some(""));
            if !twice && !bare {
                let what = What::Inline(of.at, place);
                all.push(Attached { what, by: of.at });
            }
        }
        let detached = self.detached.get(&of.at);
        let is_gone = |what: &What| {
            let arn = match what {
                What::Attribute(at) => self.arns.get(at),
                What::Managed(arn, _) => Some(arn),
                What::Inline(..) | What::Unknown => None,
            };
            arn.is_some_and(|arn| detached.is_some_and(|set| set.contains(arn)))
        };
        let listed = self.listed.get(&of.at).into_iter().flatten();
        let listed = listed.filter(|what| !is_gone(what)).cloned();
        all.extend(listed.map(|what| Attached { what, by: of.at }));
        all
    }

    pub(crate) fn settles_inline(&self, of: &Principal) -> bool {
        self.exclusive_inline.contains(&of.at)
    }

    pub(crate) fn settles_managed(&self, of: &Principal) -> bool {
        self.exclusive_managed.contains(&of.at)
    }

    /// True where somebody of that kind has a policy, and nobody can tell who.
    pub(crate) fn may_be_of(&self, who: Who) -> bool {
        self.doubtful.contains(&who)
    }
}

/// What a role says of an attribute that the provider also reads back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Nothing: what the plan calls unknown is what the provider will read of a role that has nothing yet.
    Nothing,
    Known,
    /// Some of it only the apply can know.
    Open,
}

impl Given {
    fn of(at: At, it: &Resource, attribute: &str, look: &Look<'_, '_>) -> Self {
        let block = look.inputs.index.get(at.input);
        let block = block.and_then(|index| index.config(&it.address));
        let is_bare = block.is_some_and(|it| !it.expressions.contains_key(attribute));
        match it.after.as_ref().and_then(|after| after.get(attribute)) {
            None => Given::Nothing,
            Some(value) => match &value.kind {
                Kind::Unknown(_) if is_bare => Given::Nothing,
                Kind::Unknown(_) => Given::Open,
                Kind::List(list) if list.open.is_some() => Given::Open,
                _ => Given::Known,
            },
        }
    }
}

fn all(inputs: Inputs<'_>) -> impl Iterator<Item = (At, &Resource)> {
    inputs
        .loaded
        .iter()
        .enumerate()
        .flat_map(|(input, loaded)| {
            let resources = loaded.document.resources.iter().enumerate();
            resources.map(move |(resource, it)| (At { input, resource }, it))
        })
}

impl Look<'_, '_> {
    fn home(&self, at: At) -> Option<Home> {
        let loaded = self.inputs.loaded.get(at.input)?;
        let index = self.inputs.index.get(at.input)?;
        let it = self.linker.resource(at)?;
        Some(self.scopes.of(at.input, &loaded.document, index, it))
    }

    fn account(&self, at: At) -> Option<String> {
        self.home(at)?.account.known().map(str::to_owned)
    }

    /// The ARN that a managed policy has or will have.
    fn policy_arn(&self, at: At, it: &Resource) -> Option<String> {
        let (home, name) = (self.home(at)?, known(it, "name")?);
        let account = home.account.known()?;
        let partition = home.partition.known().unwrap_or("aws");
        let path = known(it, "path").unwrap_or("/");
        Some(format!("arn:{partition}:iam::{account}:policy{path}{name}"))
    }

    /// Somebody by name: of the asker's own account, or of its input where nobody knows the account.
    fn by_name(&self, asker: At, who: Who, name: &str) -> Option<At> {
        let account = self.account(asker);
        let all = self.by_name.get(&(who, name))?;
        let same = all.iter().filter(|it| match (&it.account, &account) {
            (Some(one), Some(other)) => one == other,
            _ => it.at.input == asker.input,
        });
        same.min_by_key(|it| (it.at.input != asker.input, it.at))
            .map(|it| it.at)
    }

    fn named(&self, at: At, it: &Resource, attribute: &str, who: Who) -> Named {
        let kind = match who {
            Who::Role => "aws_iam_role",
            Who::User => "aws_iam_user",
            Who::Group => "aws_iam_group",
        };
        self.values(at, it, attribute, kind, &|name| self.by_name(at, who, name))
    }

    /// Whom the value of an attribute names, one or several.
    fn values(
        &self,
        at: At,
        it: &Resource,
        attribute: &str,
        kind: &'static str,
        by_text: &dyn Fn(&str) -> Option<At>,
    ) -> Named {
        let mut named = Named::default();
        let Some(whole) = it.after.as_ref().and_then(|after| after.get(attribute)) else {
            return named;
        };
        let mut unknown = false;
        let values: Vec<&Value> = match &whole.kind {
            Kind::Null => Vec::new(),
            Kind::List(list) => {
                unknown |= list.open.is_some();
                list.items.iter().map(|it| &it.value).collect()
            }
            _ => vec![whole],
        };
        for value in values {
            if let Some(text) = value.as_str() {
                if let Some(found) = by_text(text) {
                    named.found.insert(found);
                } else {
                    named.secret |= whole.is_sensitive();
                    named.outside.push(text.to_owned());
                }
                continue;
            }
            let text = signature(value);
            let same = text.and_then(|text| self.by_text.get(&(at.input, kind, text)));
            match same {
                Some(found) => {
                    named.found.insert(*found);
                }
                None => unknown = true,
            }
        }
        if unknown {
            named.open = !self.referred(at, it, attribute, kind, &mut named.found);
        }
        named
    }

    /// Adds what the expression of an attribute refers to. False where it refers to something else.
    fn referred(
        &self,
        at: At,
        it: &Resource,
        attribute: &str,
        kind: &str,
        found: &mut BTreeSet<At>,
    ) -> bool {
        let block = self.inputs.index.get(at.input);
        let block = block.and_then(|index| index.config(&it.address));
        let Some(Expression::References(references)) =
            block.and_then(|block| block.expressions.get(attribute))
        else {
            return false;
        };
        let mut all = true;
        for written in longest(references) {
            if written.starts_with("each.key") || written.starts_with("count.") {
                continue;
            }
            let address = Reference::parse(written).address(&it.address.module);
            let address = address.filter(|it| !it.data && it.kind == kind);
            let meant = address.map(|address| self.linker.meant(at, references, &address));
            // Of several, which one is not listed, nor whether it is all of them.
            if let Some([only]) = meant.as_deref() {
                found.insert(*only);
            } else {
                all = false;
            }
        }
        all
    }
}
