//! How much answers about one policy may cost.
//!
//! What is counted are comparisons and steps, and not time, so that the same inputs stop at the same place on every machine. A policy that a
//! person wrote needs a thousandth of it; one that was made to need more is undecided.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one answer may cost.
const ANSWER: u64 = 10_000_000;
/// What all decisions about one policy may cost.
const POLICY: u64 = 30_000_000;
/// What all questions of one rule about it may cost.
const QUESTIONS: u64 = 15_000_000;
/// What every answer may cost, whatever was asked before it.
const LEAST: u64 = 200_000;

/// What the answers about a policy have cost so far.
#[derive(Debug, Default)]
pub(super) struct Spent(AtomicU64);

impl Spent {
    /// True where no decision has more left than the least.
    pub(super) fn is_all(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= POLICY
    }

    /// Counts what the answers about a copy have cost.
    pub(super) fn take_over(&self, copy: &Spent) {
        let cost = copy.0.load(Ordering::Relaxed);
        self.0.fetch_max(cost, Ordering::Relaxed);
    }
}

impl Clone for Spent {
    fn clone(&self) -> Self {
        Spent(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

/// What one answer may still cost.
#[derive(Debug)]
pub(super) struct Work<'p> {
    left: Cell<u64>,
    first: u64,
    /// Where it is added up.
    spent: Option<&'p Spent>,
}

impl<'p> Work<'p> {
    /// That of one decision: there is always some.
    pub(super) fn of_decision(spent: &'p Spent) -> Self {
        Self::within(spent, POLICY, LEAST)
    }

    /// That of one question: none once much was asked.
    pub(super) fn of_question(spent: &'p Spent) -> Self {
        Self::within(spent, QUESTIONS, 0)
    }

    fn within(spent: &'p Spent, most: u64, least: u64) -> Self {
        let left = most.saturating_sub(spent.0.load(Ordering::Relaxed));
        let first = left.clamp(least, ANSWER);
        Work {
            left: Cell::new(first),
            first,
            spent: Some(spent),
        }
    }

    /// That of a comparison with no policy around it.
    pub(super) fn alone() -> Work<'static> {
        Work {
            left: Cell::new(ANSWER),
            first: ANSWER,
            spent: None,
        }
    }

    /// So much of it, with no policy around.
    #[cfg(test)]
    pub(super) fn with(left: u64) -> Work<'static> {
        Work {
            left: Cell::new(left),
            first: left,
            spent: None,
        }
    }

    /// Takes a part of it. False where less than that is left: then nothing is.
    pub(super) fn take(&self, part: usize) -> bool {
        let part = u64::try_from(part).unwrap_or(u64::MAX);
        let left = self.left.get().checked_sub(part);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Takes a step, and a quarter of one for each thing of one sort that may meet one of another.
    pub(super) fn take_pairs(&self, sorts: &[(usize, usize)]) -> bool {
        let meetings = sorts.iter().map(|(one, other)| one.saturating_mul(*other));
        let quarters = meetings.fold(4, usize::saturating_add);
        self.take(quarters / 4)
    }

    /// True where nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let Some(spent) = self.spent {
            let part = self.first - self.left.get();
            spent.0.fetch_add(part, Ordering::Relaxed);
        }
    }
}

/// Symbols that are bound one after the other, at most: each is a step of a recursion.
pub(super) const DEEPEST: usize = 200;

/// What the comparison of two texts costs that are not both known, whatever their lengths.
const COMPARISON: usize = 16;

/// What it costs to compare a caller with a principal, beside the comparisons of their texts.
pub(super) const PRINCIPAL: usize = 4;

/// What a pass costs beside its comparisons, where so many symbols are bound: each may be looked for among all.
pub(super) fn of_bound(symbols: usize) -> usize {
    1 + symbols.saturating_mul(symbols) / 8
}

/// What the comparison of two texts of these lengths costs, at most: each letter may meet each.
pub(super) fn of_lengths(one: usize, other: usize) -> usize {
    1 + one.saturating_mul(other) / 64
}

