//! Which rules run.

use super::Rule;
use crate::config::Level;

/// Rules that run only where somebody asks for them: they say what most users hear from another tool.
const OFF: &[&str] = &["key-rotation-disabled"];

impl Rule {
    /// True where the rule runs without being asked for.
    pub fn is_on_by_default(&self) -> bool {
        !OFF.contains(&self.id)
    }
}

/// Which rules run. The default: those that are on by default.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// These and no others, where there is one (`--only`).
    pub only: Vec<String>,
    /// These too (`--enable`).
    pub enabled: Vec<String>,
    /// These not (`--disable`), whatever the other lists say.
    pub disabled: Vec<String>,
    /// What findings of a rule are worth by the configuration file; the lists above say more about whether it runs.
    pub levels: Vec<(String, Level)>,
    /// True where the instances that share a finding may have to be taken apart again.
    pub apart: bool,
}

impl Selection {
    /// True where the rule runs.
    pub fn takes(&self, rule: &Rule) -> bool {
        let names = |list: &[String]| list.iter().any(|id| id == rule.id);
        let level = self.levels.iter().find(|(id, _)| id == rule.id);
        let wanted = if self.only.is_empty() {
            let by_file = match level {
                Some((_, Level::Off)) => false,
                Some((_, Level::Worth(_))) => true,
                None => rule.is_on_by_default(),
            };
            by_file || names(&self.enabled)
        } else {
            names(&self.only)
        };
        wanted && !names(&self.disabled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ALL;

    #[test]
    fn what_is_off_runs_when_it_is_asked_for() {
        let off = ALL.iter().find(|rule| !rule.is_on_by_default());
        let on = ALL.iter().find(|rule| rule.is_on_by_default());
        let (Some(off), Some(on)) = (off, on) else {
            unreachable!("the table has both")
        };
        let list = |rule: &Rule| vec![rule.id.to_owned()];
        let usual = Selection::default();
        assert!(usual.takes(on) && !usual.takes(off));
        let more = Selection {
            enabled: list(off),
            disabled: list(on),
            ..Selection::default()
        };
        assert!(more.takes(off) && !more.takes(on));
        let only = Selection {
            only: list(off),
            ..Selection::default()
        };
        assert!(only.takes(off) && !only.takes(on));
        assert!(OFF.iter().all(|id| crate::rules::find(id).is_some()));
    }
}
