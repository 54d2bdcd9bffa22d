//! What waits for what: the order in which Terraform makes a trail and the separate policy of its key.
//!
//! A resource waits for what its expressions refer to and for what it names in `depends_on`, through locals, variables, outputs and module
//! calls. A plan lists the references of its expressions; it does not hold locals.

use std::collections::BTreeSet;

use super::Inputs;
use super::index::{At, Index};
use super::keys::Keys;
use super::link::Linker;
use super::names::longest;
use crate::address::{Address, Reference, Step};
use crate::input::{Expression, Resource};
use crate::model::{Fact, LinkStatus, Order, Subject, SubjectKind};

/// Types that people put between two resources to make one wait; what they refer to is not read.
const BETWEEN: &[&str] = &["time_sleep", "null_resource", "terraform_data"];

/// Each trail with each separate policy of its key, where both are in one input.
pub(super) fn of_trails(
    inputs: Inputs<'_>,
    linker: &Linker<'_>,
    keys: &Keys,
    subjects: &[Subject],
) -> Vec<Order> {
    let mut orders = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        let resolved = subject.link.status == LinkStatus::Resolved;
        let (Some(&key), SubjectKind::Trail, true) =
            (subject.link.keys.first(), subject.kind, resolved)
        else {
            continue;
        };
        let Some(index) = inputs.index.get(subject.input) else {
            continue;
        };
        let Some(it) = keys.list.get(key).filter(|it| it.input == subject.input) else {
            continue;
        };
        // The trail of a landing zone is no resource: Control Tower makes it.
        let trail = Address::parse(&subject.address);
        let Some(trail) = trail.filter(|it| it.kind == "aws_cloudtrail") else {
            continue;
        };
        for name in &it.policy_addresses {
            let Some(policy) = find(inputs, linker, subject.input, name) else {
                continue;
            };
            let told = told(inputs, subject, name);
            let (trail_waits, policy_waits) = told.unwrap_or_else(|| {
                (
                    waits(index, &trail, &policy.address),
                    waits(index, &policy.address, &trail),
                )
            });
            orders.push(Order {
                subject: at,
                key,
                policy: name.clone(),
                origin: policy.origin.clone(),
                action: policy.action,
                trail_waits,
                policy_waits,
            });
        }
    }
    orders
}

/// What a snapshot says of a trail and a policy: whether the one waits for the other.
fn told(inputs: Inputs<'_>, trail: &Subject, policy: &str) -> Option<(Fact<bool>, Fact<bool>)> {
    let mut waits = inputs.loaded.get(trail.input)?.document.waits.iter();
    let it = waits.find(|it| it.trail == trail.address && it.policy == policy)?;
    let fact = |known: Option<bool>| known.map_or(Fact::Unknown, Fact::Known);
    Some((fact(it.trail_waits), fact(it.policy_waits)))
}

fn find<'a>(
    inputs: Inputs<'a>,
    linker: &Linker<'a>,
    input: usize,
    name: &str,
) -> Option<&'a Resource> {
    let address = Address::parse(name)?;
    let all = inputs.index.get(input)?.instances(&address);
    all.iter()
        .filter_map(|resource| {
            linker.resource(At {
                input,
                resource: *resource,
            })
        })
        .find(|it| it.address == address)
}

/// Something that waits, by the path of its module without instance keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Block(String),
    Local(Vec<Step>, String),
    Variable(Vec<Step>, String),
    Output(Vec<Step>, Option<String>),
    /// All of a module.
    Module(Vec<Step>),
}

/// Whether one block waits for another, in whatever instances. Unknown where the way leads through what was not read.
fn waits(index: &Index<'_>, from: &Address, to: &Address) -> Fact<bool> {
    let goal = to.configuration().to_string();
    let mut walk = Walk {
        index,
        goal: &goal,
        seen: BTreeSet::new(),
        queue: Vec::new(),
        open: false,
        found: false,
    };
    walk.block(&bare(&from.module), &from.configuration());
    while let Some(node) = walk.queue.pop() {
        if walk.found {
            break;
        }
        walk.step(node);
    }
    match (walk.found, walk.open) {
        (true, _) => Fact::Known(true),
        (false, true) => Fact::Unknown,
        (false, false) => Fact::Known(false),
    }
}

fn bare(path: &[Step]) -> Vec<Step> {
    let without = |step: &Step| Step {
        name: step.name.clone(),
        key: None,
    };
    path.iter().map(without).collect()
}

