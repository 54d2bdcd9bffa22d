//! Where an expression stands, and what the names mean there.

use std::rc::Rc;

use super::expand::Each;
use super::{BlockName, Engine, Handle, InstanceName, Name};
use crate::address::{Key, module_path};
use crate::hcl::expr::Frames;
use crate::hcl::scope::{Files, Problem, Scope, Subject, World};
use crate::hcl::syntax::{Called, Expr};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::hcl::variable::Variable;
use crate::input::Mode;
use crate::source::Origin;
use crate::value::{Nature, Shape, Symbol};

/// The steps that it takes to name a resource or module as a whole.
const WHOLE: usize = 8;

/// A module instance, and the instance of the block in it.
struct Site<'s, 'e> {
    engine: &'s mut Engine<'e>,
    module: usize,
    each: Rc<Each>,
}

impl Scope for Site<'_, '_> {
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let module = self.module;
        let block = |mode, kind: &str, name: &str| BlockName {
            mode,
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        match subject {
            Subject::Variable(name) => self.engine.variable(module, name, at, world),
            Subject::Local(name) => self.engine.local(module, name, at, world),
            Subject::Module(name) => self.engine.call(module, name, at, world),
            Subject::Resource(kind, name) => {
                let name = block(Mode::Managed, kind, name);
                self.engine.resource(module, &name, at, world)
            }
            Subject::Data(kind, name) => {
                let name = block(Mode::Data, kind, name);
                self.engine.resource(module, &name, at, world)
            }
            Subject::Each(name) => {
                let value = if name == "key" {
                    &self.each.key
                } else {
                    &self.each.value
                };
                value.clone().ok_or_else(|| {
                    Problem::new(format!("`each.{name}` needs `for_each` in its block"), at)
                })
            }
            Subject::Count(_) => self
                .each
                .index
                .clone()
                .ok_or_else(|| Problem::new("`count.index` needs `count` in its block", at)),
            Subject::Path(name) => Ok(self.engine.place(module, name, at, world)),
            Subject::Terraform(name) => Ok(self.engine.nameless(
                &format!("terraform.{name}"),
                "the sources do not say which workspace is used",
                at,
                world,
            )),
            Subject::Ephemeral(kind, name) => Ok(self
                .engine
                .nameless(
                    &format!("ephemeral.{kind}.{name}"),
                    "only the apply opens it",
                    at,
                    world,
                )
                .marked(true)),
            Subject::This => Err(Problem::new(
                "`self` can be used in provisioners, connections and postconditions alone",
                at,
            )),
        }
    }

    fn member(
        &mut self,
        whole: &Typed,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Option<Typed>, Problem> {
        let Data::Unknown(symbol, _) = whole.data else {
            return Ok(None);
        };
        match self.engine.handles.get(&symbol).cloned() {
            None => Ok(None),
            Some(Handle::Module(module)) => self.engine.output(module, name, at, world).map(Some),
            Some(Handle::Resource(of)) => self.engine.attribute(&of, name, at, world).map(Some),
            Some(Handle::Modules(module, call)) => {
                let children = self.engine.children(module, &call, world)?;
                let child = children.and_then(|it| it.modules.last().copied());
                Ok(child
                    .filter(|_| name.starts_with('['))
                    .map(|child| self.engine.whole_module(child, at, world)))
            }
            Some(Handle::Resources(module, block)) => {
                if !name.starts_with('[') {
                    return Ok(None);
                }
                let expansion = self.engine.expansion(module, &block, at, world)?;
                let key = key_of(name);
                let index = expansion.find(key.as_ref());
                let instance = index.and_then(|index| expansion.instances.get(index));
                Ok(instance.map(|(key, _)| {
                    let of = InstanceName {
                        module,
                        block,
                        key: key.clone(),
                    };
                    self.engine.whole_resource(of, at, world)
                }))
            }
        }
    }

    fn instance(&self) -> String {
        let path = module_path(self.engine.path(self.module));
        let own = [&self.each.key, &self.each.index]
            .into_iter()
            .flatten()
            .filter_map(|value| match &value.data {
                Data::Number(number) => Some(number.to_string()),
                _ => value.as_text(),
            });
        format!("in{}:{path}:{}", self.engine.input, own.collect::<String>())
    }

    fn files(&self) -> &dyn Files {
        self.engine.files
    }
}

/// The key of a step: `["a"]`, `[0]`.
fn key_of(step: &str) -> Option<Key> {
    let address = crate::address::Address::parse(&format!("a.b{step}"))?;
    address.key
}

impl Engine<'_> {
    /// The value of an expression at a place, with the variables of the loops around it.
    pub(super) fn evaluate_in(
        &mut self,
        module: usize,
        each: &Rc<Each>,
        frames: &Frames,
        expression: &Expr,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let mut site = Site {
            engine: self,
            module,
            each: Rc::clone(each),
        };
        expression.evaluate_in(frames, &mut site, world)
    }

