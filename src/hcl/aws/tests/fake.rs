//! An instance whose arguments are an expression, in a module of variables that nobody gives.

use std::path::{Path, PathBuf};

use super::super::{Instance, computed, symbol};
use crate::hcl::{
    Data, FileTrouble, Files, Problem, Scope, Subject, Type, Typed, World, evaluate,
    parse_expression,
};
use crate::input::home::{Facts, Home};
use crate::input::{Given, Mode};
use crate::source::{Origin, SourceMap};
use crate::value::{Nature, Shape, Symbol, Symbols, Text};

/// Two files in the folder `/module`.
struct Folder;

impl Files for Folder {
    fn root(&self) -> &Path {
        Path::new("/module")
    }

    fn base(&self) -> &Path {
        self.root()
    }

    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        let known = ["/module/a.tpl", "/module/secret"];
        if known.contains(&path.to_string_lossy().as_ref()) {
            Ok(path.to_path_buf())
        } else {
            Err(FileTrouble::Missing)
        }
    }

    fn read(&self, real: &Path, _: usize) -> Result<Vec<u8>, FileTrouble> {
        Ok(match real.to_string_lossy().as_ref() {
            "/module/a.tpl" => b"role is ${role}".to_vec(),
            _ => b"hunter2".to_vec(),
        })
    }

    fn under(&self, _: &Path) -> Result<Vec<String>, FileTrouble> {
        Ok(Vec::new())
    }
}

/// `var.NAME` is unknown text, but for `list_…`, `docs…`, `flag…` and `arn…`.
struct Variables;

impl Scope for Variables {
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let Subject::Variable(name) = subject else {
            return Err(Problem::new(format!("there is no `{subject}`"), at));
        };
        let shape = match name.as_str() {
            "arn" => Shape::Arn,
            _ => Shape::Text,
        };
        let symbol = world.symbols.intern(Symbol {
            key: format!("in0:{subject}"),
            name: subject.to_string(),
            shape,
            nature: Nature::Named,
            reason: "it is not given".to_owned(),
            supply: None,
        });
        let kind = match name.split('_').next() {
            Some("list") => Type::list(Type::String),
            Some("blocks") => Type::list(Type::Dynamic),
            Some("flag") => Type::Bool,
            _ => return Ok(Typed::text(Text::symbol(symbol, at.clone()), at.clone())),
        };
        Ok(Typed::unknown(symbol, kind, at.clone()))
    }

    fn files(&self) -> &dyn Files {
        &Folder
    }
}

/// A run of one instance after the other.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) sources: SourceMap,
    pub(super) symbols: Symbols,
    pub(super) given: Given,
    pub(super) account: Option<&'static str>,
    pub(super) region: Option<&'static str>,
}

impl Bench {
    /// In account 111122223333 and region `us-east-1`.
    pub(super) fn known() -> Self {
        Bench {
            account: Some("111122223333"),
            region: Some("us-east-1"),
            ..Bench::default()
        }
    }

    /// The value of an attribute of `resource "KIND" "x"` (or `data.KIND`).
    pub(super) fn value(
        &mut self,
        kind: &str,
        arguments: &str,
        name: &str,
    ) -> Result<Typed, Problem> {
        let facts = Facts {
            account: self.account.map(str::to_owned),
            region: self.region.map(str::to_owned),
            partition: None,
        };
        let home = facts.settle(0, "aws", 0, &mut self.symbols);
        let block = self.sources.add("main.tf", "resource").unwrap();
        let (mode, kind) = match kind.strip_prefix("data.") {
            Some(kind) => (Mode::Data, kind),
            None => (Mode::Managed, kind),
        };
        let mut instance = Fake {
            mode,
            kind,
            arguments,
            origin: Origin::new(self.sources.whole(block)),
            home,
            given: self.given.clone(),
        };
        let mut world = World::new(&mut self.sources, &mut self.symbols);
        if let Some(value) = computed(name, &mut instance, &mut world) {
            return value;
        }
        let shape = super::super::shape(mode, kind, name);
        let symbol = symbol(name, shape, &instance, &mut world);
        let text = Text::symbol(symbol, instance.origin());
        Ok(Typed::text(text, instance.origin()))
    }

    /// The same as reports show it.
    pub(super) fn show(&mut self, kind: &str, arguments: &str, name: &str) -> String {
        match self.value(kind, arguments, name) {
            Ok(value) => match super::super::facts::text_of(&value) {
                Some(text) => text.show(&self.symbols),
                None => format!("{value:?}"),
            },
            Err(problem) => format!("error: {}", problem.message),
        }
    }
}

struct Fake<'f> {
    mode: Mode,
    kind: &'f str,
    arguments: &'f str,
    origin: Origin,
    home: Home,
    given: Given,
}

impl Instance for Fake<'_> {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn kind(&self) -> &str {
        self.kind
    }

    fn address(&self) -> String {
        let data = if self.mode == Mode::Data { "data." } else { "" };
        format!("{data}{}.x", self.kind)
    }

    fn input(&self) -> usize {
        0
    }

    fn origin(&self) -> Origin {
        self.origin.clone()
    }

    fn argument(&mut self, name: &str, world: &mut World<'_>) -> Result<Option<Typed>, Problem> {
        let file = world.sources.add("main.tf", self.arguments).unwrap();
        let expression = parse_expression(self.arguments).unwrap();
        let arguments = evaluate(&expression, file, &mut Variables, world)?;
        let Data::Mapping(mut mapping) = arguments.data else {
            panic!("{arguments:?}");
        };
        Ok(mapping.entries.remove(name).map(|entry| entry.value))
    }

    fn home(&mut self, _: &mut World<'_>) -> Home {
        self.home.clone()
    }

    fn given(&self) -> &Given {
        &self.given
    }

    fn files(&self) -> &dyn Files {
        &Folder
    }
}