struct Walk<'w, 'a> {
    index: &'w Index<'a>,
    goal: &'w str,
    seen: BTreeSet<Node>,
    queue: Vec<Node>,
    open: bool,
    found: bool,
}

impl Walk<'_, '_> {
    fn visit(&mut self, node: Node) {
        if self.seen.insert(node.clone()) {
            self.queue.push(node);
        }
    }

    fn step(&mut self, node: Node) {
        match node {
            Node::Block(name) => {
                if name == self.goal {
                    self.found = true;
                } else if let Some(address) = Address::parse(&name) {
                    self.block(&bare(&address.module), &address);
                }
            }
            Node::Local(path, name) => {
                let module = self.index.module(&path);
                match module.and_then(|it| it.locals.get(&name)) {
                    Some(expression) => self.expression(&path, expression),
                    None => self.open = true,
                }
            }
            Node::Variable(path, name) => {
                let Some((step, outer)) = path.split_last() else {
                    return;
                };
                let call = self
                    .index
                    .module(outer)
                    .and_then(|it| it.calls.get(&step.name));
                if let Some(expression) = call.and_then(|it| it.expressions.get(&name)) {
                    self.expression(outer, expression);
                }
            }
            Node::Output(path, name) => {
                let Some(module) = self.index.module(&path) else {
                    self.open = true;
                    return;
                };
                match name {
                    Some(name) => {
                        if let Some(expression) = module.outputs.get(&name) {
                            self.expression(&path, expression);
                        }
                    }
                    None => {
                        for expression in module.outputs.values() {
                            self.expression(&path, expression);
                        }
                    }
                }
            }
            Node::Module(path) => self.module(&path),
        }
    }

    /// A block: what it refers to, and what the calls of its modules wait for.
    fn block(&mut self, path: &[Step], address: &Address) {
        if let Some(block) = self.index.config(address) {
            for expression in block.expressions.values() {
                self.expression(path, expression);
            }
            for expression in block.count.iter().chain(&block.for_each) {
                self.expression(path, expression);
            }
            for written in &block.depends_on {
                self.reference(path, written, true);
            }
        } else if BETWEEN.contains(&address.kind.as_str()) {
            self.open = true;
        }
        for depth in 1..=path.len() {
            let (Some(outer), Some(step)) = (path.get(..depth - 1), path.get(depth - 1)) else {
                continue;
            };
            let call = self
                .index
                .module(outer)
                .and_then(|it| it.calls.get(&step.name));
            let Some(call) = call else {
                continue;
            };
            for expression in call.count.iter().chain(&call.for_each) {
                self.expression(outer, expression);
            }
            for written in &call.depends_on {
                self.reference(outer, written, true);
            }
        }
    }

    fn expression(&mut self, path: &[Step], expression: &Expression) {
        match expression {
            Expression::References(references) => {
                for written in longest(references) {
                    self.reference(path, written, false);
                }
            }
            Expression::Blocks(blocks) => {
                for expression in blocks.iter().flat_map(|it| it.values()) {
                    self.expression(path, expression);
                }
            }
            Expression::Constant(_) | Expression::Opaque => {}
        }
    }

    fn reference(&mut self, path: &[Step], written: &str, whole: bool) {
        let reference = Reference::parse(written);
        match &reference {
            Reference::Resource { .. } => {
                if let Some(address) = reference.address(path) {
                    self.visit(Node::Block(address.configuration().to_string()));
                }
            }
            Reference::Module { name, output, .. } => {
                let mut path = path.to_vec();
                path.push(Step {
                    name: name.clone(),
                    key: None,
                });
                self.visit(if whole {
                    Node::Module(path)
                } else {
                    Node::Output(path, output.clone())
                });
            }
            Reference::Variable { name, .. } => {
                self.visit(Node::Variable(path.to_vec(), name.clone()));
            }
            Reference::Local { name, .. } => {
                self.visit(Node::Local(path.to_vec(), name.clone()));
            }
            Reference::Each { .. } | Reference::Other => {}
        }
    }

    /// `depends_on` of a module: all that is in it.
    fn module(&mut self, path: &[Step]) {
        if self.index.module(path).is_none() {
            self.open = true;
        }
        let blocks: Vec<String> = self.index.blocks_below(path).map(str::to_owned).collect();
        for name in blocks {
            self.visit(Node::Block(name));
        }
    }
}
