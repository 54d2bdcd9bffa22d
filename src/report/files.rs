//! Where the files of a source map lie. A renderer for a code host must know, and only whoever does the I/O can see it.

use std::collections::BTreeMap;

use crate::source::{FileId, SourceMap};

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// In the repository: the path from its root, with forward slashes and without `.` and `..`.
    Repository(String),
    /// Elsewhere on this machine: an absolute path, with forward slashes.
    Machine(String),
}

impl Home {
    /// The path, whatever it starts from.
    pub fn path(&self) -> &str {
        match self {
            Home::Repository(path) | Home::Machine(path) => path,
        }
    }
}

/// Files of a source map, and inputs by the names that the user gives them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    seen: Option<(BTreeMap<FileId, Home>, BTreeMap<String, Home>)>,
}

impl Files {
    /// What somebody looked for: a text of the map that is not among the files is in none, such as a policy of AWS's own.
    pub fn new(files: BTreeMap<FileId, Home>, inputs: BTreeMap<String, Home>) -> Self {
        Files {
            seen: Some((files, inputs)),
        }
    }

    /// Where a file of the map lies. Where nobody looked, every name is taken for a path from the root of the repository.
    pub fn of(&self, file: FileId, sources: &SourceMap) -> Option<Home> {
        match &self.seen {
            Some((files, _)) => files.get(&file).cloned(),
            None => home(sources.name(file).0),
        }
    }

    /// Where an input lies, if it is a file.
    pub fn input(&self, name: &str) -> Option<Home> {
        match &self.seen {
            Some((_, inputs)) => inputs.get(name).cloned(),
            None => home(name),
        }
    }
}

/// A name as a path.
fn home(name: &str) -> Option<Home> {
    let name = match name {
        "" => return None,
        STDIN => return Some(Home::Repository(STREAM.to_owned())),
        name => name,
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in name.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let path = steps.join("/");
    match name.starts_with('/') {
        _ if path.is_empty() => None,
        true => Some(Home::Machine(format!("/{path}"))),
        false => Some(Home::Repository(path)),
    }
}

/// How reports for people name what came on stdin.
pub const STDIN: &str = "<stdin>";

/// How it is named where only a file can be.
pub const STREAM: &str = "stdin";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_looked_for_is_a_path() {
        let files = Files::default();
        for (name, wanted) in [
            ("./infra//main.tf", "infra/main.tf"),
            ("infra/../main.tf", "main.tf"),
            ("../other/main.tf", "other/main.tf"),
            (STDIN, "stdin"),
        ] {
            let wanted = Home::Repository(wanted.to_owned());
            assert_eq!(files.input(name), Some(wanted), "{name}");
        }
        let machine = Home::Machine("/tmp/plan.json".to_owned());
        assert_eq!(files.input("/tmp/./plan.json"), Some(machine));
        assert_eq!(files.input("."), None);
    }

    #[test]
    fn what_was_looked_for_and_not_found_is_no_file() {
        let mut sources = SourceMap::new();
        let main = sources.add("main.tf", "").unwrap();
        let aws = sources
            .add_part("AWS", "ReadOnlyAccess", "", false)
            .unwrap();
        let home = Home::Repository("infra/main.tf".to_owned());
        let files = Files::new(BTreeMap::from([(main, home.clone())]), BTreeMap::new());
        assert_eq!(files.of(main, &sources), Some(home));
        assert_eq!(files.of(aws, &sources), None);
        assert_eq!(files.input("main.tf"), None);
    }
}
