//! The manifest of a landing zone: which component names which key, and what it does with it.
//!
//! Before version 4.0 the key of `centralizedLogging` serves CloudTrail and AWS Config; since then each component has a key of its own and
//! can be left out (AWS Control Tower User Guide, Landing zone schemas). Keys are told apart by where they stand, never by their names.

use crate::model::{Component, Fact};
use crate::source::Origin;
use crate::value::{Kind, List, Presence, Text, Value};

/// What a manifest says of keys.
pub(super) struct Manifest {
    /// Components that name a key and are not switched off.
    pub(super) slots: Vec<Slot>,
    /// Accounts of Control Tower's own for which AWS Config delivers, as far as they are known.
    pub(super) members: Vec<Text>,
    /// What stands where something else belongs.
    pub(super) flaws: Vec<Flaw>,
}

/// Something that stands where something else belongs.
pub(super) struct Flaw {
    pub(super) component: Option<Component>,
    /// What and where, as a clause.
    pub(super) why: String,
    pub(super) at: Origin,
}

/// A component that names a key.
pub(super) struct Slot {
    pub(super) component: Component,
    /// What stands under `kmsKeyArn`; where its place is not known, what hides it.
    pub(super) key: Value,
    /// Where the manifest names it.
    pub(super) at: Origin,
    /// CloudTrail uses the key for Control Tower's own trail.
    pub(super) trail: Asks,
    /// AWS Config uses it.
    pub(super) config: Asks,
}

/// Whether a component asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    No,
    /// It hangs on what is not known, as a clause.
    Perhaps(&'static str),
    Yes,
}

impl Asks {
    fn and(self, other: Asks) -> Asks {
        match (self, other) {
            (Asks::No, _) | (_, Asks::No) => Asks::No,
            (Asks::Perhaps(why), _) | (_, Asks::Perhaps(why)) => Asks::Perhaps(why),
            (Asks::Yes, Asks::Yes) => Asks::Yes,
        }
    }
}

/// The first number of a landing zone's version: 3 of `3.3`.
pub(super) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.trim().parse().ok()
}

/// Reads a manifest of a landing zone whose version begins with `major`, where that is known.
pub(super) fn read(manifest: &Value, major: Option<u32>) -> Manifest {
    let (mut slots, mut flaws) = (Vec::new(), Vec::new());
    for component in Component::ALL {
        slots.extend(slot(manifest, component, major, &mut flaws));
    }
    let mut members: Vec<Text> = Vec::new();
    for name in ["centralizedLogging", "securityRoles", "config"] {
        let account = manifest.get(name).and_then(|it| it.get("accountId"));
        let Some(Kind::Text(account)) = account.map(|it| &it.kind) else {
            continue;
        };
        if account.to_literal().is_some() && !members.contains(account) {
            members.push(account.clone());
        }
    }
    Manifest {
        slots,
        members,
        flaws,
    }
}

fn slot(
    manifest: &Value,
    component: Component,
    major: Option<u32>,
    flaws: &mut Vec<Flaw>,
) -> Option<Slot> {
    let body = part(manifest, component.word())?;
    let mut misfit = |path: &str, part: &Part, wanted: &str| {
        flaws.push(Flaw {
            component: Some(component),
            why: format!("`{path}` is {}, where {wanted} belongs", noun(&part.value)),
            at: part.place(),
        });
    };
    let mut key = body.clone();
    let mut path = component.word().to_owned();
    for name in ["configurations", "kmsKeyArn"] {
        match key.value.kind {
            Kind::Unknown(_) => {}
            Kind::Object(_) => {
                let inner = part(&key.value, name)?;
                key = Part {
                    sure: key.sure && inner.sure,
                    ..inner
                };
                path = format!("{path}.{name}");
            }
            _ => {
                misfit(&path, &key, "an object");
                return None;
            }
        }
    }
    // A list is a snapshot's: the apply takes one of these.
    let is_text = matches!(key.value.kind, Kind::Unknown(_) | Kind::Text(_));
    let of_snapshot = |list: &List| list.items.iter().all(|it| it.value.to_text().is_some());
    let is_several =
        matches!(&key.value.kind, Kind::List(list) if list.items.len() > 1 && of_snapshot(list));
    if !is_text && !is_several {
        misfit(&path, &key, "the ARN of a key");
        return None;
    }
    let named = key.sure && body.sure;
    let enabled = match part(&body.value, "enabled") {
        None => Fact::Known(true),
        Some(it) if !matches!(it.value.kind, Kind::Bool(_) | Kind::Unknown(_)) => {
            let path = format!("{}.enabled", component.word());
            misfit(&path, &it, "`true` or `false`");
            Fact::Unknown
        }
        Some(it) if it.sure => it.value.as_bool().map_or(Fact::Unknown, Fact::Known),
        Some(_) => Fact::Unknown,
    };
    // `enabled` of `centralizedLogging` is a switch for the trail alone before version 4.0: AWS Config goes on with the key.
    let old = major.map(|major| major < 4);
    let serves_config = match old {
        Some(true) => Asks::Yes,
        Some(false) => Asks::No,
        None if manifest.get(Component::Config.word()).is_some() => Asks::No,
        None => Asks::Perhaps("the landing zone's version is not known"),
    };
    let on = match enabled {
        Fact::Known(true) => Asks::Yes,
        Fact::Known(false) => Asks::No,
        Fact::Unknown => Asks::Perhaps("whether the component is enabled is not known"),
    };
    let there = if named {
        Asks::Yes
    } else {
        Asks::Perhaps("whether the manifest names the key hangs on what is not known")
    };
    let (trail, config) = match component {
        Component::Logging => (on.and(there), serves_config.and(there)),
        Component::Config => (Asks::No, on.and(there)),
        Component::Backup => (Asks::No, Asks::No),
    };
    let used = match component {
        Component::Logging => trail != Asks::No || config != Asks::No,
        Component::Config | Component::Backup => on != Asks::No,
    };
    used.then_some(Slot {
        component,
        at: key.place(),
        key: key.value,
        trail,
        config,
    })
}