    /// `var.NAME`: of the root, what is given; of another module, what its call gives, else the default.
    fn variable(
        &mut self,
        module: usize,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let undeclared = || Problem::new(format!("this module declares no variable `{name}`"), at);
        let slot = Name::Variable(name.to_owned());
        let value = self.once(module, slot, at, world, |engine, world| {
            let Some((parent, call)) = engine.module(module).and_then(|it| it.parent.clone())
            else {
                return Ok(engine.variables.get(name).cloned());
            };
            let Some(tree) = engine.tree(module) else {
                return Ok(None);
            };
            let Some(block) = tree.source.variables.get(name) else {
                return Ok(None);
            };
            let given = engine
                .with_call(parent, &call, |block| {
                    block.body.attributes.get(name).cloned()
                })
                .flatten();
            let each = engine.module(module).map(|it| Rc::clone(&it.each));
            let argument = given.as_ref().map(|it| it.value.origin().span());
            let given = match given {
                Some(given) => {
                    let each = each.unwrap_or_default();
                    Some(engine.evaluate(parent, &each, &given.value, world)?)
                }
                None => None,
            };
            let (declared, wrong) = Variable::declare(name, block, world);
            for problem in &wrong {
                engine.note(problem);
            }
            engine.secrets.extend(declared.secret_spans());
            if declared.is_hidden() {
                engine.secrets.extend(argument);
            }
            declared.accept(given, at, world).map(Some)
        })?;
        value.ok_or_else(undeclared)
    }

    fn local(
        &mut self,
        module: usize,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let slot = Name::Local(name.to_owned());
        let value = self.once(module, slot, at, world, |engine, world| {
            let Some(tree) = engine.tree(module) else {
                return Ok(None);
            };
            let Some(local) = tree.source.locals.get(name) else {
                return Ok(None);
            };
            engine
                .evaluate(module, &Rc::default(), &local.value, world)
                .map(Some)
        })?;
        value.ok_or_else(|| {
            Problem::new(format!("this module declares no local value `{name}`"), at)
        })
    }

    /// An output of a module instance.
    pub(super) fn output(
        &mut self,
        module: usize,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let slot = Name::Output(name.to_owned());
        let value = self.once(module, slot, at, world, |engine, world| {
            let Some(tree) = engine.tree(module) else {
                return Ok(None);
            };
            let Some(block) = tree.source.outputs.get(name) else {
                return Ok(None);
            };
            let Some(value) = block.body.attributes.get("value") else {
                return Err(Problem::new(
                    format!("the output `{name}` has no value"),
                    &block.header,
                ));
            };
            let none = Rc::default();
            let sensitive = match block.body.attributes.get("sensitive") {
                Some(it) => {
                    let mark = engine.evaluate(module, &none, &it.value, world)?;
                    matches!(mark.data, Data::Bool(true))
                }
                None => false,
            };
            let value = engine.evaluate(module, &none, &value.value, world)?;
            Ok(Some(value.marked(sensitive)))
        })?;
        value.ok_or_else(|| Problem::new(format!("the module has no output `{name}`"), at))
    }

