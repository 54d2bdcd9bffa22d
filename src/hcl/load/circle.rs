//! Circles of module calls. Terraform refuses them: `terraform init` follows the calls until a path is too long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders of a chain that a message names, at most.
const NAMED: usize = 8;

/// The folders of local modules that each folder calls.
pub(super) type Calls = BTreeMap<PathBuf, Vec<PathBuf>>;

/// The folders that lie on circles of calls.
#[derive(Debug, Default)]
pub(super) struct Circles {
    /// The number of the circles that a folder lies on. Circles that share a folder have one number.
    of: BTreeMap<PathBuf, usize>,
    found: usize,
}

impl Circles {
    /// True for a call that is a part of a circle.
    pub(super) fn hold(&self, from: &Path, to: &Path) -> bool {
        let number = self.of.get(from);
        number.is_some() && number == self.of.get(to)
    }

    /// Adds the circles of folders of which none was added before. Gives the folders of each, in the order of their paths.
    pub(super) fn add(&mut self, calls: &Calls) -> Vec<Vec<PathBuf>> {
        let mut new = Vec::new();
        for members in tied(calls) {
            let alone = match members.as_slice() {
                [one] => !calls.get(*one).is_some_and(|all| all.contains(*one)),
                _ => false,
            };
            if alone {
                continue;
            }
            let members: Vec<PathBuf> = members.into_iter().cloned().collect();
            for member in &members {
                self.of.insert(member.clone(), self.found);
            }
            self.found += 1;
            new.push(members);
        }
        new
    }
}

/// The folders in groups: all of a group lead to each other. The groups are in the order of their first folders.
fn tied(calls: &Calls) -> Vec<Vec<&PathBuf>> {
    let dirs: Vec<&PathBuf> = calls.keys().collect();
    let numbers: BTreeMap<&PathBuf, usize> = dirs.iter().copied().zip(0..).collect();
    let mut onward: Vec<Vec<usize>> = Vec::with_capacity(dirs.len());
    let mut backward: Vec<Vec<usize>> = vec![Vec::new(); dirs.len()];
    for (from, called) in calls.values().enumerate() {
        let to: Vec<usize> = called
            .iter()
            .filter_map(|it| numbers.get(it).copied())
            .collect();
        for it in &to {
            if let Some(all) = backward.get_mut(*it) {
                all.push(from);
            }
        }
        onward.push(to);
    }
    // Kosaraju's algorithm: in the reverse order in which the walk along the calls is done with them, what leads to a folder and belongs to no
    // group yet is its group.
    let mut seen = BTreeSet::new();
    let mut done: Vec<usize> = Vec::with_capacity(dirs.len());
    for begin in 0..dirs.len() {
        walk(begin, &onward, &mut seen, &mut done);
    }
    let mut seen = BTreeSet::new();
    let mut groups = Vec::new();
    for begin in done.into_iter().rev() {
        let mut group = Vec::new();
        walk(begin, &backward, &mut seen, &mut group);
        group.sort_unstable();
        let group = group.into_iter().filter_map(|it| dirs.get(it).copied());
        groups.push(group.collect::<Vec<_>>());
    }
    groups.retain(|group| !group.is_empty());
    groups.sort();
    groups
}

/// Adds what can be reached and was not seen yet, each after all that it leads to.
fn walk(begin: usize, edges: &[Vec<usize>], seen: &mut BTreeSet<usize>, done: &mut Vec<usize>) {
    if !seen.insert(begin) {
        return;
    }
    let mut path = vec![(begin, 0)];
    while let Some((at, next)) = path.last_mut() {
        let to = edges.get(*at).and_then(|all| all.get(*next)).copied();
        *next += 1;
        match to {
            Some(to) if seen.insert(to) => path.push((to, 0)),
            Some(_) => {}
            None => {
                done.push(*at);
                path.pop();
            }
        }
    }
}

