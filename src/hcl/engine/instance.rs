//! Attributes of resource instances: as they are configured, as a plan knows them, and as the provider computes them.

use std::rc::Rc;

use super::blocks::Around;
use super::expand::Each;
use super::{Engine, InstanceName, Name};
use crate::hcl::aws;
use crate::hcl::scope::{Files, Problem, World};
use crate::hcl::syntax::Block;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::input::home::Home;
use crate::input::{Given, Mode};
use crate::source::Origin;
use crate::value::{Part, Shape, Text};

impl Engine<'_> {
    /// An argument as it is configured; none where it is not. Null is as good as not configured.
    pub(super) fn argument(
        &mut self,
        of: &InstanceName,
        name: &str,
        world: &mut World<'_>,
    ) -> Result<Option<Typed>, Problem> {
        let slot = Name::Argument(of.block.clone(), of.key.clone(), name.to_owned());
        let at = self.header(of);
        self.once(of.module, slot, &at, world, |engine, world| {
            let tree = engine.tree(of.module);
            let block = tree.as_deref().and_then(|tree| of.block.block(tree));
            let Some(Block { body, .. }) = block else {
                return Ok(None);
            };
            let each = engine.each(of, world)?;
            let around = Around {
                module: of.module,
                each,
                frames: Vec::new(),
                depth: 0,
            };
            let value = engine.setting(body, name, &around, world)?;
            Ok(value.filter(|value| !value.is_null()))
        })
    }

    /// The header of the block.
    pub(super) fn header(&self, of: &InstanceName) -> Origin {
        let header = self.with_block(of.module, &of.block, |block| block.header.clone());
        header.unwrap_or_else(|| Origin::new(crate::source::Span { start: 0, end: 0 }))
    }

    fn each(&mut self, of: &InstanceName, world: &mut World<'_>) -> Result<Rc<Each>, Problem> {
        let at = self.header(of);
        let expansion = self.expansion(of.module, &of.block, &at, world)?;
        let index = expansion.find(of.key.as_ref());
        let instance = index.and_then(|index| expansion.instances.get(index));
        Ok(instance
            .map(|(_, each)| Rc::clone(each))
            .unwrap_or_default())
    }

    /// An attribute as a reference sees it.
    pub(super) fn attribute(
        &mut self,
        of: &InstanceName,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let slot = Name::Attribute(of.block.clone(), of.key.clone(), name.to_owned());
        let place = (of.module, slot.clone());
        let value = self.once(of.module, slot.clone(), at, world, |engine, world| {
            let address = engine.address(of);
            let planned = engine
                .known
                .as_ref()
                .and_then(|it| it.value(&address, name));
            let planned = planned.cloned().map(Typed::from);
            let configured = engine.argument(of, name, world)?;
            if let Some(value) = configured
                && (value.is_known() || planned.is_none())
            {
                return Ok(Some(value));
            }
            if planned.is_some() {
                engine.placeless.insert((of.module, slot));
                return Ok(planned);
            }
            let mut instance = Instance { engine, of };
            if let Some(computed) = aws::computed(name, &mut instance, world) {
                return computed.map(Some);
            }
            engine.placeless.insert((of.module, slot));
            Ok(Some(engine.unknown(of, name, at, world)))
        })?;
        let value = value.unwrap_or_else(|| Typed::null(at.clone()));
        Ok(if self.placeless.contains(&place) {
            placed(value, at)
        } else {
            value
        })
    }

    /// An attribute of which only the name is known.
    fn unknown(
        &mut self,
        of: &InstanceName,
        name: &str,
        at: &Origin,
        world: &mut World<'_>,
    ) -> Typed {
        let shape = aws::shape(of.block.mode, &of.block.kind, name);
        let symbol = aws::symbol(name, shape, &Instance { engine: self, of }, world);
        match shape {
            Shape::Text | Shape::Rest | Shape::Presence => {
                Typed::unknown(symbol, Type::Dynamic, at.clone())
            }
            Shape::Bool => Typed::unknown(symbol, Type::Bool, at.clone()),
            Shape::Number => Typed::unknown(symbol, Type::Number, at.clone()),
            _ => Typed::new(Data::Text(Text::symbol(symbol, at.clone())), at.clone()),
        }
    }

    /// The home of a resource: its provider configuration's.
    pub(super) fn home_of(&mut self, of: &InstanceName, world: &mut World<'_>) -> Home {
        let tree = self.tree(of.module);
        let block = tree.as_deref().and_then(|tree| of.block.block(tree));
        let body = block.map(|block| &*block.body);
        let provider = self.provider_of(of.module, &of.block.kind, body);
        self.home(&provider, world)
    }
}

/// A value that stands where it is referred to.
fn placed(mut value: Typed, at: &Origin) -> Typed {
    if let Data::Text(text) = &value.data {
        let part = |part: &Part| Part {
            origin: at.clone(),
            ..part.clone()
        };
        let parts = text.parts().iter().map(part).collect();
        value.data = Data::Text(Text::from_parts(parts));
    }
    value.origin = at.clone();
    value
}

/// An instance as the computed attributes see it.
pub(super) struct Instance<'i, 'e> {
    pub(super) engine: &'i mut Engine<'e>,
    pub(super) of: &'i InstanceName,
}

impl aws::Instance for Instance<'_, '_> {
    fn mode(&self) -> Mode {
        self.of.block.mode
    }

    fn kind(&self) -> &str {
        &self.of.block.kind
    }

    fn address(&self) -> String {
        self.engine.address(self.of).to_string()
    }

    fn input(&self) -> usize {
        self.engine.input
    }

    fn origin(&self) -> Origin {
        self.engine.header(self.of)
    }

    fn argument(&mut self, name: &str, world: &mut World<'_>) -> Result<Option<Typed>, Problem> {
        self.engine.argument(self.of, name, world)
    }

    fn home(&mut self, world: &mut World<'_>) -> Home {
        self.engine.home_of(self.of, world)
    }

    fn given(&self) -> &Given {
        self.engine.given
    }

    fn files(&self) -> &dyn Files {
        self.engine.files
    }
}