/// The same where they are not both known.
pub(super) fn of_unknown(one: usize, other: usize) -> usize {
    COMPARISON + of_lengths(one, other)
}

/// What a step from so many rows of places costs: nothing where they are few, as whoever takes it pays for that.
pub(super) fn of_places(rows: usize, places: usize) -> usize {
    rows.saturating_mul(places) / 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_share_what_a_policy_may_cost_and_a_decision_always_has_some() {
        let spent = Spent::default();
        for _ in 0..2 {
            let work = Work::of_question(&spent);
            assert!(work.take(1000) && !work.is_spent());
            assert!(!work.take(usize::MAX) && work.is_spent());
        }
        assert!(Work::of_question(&spent).is_spent());
        let spent = Spent::default();
        for _ in 0..POLICY / ANSWER {
            assert!(!spent.is_all() && !Work::of_decision(&spent).take(usize::MAX));
        }
        assert!(spent.is_all() && Work::of_decision(&spent).take(1000));
        assert!(!Work::of_decision(&spent).take(300_000));
        assert!(Work::alone().take(1_000_000));
    }

    #[test]
    fn a_copy_has_cost_what_its_original_has() {
        let spent = Spent::default();
        for _ in 0..POLICY / ANSWER {
            assert!(!spent.clone().is_all() && !Work::of_decision(&spent).take(usize::MAX));
        }
        let copy = spent.clone();
        assert!(copy.is_all());
        // What the copy costs is its own until it is taken over.
        let fresh = Spent::default();
        drop(Work::of_question(&fresh));
        fresh.take_over(&copy);
        assert!(fresh.is_all());
    }

    #[test]
    fn a_pass_and_a_comparison_cost_something_and_more_where_more_may_meet() {
        assert_eq!([0, 8, 80].map(of_bound), [1, 9, 801]);
        let lengths = [(0, 9), (64, 1), (64, 64)];
        assert_eq!(
            lengths.map(|(one, other)| of_lengths(one, other)),
            [1, 2, 65]
        );
        assert_eq!(
            lengths.map(|(one, other)| of_unknown(one, other)),
            [17, 18, 81]
        );
        let places = [(1, 15), (1, 16), (3, 16)];
        assert_eq!(
            places.map(|(rows, places)| of_places(rows, places)),
            [0, 1, 3]
        );
        assert!(of_bound(usize::MAX) > 1 && of_lengths(usize::MAX, 2) > 1);
        assert!(of_places(usize::MAX, 2) > 1);
    }

    #[test]
    fn pairs_cost_a_step_and_a_quarter_each_and_never_less_than_nothing() {
        const MANY: usize = usize::MAX;
        for (sorts, cost) in [
            (&[][..], 1),
            (&[(0, 9)], 1),
            (&[(3, 1)], 1),
            (&[(4, 1)], 2),
            (&[(3, 5)], 4),
            (&[(8, 8), (8, 2)], 21),
            (&[(1, 2), (2, 1)], 2),
        ] {
            let spent = Spent::default();
            assert!(Work::of_decision(&spent).take_pairs(sorts));
            assert_eq!(spent.0.load(Ordering::Relaxed), cost, "{sorts:?}");
        }
        for sorts in [&[(MANY, 2)][..], &[(MANY, 1), (MANY, 1)]] {
            let work = Work::alone();
            assert!(!work.take_pairs(sorts) && work.is_spent(), "{sorts:?}");
        }
    }

    #[test]
    fn what_was_taken_is_added_to_what_the_policy_has_cost() {
        let spent = Spent::default();
        let so_far = || spent.0.load(Ordering::Relaxed);
        for (part, expected) in [(1000, 1000), (0, 1000), (234, 1234)] {
            assert!(Work::of_decision(&spent).take(part));
            assert_eq!(so_far(), expected, "{part}");
        }
        assert!(!Work::of_question(&spent).take(usize::MAX));
        assert_eq!(so_far(), 1234 + ANSWER);
    }
}
