//! Bodies of blocks, read or to be read.

use std::ops::{Deref, DerefMut, Range};
use std::sync::{Arc, OnceLock};

use super::Body;
use crate::hcl::read::{Place, read_body};

/// The body of a block. That of a resource or data source of a type that no verdict hangs on is read when it is first asked for, as most
/// never are.
#[derive(Clone, Debug)]
pub struct BlockBody {
    /// Empty where it is late.
    own: Body,
    late: Option<Arc<Late>>,
}

/// A body that is well formed but for what is inside its expressions.
#[derive(Debug)]
struct Late {
    text: Arc<str>,
    /// From brace to brace.
    range: Range<usize>,
    place: Place,
    body: OnceLock<Body>,
}

impl Late {
    fn body(&self) -> &Body {
        let read = || read_body(&self.text, self.range.clone(), self.place);
        self.body.get_or_init(read)
    }
}

impl BlockBody {
    /// What stands from brace to brace, and is known to be well formed.
    pub(in crate::hcl) fn late(text: Arc<str>, range: Range<usize>, place: Place) -> Self {
        let own = Body::empty(place.origin(range.clone()));
        let body = OnceLock::new();
        BlockBody {
            own,
            late: Some(Arc::new(Late {
                text,
                range,
                place,
                body,
            })),
        }
    }

    /// The body, taken out.
    pub fn into_body(mut self) -> Body {
        self.settle();
        self.own
    }

    /// False where this word is nowhere in it; it is not read to know that.
    pub(in crate::hcl) fn may_hold(&self, word: &str) -> bool {
        let late = self.late.as_ref();
        let text = late.and_then(|it| it.text.get(it.range.clone()));
        text.is_none_or(|it| it.contains(word))
    }

    fn settle(&mut self) {
        if let Some(late) = self.late.take() {
            self.own = late.body().clone();
        }
    }
}

impl From<Body> for BlockBody {
    fn from(own: Body) -> Self {
        BlockBody { own, late: None }
    }
}

impl Deref for BlockBody {
    type Target = Body;

    fn deref(&self) -> &Body {
        self.late.as_ref().map_or(&self.own, |it| it.body())
    }
}

impl DerefMut for BlockBody {
    fn deref_mut(&mut self) -> &mut Body {
        self.settle();
        &mut self.own
    }
}