    /// `module.NAME`
    fn call(
        &mut self,
        module: usize,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        match self.called(module, name) {
            None => {
                let message = format!("this module calls no module `{name}`");
                return Err(Problem::new(message, at));
            }
            Some(Called::Missing { reason, .. }) => {
                let label = format!("{}module.{name}", self.prefix(module));
                return Ok(self.nameless(&label, &reason, at, world));
            }
            Some(Called::Module { .. }) => {}
        }
        let Some(children) = self.children(module, name, world)? else {
            return Err(Problem::new(
                format!("this module calls no module `{name}`"),
                at,
            ));
        };
        world.spend(WHOLE * children.modules.len(), 0, at)?;
        let values = children.modules.iter();
        let values = values
            .map(|child| self.whole_module(*child, at, world))
            .collect();
        let label = format!("{}module.{name}", self.prefix(module));
        let open = Handle::Modules(module, name.to_owned());
        Ok(self.together(&children.expansion, &label, open, values, at, world))
    }

    fn whole_module(&mut self, module: usize, at: &Origin, world: &mut World<'_>) -> Typed {
        let label = module_path(self.path(module));
        self.handle(label, Handle::Module(module), at, world)
    }

    /// `TYPE.NAME` or `data.TYPE.NAME`
    fn resource(
        &mut self,
        module: usize,
        name: &BlockName,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let expansion = self.expansion(module, name, at, world)?;
        world.spend(WHOLE * expansion.instances.len(), 0, at)?;
        let mut values = Vec::with_capacity(expansion.instances.len());
        for (key, _) in &expansion.instances {
            let of = InstanceName {
                module,
                block: name.clone(),
                key: key.clone(),
            };
            values.push(self.whole_resource(of, at, world));
        }
        let of = InstanceName {
            module,
            block: name.clone(),
            key: None,
        };
        let label = self.address(&of).to_string();
        let open = Handle::Resources(module, name.clone());
        Ok(self.together(&expansion, &label, open, values, at, world))
    }

    fn whole_resource(&mut self, of: InstanceName, at: &Origin, world: &mut World<'_>) -> Typed {
        let label = self.address(&of).to_string();
        self.handle(label, Handle::Resource(of), at, world)
    }

    /// `path.module`, `path.root`, `path.cwd`
    fn place(&self, module: usize, name: &str, at: &Origin, world: &mut World<'_>) -> Typed {
        let relative = |module: usize| {
            let tree = self.module(module)?;
            Some(relative(&tree.tree.source.dir, self.files.base()))
        };
        let path = match name {
            "module" => relative(module),
            "root" => relative(0),
            _ => None,
        };
        match path {
            Some(path) => Typed::string(path, at.clone()),
            None => self.nameless(
                &format!("path.{name}"),
                "the sources do not say where Terraform is run",
                at,
                world,
            ),
        }
    }

    /// Something unknown that has a name and nothing else.
    fn nameless(&self, name: &str, reason: &str, at: &Origin, world: &mut World<'_>) -> Typed {
        // Whoever runs Terraform knows the workspace and the folder.
        let nature = if name.starts_with("terraform.") || name.starts_with("path.") {
            Nature::Named
        } else {
            Nature::Undocumented
        };
        let symbol = world.symbols.intern(Symbol {
            key: format!("in{}:{name}", self.input),
            name: name.to_owned(),
            shape: Shape::Text,
            nature,
            reason: reason.to_owned(),
            supply: None,
        });
        Typed::unknown(symbol, Type::Dynamic, at.clone())
    }
}

/// A folder as Terraform prints it, seen from the root module's: `.`, `modules/kms`, `../kms`.
fn relative(folder: &std::path::Path, base: &std::path::Path) -> String {
    let own: Vec<_> = folder.components().collect();
    let from: Vec<_> = base.components().collect();
    let shared = own.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = from.len().saturating_sub(shared);
    let mut steps: Vec<String> = std::iter::repeat_n("..".to_owned(), up).collect();
    let down = own.iter().skip(shared);
    steps.extend(down.map(|step| step.as_os_str().to_string_lossy().into_owned()));
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    }
}
