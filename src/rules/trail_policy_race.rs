//! `trail-policy-race`

use super::finding::label;
use super::{Findings, Rule};
use crate::address::Address;
use crate::input::Action;
use crate::model::{Key, Model, Order, PolicyState, Subject};
use crate::policy::{self, Verdict};
use crate::report::{Effect, Finding, Severity};
use crate::source::Origin;

pub(super) static RULE: Rule = Rule {
    id: "trail-policy-race",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the trail and the separate policy of its key are made in the wrong order, or in any",
    page: include_str!("trail_policy_race.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for order in &model.orders {
        let parts = model
            .subjects
            .get(order.subject)
            .zip(model.keys.get(order.key));
        let Some((trail, key)) = parts else {
            continue;
        };
        if !comes(order.action) || suffices(model, order, key) {
            continue;
        }
        let new = trail.action.is_new() || trail.action == Action::Unplanned;
        let changes = new || trail.action == Action::Update;
        if new && order.policy_waits.is(&true) {
            backwards(order, trail, key, findings);
        } else if changes && order.trail_waits.is(&false) {
            race(order, trail, key, findings);
        }
    }
}

/// True for a policy that the apply sets, as far as is known.
fn comes(action: Action) -> bool {
    action.is_new() || matches!(action, Action::Update | Action::Unplanned)
}

/// True where the policy that is there before the separate one lets CloudTrail do all that it needs, so that the order does not matter.
fn suffices(model: &Model, order: &Order, key: &Key) -> bool {
    let inline = key.others.iter().find(|it| it.address == key.address);
    let Some(policy) = inline.and_then(|it| it.policy.as_ref()) else {
        return false;
    };
    let own = model.subjects.get(order.subject).into_iter();
    let mut needed = own
        .flat_map(|it| &it.requirements)
        .filter(|it| it.key == order.key && it.id.starts_with("cloudtrail-"));
    needed
        .all(|it| policy::evaluate(policy, &it.request, &model.symbols).verdict == Verdict::Allowed)
}

/// The policy waits for the trail that needs it.
fn backwards(order: &Order, trail: &Subject, key: &Key, findings: &mut Findings) {
    let message = format!(
        "`{}` waits for `{}`, and CloudTrail cannot make the trail before the policy is there",
        order.policy, trail.address
    );
    let mut finding = of(trail, key, message);
    finding.help = Some(format!(
        "write the trail's ARN from its name, Region and account, so that the policy does not refer to `{}`; then let the trail wait: {}",
        trail.address,
        wait(trail, order)
    ));
    let at = reference(trail, key).unwrap_or(&order.origin);
    finding
        .labels
        .push(label(at, format!("refers to `{}`", trail.address), true));
    finding.labels.push(label(
        &trail.origin,
        "needs the policy when it is made",
        false,
    ));
    findings.add(finding, "backwards");
}

/// The trail does not wait.
fn race(order: &Order, trail: &Subject, key: &Key, findings: &mut Findings) {
    let message = format!(
        "`{}` does not wait for `{}`, without which CloudTrail may not use the key",
        trail.address, order.policy
    );
    let mut finding = of(trail, key, message);
    finding.severity = Severity::Warning;
    finding.help = Some(format!("let the trail wait: {}", wait(trail, order)));
    finding
        .labels
        .push(label(&trail.origin, "may be made first", true));
    finding
        .labels
        .push(label(&order.origin, "may come too late", false));
    findings.add(finding, "race");
}

fn of(trail: &Subject, key: &Key, message: String) -> Finding {
    let mut finding = RULE.finding(&trail.address, message);
    finding.subject = Some(trail.id.clone());
    finding.key = Some(key.id.clone());
    finding
}

/// How the trail is made to wait for the policy: as it is named in the trail's own module.
fn wait(trail: &Subject, order: &Order) -> String {
    let addresses = Address::parse(&trail.address).zip(Address::parse(&order.policy));
    let Some((trail, policy)) = addresses else {
        return "`depends_on` names what it waits for".to_owned();
    };
    let (own, other) = (&trail.configuration().module, policy.configuration());
    match other.module.strip_prefix(own.as_slice()) {
        Some([]) => format!("`depends_on = [{}.{}]`", other.kind, other.name),
        Some([step, ..]) => format!("`depends_on = [module.{}]`", step.name),
        None => "give its module `depends_on`, or an output of the policy".to_owned(),
    }
}

/// The place in the policy that holds the trail's ARN.
fn reference<'k>(trail: &Subject, key: &'k Key) -> Option<&'k Origin> {
    let shown = !key.sensitive && key.state != PolicyState::Invalid;
    let policy = key.policy.as_ref().filter(|_| shown)?;
    let clauses = policy
        .statements
        .iter()
        .flat_map(policy::Statement::clauses);
    let mut values = clauses.flat_map(|it| {
        let key_at = it.key_at;
        it.values.into_iter().map(move |(value, _)| (value, key_at))
    });
    // What a reference leads to is said to be written where it leads.
    values
        .find(|(it, _)| *it.text == trail.arn)
        .map(|(it, key_at)| {
            let elsewhere = it.at.span() == trail.origin.span();
            if elsewhere { key_at } else { it.at }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fact;

    #[test]
    fn only_a_policy_that_the_apply_sets_comes_late() {
        assert!(comes(Action::Create) && comes(Action::Update) && comes(Action::Unplanned));
        assert!(!comes(Action::NoOp) && !comes(Action::Delete));
        assert!(!Fact::<bool>::Unknown.is(&false));
    }
}
