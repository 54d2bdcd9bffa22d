//! Addresses: what is read prints as it is read again, and a reference names the same resource.

use arbitrary::{Arbitrary, Unstructured};
use keytrail::address::{Address, Key, Reference, Step, module_path, parse_module_path};

/// The words that begin another reference than one to a resource.
const OTHER: [&str; 12] = [
    "module",
    "var",
    "local",
    "each",
    "path",
    "count",
    "terraform",
    "tofu",
    "self",
    "ephemeral",
    "data",
    "resource",
];

/// The bytes as the text of an address, and as what one is built of.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    reference(&text);
    if let Some(address) = Address::parse(&text) {
        read_again(&address);
        let own =
            address.module.is_empty() && (address.data || !OTHER.contains(&address.kind.as_str()));
        if own {
            let referred = Reference::parse(&text).address(&[]);
            assert_eq!(referred.as_ref(), Some(&address), "{text}");
        }
    }
    if let Some(module) = parse_module_path(&text) {
        assert_eq!(parse_module_path(&module_path(&module)), Some(module));
    }
    let mut bytes = Unstructured::new(data);
    if let Ok(address) = built(&mut bytes) {
        read_again(&address);
    }
}

/// What prints is harmless and says the same again.
fn read_again(address: &Address) {
    let printed = address.to_string();
    assert_eq!(
        Address::parse(&printed).as_ref(),
        Some(address),
        "{printed}"
    );
    assert!(!printed.contains(char::is_control), "{printed:?}");
    let path = address.module_path();
    assert_eq!(parse_module_path(&path).as_ref(), Some(&address.module));
    let parts = if path.is_empty() {
        address.resource()
    } else {
        format!("{path}.{}", address.resource())
    };
    assert_eq!(parts, printed);
    let block = address.configuration();
    assert!(block.key.is_none() && block.module.iter().all(|step| step.key.is_none()));
    assert_eq!(Address::parse(&block.to_string()), Some(block));
}

/// What a reference says of itself holds together.
fn reference(text: &str) {
    let reference = Reference::parse(text);
    let module = [Step {
        name: "m".to_owned(),
        key: Some(Key::Index(0)),
    }];
    if let Some(address) = reference.address(&module) {
        assert!(matches!(reference, Reference::Resource { .. }));
        assert_eq!(address.module, module);
        assert!(
            text.contains(&address.name) && text.contains(&address.kind),
            "{text}"
        );
    }
    if let Some(attribute) = reference.attribute() {
        assert!(!matches!(reference, Reference::Other), "{attribute}");
    }
}

/// An address of any keys, whose names are names.
fn built(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Address> {
    let mut module = Vec::new();
    for _ in 0..bytes.int_in_range(0..=3)? {
        module.push(Step {
            name: name(bytes)?,
            key: key(bytes)?,
        });
    }
    let data = bytes.arbitrary()?;
    let kind = name(bytes)?;
    Ok(Address {
        module,
        data,
        // These words are not the types of resources.
        kind: if ["module", "data"].contains(&kind.as_str()) {
            "aws_kms_key".to_owned()
        } else {
            kind
        },
        name: name(bytes)?,
        key: key(bytes)?,
    })
}

fn name(bytes: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let text = String::arbitrary(bytes)?;
    let is_name =
        |text: &str| Address::parse(&format!("x.{text}")).is_some_and(|it| it.name == text);
    let letters: String = text
        .chars()
        .filter(|letter| is_name(&letter.to_string()))
        .collect();
    Ok(if is_name(&letters) {
        letters
    } else {
        "k".to_owned()
    })
}

fn key(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Option<Key>> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 => None,
        1 => Some(Key::Index(bytes.arbitrary()?)),
        2 => Some(Key::Unknown),
        _ => Some(Key::Name(bytes.arbitrary()?)),
    })
}