/// What a value is, with its article.
pub(super) fn noun(value: &Value) -> &'static str {
    match &value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Number(_) => "a number",
        Kind::Text(_) => "a text",
        Kind::List(_) => "a list",
        Kind::Object(_) => "an object",
        Kind::Unknown(_) => "not known",
    }
}

/// A member of an object.
#[derive(Clone)]
struct Part {
    value: Value,
    key: Origin,
    /// True where it is surely there.
    sure: bool,
}

impl Part {
    /// The value where it is written beside its name; else the name, as the value is a reference's and written elsewhere.
    fn place(&self) -> Origin {
        let (key, value) = (self.key.span(), self.value.span());
        let beside = value.start >= key.end && value.start - key.end < 32;
        if beside {
            self.value.origin.clone()
        } else {
            self.key.clone()
        }
    }
}

/// A member that is not null. Of an object that may have more members, what hides them.
fn part(object: &Value, name: &str) -> Option<Part> {
    let Kind::Object(of) = &object.kind else {
        return None;
    };
    let found = of.members.iter().rev().find(|it| it.key == name);
    match (found, &of.open) {
        (Some(it), _) if it.value.is_null() => None,
        (Some(it), open) => Some(Part {
            value: it.value.clone(),
            key: it.key_origin.clone(),
            sure: it.presence == Presence::Present && open.is_none(),
        }),
        (None, Some(open)) => Some(Part {
            value: Value::new(Kind::Unknown(open.symbol), open.origin.clone()),
            key: open.origin.clone(),
            sure: false,
        }),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::source::{SourceMap, Span, parse_json};
    use crate::value::{Nature, Open, Shape, Symbol, SymbolId, Symbols};

    fn manifest(text: &str) -> Value {
        let mut map = SourceMap::new();
        let file = map.add("manifest", text).unwrap();
        Value::from_json(&parse_json(&map, file).unwrap())
    }

    fn unknown_symbol() -> SymbolId {
        Symbols::new().intern(Symbol::for_test("rest", Shape::Rest, Nature::Undocumented))
    }

    /// Puts a symbol where the text is `?`.
    fn hide(value: &mut Value, symbol: SymbolId) {
        if value.as_str() == Some("?") {
            value.kind = Kind::Unknown(symbol);
        }
        if let Kind::Object(object) = &mut value.kind {
            for member in &mut object.members {
                hide(&mut member.value, symbol);
            }
        }
    }

    fn leave_open(value: &mut Value, symbol: SymbolId) {
        let origin = value.origin.clone();
        if let Kind::Object(object) = &mut value.kind {
            object.open = Some(Open { symbol, origin });
        }
    }

    fn asks(manifest: &Value) -> Vec<(Asks, Asks)> {
        let Manifest { slots, .. } = read(manifest, Some(3));
        slots.into_iter().map(|it| (it.trail, it.config)).collect()
    }

    const NAMED: Asks =
        Asks::Perhaps("whether the manifest names the key hangs on what is not known");
    const ENABLED: Asks = Asks::Perhaps("whether the component is enabled is not known");

    /// What hides more members may hide one of the same name that counts instead.
    /// A value that is not written beside its name is shown at the name.
    #[test]
    fn a_value_is_shown_where_it_is_beside_its_name() {
        for (space, beside) in [(0, true), (30, true), (31, false), (40, false)] {
            let value = manifest(&format!("{{\"name\":{}5}}", " ".repeat(space)));
            let part = part(&value, "name").unwrap();
            let own = if beside {
                &part.value.origin
            } else {
                &part.key
            };
            assert_eq!(part.place().span(), own.span(), "{space}");
        }
    }

    #[test]
    fn a_member_of_an_object_that_is_not_all_known_is_not_sure() {
        let symbol = unknown_symbol();
        let known = manifest(r#"{"centralizedLogging":{"configurations":{"kmsKeyArn":"arn"}}}"#);
        assert_eq!(asks(&known), [(Asks::Yes, Asks::Yes)]);
        let mut hidden = known.clone();
        leave_open(&mut hidden, symbol);
        assert_eq!(asks(&hidden).first(), Some(&(NAMED, NAMED)));
        let mut unsure = known;
        if let Kind::Object(object) = &mut unsure.kind {
            for member in &mut object.members {
                member.presence = Presence::Maybe(symbol);
            }
        }
        assert_eq!(asks(&unsure), [(NAMED, NAMED)]);
    }

    /// Before version 4.0 the switch is the trail's alone.
    #[test]
    fn a_switch_beside_what_is_not_known_is_not_sure() {
        let known = manifest(
            r#"{"centralizedLogging":{"enabled":false,"configurations":{"kmsKeyArn":"arn"}}}"#,
        );
        assert_eq!(asks(&known), [(Asks::No, Asks::Yes)]);
        let mut hidden = known;
        if let Kind::Object(object) = &mut hidden.kind {
            for member in &mut object.members {
                leave_open(&mut member.value, unknown_symbol());
            }
        }
        assert_eq!(asks(&hidden), [(ENABLED, NAMED)]);
    }

    #[test]
    fn what_hides_the_key_stands_for_it() {
        let symbol = unknown_symbol();
        let unknown = |text: &str| {
            let mut manifest = manifest(text);
            hide(&mut manifest, symbol);
            read(&manifest, Some(3))
        };
        for text in [
            r#"{"centralizedLogging":"?"}"#,
            r#"{"centralizedLogging":{"configurations":"?"}}"#,
            r#"{"centralizedLogging":{"configurations":{"kmsKeyArn":"?"}}}"#,
        ] {
            let Manifest { slots, flaws, .. } = unknown(text);
            assert!(flaws.is_empty(), "{text}");
            let keys: Vec<&Kind> = slots.iter().map(|it| &it.key.kind).collect();
            assert!(
                matches!(keys[..], [Kind::Unknown(it)] if *it == symbol),
                "{text}"
            );
        }
        let Manifest { slots, flaws, .. } = read(&manifest(r#"{"centralizedLogging":7}"#), Some(3));
        assert_eq!((slots.len(), flaws.len()), (0, 1));
    }

    /// Since version 4.0 AWS Config has a component of its own.
    #[test]
    fn without_a_version_a_component_of_its_own_tells_who_serves_aws_config() {
        let logging = r#""centralizedLogging":{"configurations":{"kmsKeyArn":"arn"}}"#;
        let alone = manifest(&format!("{{{logging}}}"));
        let beside = manifest(&format!(r#"{{{logging},"config":{{"enabled":true}}}}"#));
        let unsure = Asks::Perhaps("the landing zone's version is not known");
        for (manifest, major, config) in [
            (&alone, None, unsure),
            (&beside, None, Asks::No),
            (&beside, Some(3), Asks::Yes),
            (&alone, Some(4), Asks::No),
        ] {
            let Manifest { slots, .. } = read(manifest, major);
            let config_of =
                |slot: &Slot| (slot.component == Component::Logging).then_some(slot.config);
            let found: Vec<Asks> = slots.iter().filter_map(config_of).collect();
            assert_eq!(found, [config], "{major:?}");
        }
    }

    #[test]
    fn each_known_account_of_a_manifest_is_a_member_once() {
        let mut known = manifest(
            r#"{"centralizedLogging":{"accountId":"111122223333"},"securityRoles":{"accountId":"444455556666"},"config":{"accountId":"111122223333"}}"#,
        );
        let members = |manifest: &Value| {
            let Manifest { members, .. } = read(manifest, None);
            let members = members.iter().map(Text::to_literal);
            members.collect::<Option<Vec<String>>>()
        };
        let both = ["111122223333", "444455556666"].map(str::to_owned);
        assert_eq!(members(&known).as_deref(), Some(&both[..]));
        // An account of which a part is not known is nobody that could be asked for.
        let Kind::Object(object) = &mut known.kind else {
            unreachable!("it is an object");
        };
        let part = Text::symbol(unknown_symbol(), object.members[1].key_origin.clone());
        let Kind::Object(roles) = &mut object.members[1].value.kind else {
            unreachable!("it is an object");
        };
        roles.members[0].value.kind = Kind::Text(part);
        assert_eq!(members(&known).as_deref(), Some(&both[..1]));
    }

    /// A value that is a reference's stands elsewhere, and the manifest's own words are its name.
    #[test]
    fn a_member_is_where_it_is_written_in_the_manifest() {
        let at = |start, end| Origin::new(Span { start, end });
        let place = |start| {
            let part = Part {
                value: Value::text("arn", at(start, start + 5)),
                key: at(100, 110),
                sure: true,
            };
            part.place().span().start
        };
        for (value, expected) in [(111, 111), (113, 113), (400, 100), (20, 100), (105, 100)] {
            assert_eq!(place(value), expected, "{value}");
        }
    }
}
