//! What `terraform init` has brought: `.terraform/modules/modules.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::folder::{Folder, plain};
use crate::source::{Node, NodeKind, parse_json_text};

/// A larger list is not read, in bytes.
const LARGEST: usize = 64 << 20;

/// The folders of the modules below one root, by the path of calls: `kms.inner`.
#[derive(Clone, Debug, Default)]
pub(super) struct Remote {
    folders: BTreeMap<String, PathBuf>,
}

impl Remote {
    /// Reads the list of a root. `data` is where Terraform keeps its data, from `TF_DATA_DIR`.
    pub(super) fn read(root: &Path, data: Option<&Path>, folder: &dyn Folder) -> Self {
        let data = root.join(data.unwrap_or(Path::new(".terraform")));
        let list = data.join("modules").join("modules.json");
        let Ok(bytes) = folder.read(&list, LARGEST) else {
            return Remote::default();
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut remote = Remote::default();
        let Ok(document) = parse_json_text(&text, 0) else {
            return remote;
        };
        for module in items(member(&document, "Modules")) {
            let text = |name| string(member(module, name));
            if let (Some(key), Some(dir)) = (text("Key"), text("Dir")) {
                remote
                    .folders
                    .insert(key.to_owned(), plain(&root.join(dir)));
            }
        }
        remote
    }

    /// The folder of the module that is called by this path of calls.
    pub(super) fn dir(&self, path: &str) -> Option<&Path> {
        self.folders.get(path).map(PathBuf::as_path)
    }

    /// True where nothing was brought.
    pub(super) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// All folders.
    pub(super) fn dirs(&self) -> impl Iterator<Item = &Path> {
        let named = self.folders.iter().filter(|(key, _)| !key.is_empty());
        named.map(|(_, dir)| dir.as_path())
    }
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        NodeKind::Object(members) => members
            .iter()
            .find(|member| member.key == name)
            .map(|member| &member.value),
        _ => None,
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|it| &it.kind) {
        Some(NodeKind::Array(items)) => items,
        _ => &[],
    }
}

fn string(node: Option<&Node>) -> Option<&str> {
    match node.map(|it| &it.kind) {
        Some(NodeKind::String(text)) => Some(text),
        _ => None,
    }
}
