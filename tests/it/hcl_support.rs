//! What the tests of expressions share: a module that lies in one file, and files under one folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use keytrail::hcl::{
    FileTrouble, Files, Problem, Scope, Subject, Type, Typed, World, evaluate, parse_expression,
};
use keytrail::source::{FileId, Origin, SourceMap, Span};
use keytrail::value::{Nature, Shape, Symbol, Symbols};

/// The files under a real folder.
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn new(root: &Path) -> Self {
        let root = root.canonicalize().unwrap();
        Folder { root }
    }
}

impl Files for Folder {
    fn root(&self) -> &Path {
        &self.root
    }

    fn base(&self) -> &Path {
        &self.root
    }

    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        path.canonicalize().map_err(|_| FileTrouble::Missing)
    }

    fn read(&self, real: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble> {
        let bytes = std::fs::read(real).map_err(|it| FileTrouble::Unreadable(it.to_string()))?;
        assert!(bytes.len() <= limit);
        Ok(bytes)
    }

    fn under(&self, real: &Path) -> Result<Vec<String>, FileTrouble> {
        let mut found = Vec::new();
        let mut folders = vec![real.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).map_err(|_| FileTrouble::Missing)? {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    let path = entry.path();
                    let inside = path.strip_prefix(real).unwrap();
                    found.push(inside.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// A module: variables and locals by name; resources, data sources and modules are symbols.
pub struct Module {
    pub files: Folder,
    pub known: BTreeMap<String, Expression>,
    pub file: FileId,
}

impl Module {
    /// Reads the variables' defaults and the locals of a file.
    pub fn read(text: &str, file: FileId, root: &Path) -> Self {
        let body: Body = hcl_edit::parser::parse_body(text).unwrap();
        let mut known = BTreeMap::new();
        for block in body.blocks() {
            let label = block.labels.first().map(|it| it.as_str().to_owned());
            for attribute in block.body.attributes() {
                let name = match block.ident.as_str() {
                    "variable" if attribute.key.as_str() == "default" => {
                        format!("var.{}", label.clone().unwrap())
                    }
                    "locals" => format!("local.{}", attribute.key.as_str()),
                    _ => continue,
                };
                known.insert(name, attribute.value.clone());
            }
        }
        Module {
            files: Folder::new(root),
            known,
            file,
        }
    }
}

impl Scope for Module {
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let name = subject.to_string();
        if let Some(expression) = self.known.get(&name).cloned() {
            let file = self.file;
            return evaluate(&expression, file, self, world);
        }
        match subject {
            Subject::Resource(..) | Subject::Data(..) | Subject::Module(_) => {
                let symbol = world.symbols.intern(symbol(&name, Shape::Text));
                Ok(Typed::unknown(symbol, Type::Dynamic, at.clone()))
            }
            _ => Err(Problem::new(format!("`{name}` is not declared"), at)),
        }
    }

    fn member(
        &mut self,
        whole: &Typed,
        name: &str,
        _: &Origin,
        world: &mut World<'_>,
    ) -> Result<Option<Typed>, Problem> {
        let keytrail::hcl::Data::Unknown(id, _) = &whole.data else {
            return Ok(None);
        };
        let of = world.symbols.get(*id).name.clone();
        if !of.starts_with("aws_") {
            return Ok(None);
        }
        let (shape, kind) = match name {
            "arn" => (Shape::Arn, Type::String),
            _ => (Shape::Text, Type::Dynamic),
        };
        let name = if name.starts_with('[') {
            format!("{of}{name}")
        } else {
            format!("{of}.{name}")
        };
        let symbol = world.symbols.intern(symbol(&name, shape));
        Ok(Some(Typed::unknown(symbol, kind, whole.origin.clone())))
    }

    fn files(&self) -> &dyn Files {
        &self.files
    }
}

fn symbol(name: &str, shape: Shape) -> Symbol {
    Symbol {
        key: name.to_owned(),
        name: name.to_owned(),
        shape,
        nature: Nature::Named,
        reason: "known after apply".to_owned(),
        supply: None,
    }
}

/// An expression's value and all that its places and names refer to.
pub struct Evaluated {
    pub sources: SourceMap,
    pub symbols: Symbols,
    pub result: Result<Typed, Problem>,
}

impl Evaluated {
    pub fn value(&self) -> &Typed {
        self.result.as_ref().unwrap()
    }

    /// The text at a place.
    pub fn at(&self, span: Span) -> String {
        self.sources.location(span).text
    }

    /// The parts of a text, each as its text or `${name}`, with what is written where it came from.
    pub fn parts(&self) -> Vec<(String, String)> {
        use keytrail::value::PartKind;
        let keytrail::hcl::Data::Text(text) = &self.value().data else {
            panic!("no text: {:?}", self.result);
        };
        let part = |part: &keytrail::value::Part| {
            let text = match &part.kind {
                PartKind::Literal(text) => text.clone(),
                PartKind::Symbol(id) => format!("${{{}}}", self.symbols.get(*id).name),
                PartKind::Hole(reason) => format!("${{{reason}}}"),
            };
            (text, self.at(part.origin.span()))
        };
        text.parts().iter().map(part).collect()
    }

    /// The text with names in the places of what is not known.
    pub fn text(&self) -> String {
        self.parts().into_iter().map(|part| part.0).collect()
    }

    pub fn problem(&self) -> String {
        self.result.as_ref().unwrap_err().message.clone()
    }
}

/// Evaluates an expression in a module.
pub fn evaluated(module: &str, expression: &str, root: &Path) -> Evaluated {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let module_file = sources.add("ctx.tf", module).unwrap();
    let file = sources.add("expression.tf", expression).unwrap();
    let mut scope = Module::read(module, module_file, root);
    let result = match parse_expression(expression) {
        Err(problem) => Err(Problem::new(
            problem.message,
            &Origin::new(sources.span(file, problem.range)),
        )),
        Ok(parsed) => {
            let mut world = World::new(&mut sources, &mut symbols);
            evaluate(&parsed, file, &mut scope, &mut world)
        }
    };
    Evaluated {
        sources,
        symbols,
        result,
    }
}