/// The shortest way from the first of the folders through the others back to it, which is at both ends.
pub(super) fn shortest(members: &[PathBuf], calls: &Calls) -> Vec<PathBuf> {
    let Some(first) = members.first() else {
        return Vec::new();
    };
    let mut from: BTreeMap<&PathBuf, &PathBuf> = BTreeMap::new();
    let mut level = vec![first];
    while !level.is_empty() && !from.contains_key(first) {
        let mut next = Vec::new();
        for dir in level {
            for to in calls.get(dir).into_iter().flatten() {
                if members.binary_search(to).is_ok() && !from.contains_key(to) {
                    from.insert(to, dir);
                    next.push(to);
                }
            }
        }
        level = next;
    }
    let mut chain = vec![first.clone()];
    let mut at = first;
    while let Some(before) = from.get(at) {
        chain.push((*before).clone());
        at = before;
        if at == first {
            break;
        }
    }
    chain.reverse();
    chain
}

/// What is wrong, in one sentence. `chain` are the names of folders; `others` is how many lie on such circles beside them.
pub(super) fn message(chain: &[String], others: usize) -> String {
    let quoted = |it: &String| format!("`{it}`");
    let mut names: Vec<String> = chain.iter().map(quoted).collect();
    let left = names.len().saturating_sub(NAMED + 1);
    if left > 0 {
        names.splice(NAMED..NAMED + left, [format!("{left} more")]);
    }
    let names = names.join(" → ");
    let others = match others {
        0 => String::new(),
        1 => "; one more folder lies on a circle with them".to_owned(),
        others => format!("; {others} more folders lie on circles with them"),
    };
    format!(
        "modules call each other in a circle, {names}, and their calls are not followed{others}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(all: &[(&str, &[&str])]) -> Calls {
        let path = |it: &&str| PathBuf::from(it);
        let all = all.iter();
        all.map(|(from, to)| (PathBuf::from(from), to.iter().map(path).collect()))
            .collect()
    }

    #[test]
    fn only_calls_of_a_circle_are_parts_of_one() {
        let calls = calls(&[
            ("a", &["b", "out"]),
            ("b", &["c", "d"]),
            ("c", &["a", "a"]),
            ("d", &["d", "e"]),
            ("e", &[]),
            ("out", &["e"]),
            ("root", &["a", "out"]),
        ]);
        let mut circles = Circles::default();
        let new = circles.add(&calls);
        assert_eq!(
            new,
            [
                ["a", "b", "c"].map(PathBuf::from).to_vec(),
                vec!["d".into()]
            ]
        );
        let held = |from: &str, to: &str| circles.hold(Path::new(from), Path::new(to));
        assert!(held("a", "b") && held("b", "c") && held("c", "a") && held("d", "d"));
        assert!(!held("root", "a") && !held("a", "out") && !held("b", "d") && !held("d", "e"));
        assert!(!held("e", "e"));
        let chain = shortest(&new[0], &calls);
        assert_eq!(chain, ["a", "b", "c", "a"].map(PathBuf::from));
        assert_eq!(shortest(&new[1], &calls), ["d", "d"].map(PathBuf::from));
    }

    #[test]
    fn a_long_circle_is_found_without_a_deep_stack_and_named_in_short() {
        let name = |at: usize| PathBuf::from(format!("m{at:06}"));
        let many = 100_000;
        let calls: Calls = (0..many)
            .map(|at| (name(at), vec![name((at + 1) % many)]))
            .collect();
        let new = Circles::default().add(&calls);
        assert_eq!(new.len(), 1);
        let chain = shortest(&new[0], &calls);
        assert_eq!(chain.len(), many + 1);
        let names: Vec<String> = chain.iter().map(|it| it.display().to_string()).collect();
        let said = message(&names, 0);
        assert!(
            said.contains("`m000007` → 99992 more → `m000000`,"),
            "{said}"
        );
    }
}
