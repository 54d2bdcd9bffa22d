//! Loads plans for tests.

use keytrail::input::{Document, Resource};
use keytrail::plan;
use keytrail::source::SourceMap;
use keytrail::value::{Symbols, Value};

pub struct Loaded {
    pub plan: Document,
    pub map: SourceMap,
    pub symbols: Symbols,
}

pub fn load(bytes: &[u8]) -> Loaded {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    let plan = plan::load(bytes, "plan.json", "in0", &mut map, &mut symbols).unwrap();
    Loaded { plan, map, symbols }
}

pub fn fixture(name: &str) -> Loaded {
    load(&std::fs::read(format!("testdata/plans/{name}.json")).unwrap())
}

impl Loaded {
    pub fn resource(&self, address: &str) -> &Resource {
        let mut all = self.plan.resources.iter();
        all.find(|it| it.address.to_string() == address)
            .expect(address)
    }

    pub fn after(&self, address: &str) -> &Value {
        self.resource(address).after.as_ref().expect(address)
    }

    pub fn shown(&self, value: &Value) -> String {
        self.map.location(value.span()).text
    }

    /// The texts of all virtual files that may be shown.
    pub fn texts(&self) -> String {
        let (mut out, mut at) = (String::new(), 0);
        while at < self.map.end() {
            let file = self
                .map
                .file_of(keytrail::source::Span { start: at, end: at });
            if !self.map.is_sensitive(file) {
                out.push_str(&self.map.text(file));
                out.push_str(self.map.name(file).1.unwrap_or_default());
            }
            at = self.map.whole(file).end + 1;
        }
        out
    }
}
