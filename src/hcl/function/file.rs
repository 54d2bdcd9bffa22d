//! Functions of files. Nothing outside the root is read, whatever a path or a symbolic link says.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Call;
use crate::hcl::expr::{Frames, Outcome, Run};
use crate::hcl::load::joined;
use crate::hcl::parse::parse_template;
use crate::hcl::scope::{FileTrouble, Problem};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::FileId;

/// The largest file that is read.
const LARGEST: usize = 16 << 20;

/// The path, and a problem that names it unless it is sensitive.
fn shown(call: &Call) -> String {
    let hidden = call.values.first().is_some_and(Typed::is_sensitive);
    if hidden {
        "(sensitive)".to_owned()
    } else {
        format!("`{}`", call.text(0))
    }
}

/// The real path of what the first argument names, which must lie in the root.
fn real(run: &Run<'_, '_>, call: &Call) -> Result<Option<PathBuf>, Problem> {
    let files = run.scope.files();
    let path = files.base().join(call.text(0));
    match files.real(&path) {
        Ok(real) if real.starts_with(files.root()) => Ok(Some(real)),
        Ok(_) => {
            let message = format!("{} lies outside the folder that is checked", shown(call));
            Err(call.wrong_at(0, message))
        }
        Err(FileTrouble::Missing) => Ok(None),
        Err(FileTrouble::Unreadable(why)) => {
            Err(call.wrong_at(0, format!("{} cannot be read: {why}", shown(call))))
        }
    }
}

/// The bytes of the file that the first argument names.
pub(super) fn bytes(run: &mut Run<'_, '_>, call: &Call) -> Result<Vec<u8>, Problem> {
    let missing = || {
        let message = format!(
            "no file exists at {}; this function works only with files that are distributed as part of the configuration",
            shown(call)
        );
        call.wrong_at(0, message)
    };
    let real = real(run, call)?.ok_or_else(missing)?;
    let bytes = run
        .scope
        .files()
        .read(&real, LARGEST)
        .map_err(|trouble| match trouble {
            FileTrouble::Missing => missing(),
            FileTrouble::Unreadable(why) => {
                call.wrong_at(0, format!("{} cannot be read: {why}", shown(call)))
            }
        })?;
    run.spend_size(bytes.len(), &call.at)?;
    Ok(bytes)
}

fn utf8(run: &mut Run<'_, '_>, call: &Call) -> Result<String, Problem> {
    String::from_utf8(bytes(run, call)?).map_err(|_| {
        let message = format!(
            "contents of {} are not valid UTF-8; use the `filebase64` function",
            shown(call)
        );
        call.wrong_at(0, message)
    })
}

/// The text of a file is a file of the map, so that what is in it has its place there.
pub(in crate::hcl) fn file(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = utf8(run, call)?;
    let file = add(run, call, &text)?;
    let origin = crate::source::Origin::new(run.world.sources.whole(file));
    Ok(Typed::string(text, origin))
}

fn add(run: &mut Run<'_, '_>, call: &Call, text: &str) -> Result<FileId, Problem> {
    let path = call.text(0);
    let name = if path.starts_with('/') {
        path
    } else {
        joined(run.scope.files().name().unwrap_or_default(), &path)
    };
    let sensitive = call.values.first().is_some_and(Typed::is_sensitive);
    let added = if sensitive {
        run.world
            .sources
            .add_part("(sensitive)", "file", text, true)
    } else {
        run.world.sources.add(name, text)
    };
    added.map_err(|error| call.wrong(error))
}

pub(in crate::hcl) fn filebase64(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let bytes = bytes(run, call)?;
    Ok(call.string(BASE64_STANDARD.encode(bytes)))
}

pub(super) fn fileexists(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(real) = real(run, call)? else {
        return Ok(call.bool(false));
    };
    match run.scope.files().read(&real, LARGEST) {
        Ok(_) => Ok(call.bool(true)),
        Err(FileTrouble::Missing) => Ok(call.bool(false)),
        Err(FileTrouble::Unreadable(why)) => {
            Err(call.wrong_at(0, format!("{} cannot be read: {why}", shown(call))))
        }
    }
}

/// The files under a folder whose relative paths match a pattern with `*`, `**`, `?`, `[…]` and `{a,b}`.
pub(super) fn fileset(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let kind = Type::set(Type::String);
    let Some(real) = real(run, call)? else {
        let empty = Typed::tuple([], call.at.clone());
        return run.convert(empty, &kind, &call.at);
    };
    let found = run.scope.files().under(&real).map_err(|trouble| {
        let why = match trouble {
            FileTrouble::Missing => "there is no such folder".to_owned(),
            FileTrouble::Unreadable(why) => why,
        };
        call.wrong_at(0, format!("{} cannot be listed: {why}", shown(call)))
    })?;
    let pattern = super::pattern::glob(&call.text(1));
    let pattern = pattern.ok_or_else(|| call.wrong_at(1, "it is no pattern of file names"))?;
    let names = found.into_iter().filter(|name| pattern.is_match(name));
    let list = call.strings_list(names);
    run.convert(list, &kind, &call.at)
}

pub(super) fn basename(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let path = call.text(0);
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    Ok(call.string(match (path.is_empty(), last.is_empty()) {
        (true, _) => ".",
        (_, true) => "/",
        _ => last,
    }))
}

pub(super) fn dirname(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let path = call.text(0);
    let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("");
    Ok(call.string(clean(folder)))
}

pub(super) fn abspath(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let path = run.scope.files().base().join(call.text(0));
    Ok(call.string(clean(&path.to_string_lossy())))
}

/// Only `~` is expanded, and whose home that is nobody but the run of Terraform knows.
pub(super) fn pathexpand(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let path = call.text(0);
    if path.starts_with('~') {
        return Ok(call.unknown(run, Type::String));
    }
    Ok(call.string(path))
}

/// Go's `filepath.Clean`: without `.`, double slashes and `..` that lead back.
fn clean(path: &str) -> String {
    let mut out = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    let text = out.to_string_lossy().into_owned();
    if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

/// The variables of a template.
fn variables(call: &Call) -> Result<Option<Frames>, Problem> {
    let value = call.value(1)?;
    match &value.data {
        Data::Mapping(it) => Ok(it.complete().map(|members| {
            let one = |(name, value): (&String, &Typed)| {
                (name.clone(), Arc::new(value.clone().marked(false)))
            };
            members.map(one).collect()
        })),
        Data::Unknown(..) => Ok(None),
        _ => Err(call.wrong_at(1, "a map or object of the template's variables is required")),
    }
}

pub(super) fn templatefile(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    if run.in_template() {
        let message = "cannot recursively call templatefile from inside another template";
        return Err(call.wrong(message));
    }
    let Some(variables) = variables(call)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    if !call.value(0)?.is_known() {
        return Ok(call.unknown(run, Type::Dynamic));
    }
    let text = utf8(run, call)?;
    let file = add(run, call, &text)?;
    rendered_file(run, call, file, &text, variables)
}

/// A template in a string. Its text is a file of the map.
pub(super) fn templatestring(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(variables) = variables(call)? else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    rendered(run, call, variables)
}

/// The first argument as a template with these variables.
pub(in crate::hcl) fn rendered(run: &mut Run<'_, '_>, call: &Call, variables: Frames) -> Outcome {
    let value = call.value(0)?;
    let Some(text) = value.as_text() else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let sources = &mut *run.world.sources;
    // A text that is a whole file has its places there already.
    let read = sources.file_of(value.span());
    if sources.whole(read) == value.span() && *sources.text(read) == *text {
        return rendered_file(run, call, read, &text, variables);
    }
    let sensitive = value.is_sensitive();
    let part = sources.add_part("template", &call.name, text.as_str(), sensitive);
    let file = part.map_err(|error| call.wrong(error))?;
    rendered_file(run, call, file, &text, variables)
}

fn rendered_file(
    run: &mut Run<'_, '_>,
    call: &Call,
    file: FileId,
    text: &str,
    variables: Frames,
) -> Outcome {
    let template = parse_template(text).map_err(|problem| {
        let span = run.world.sources.span(file, problem.range);
        Problem::new(problem.message, &crate::source::Origin::new(span))
    })?;
    let whole = crate::source::Origin::new(run.world.sources.whole(file));
    let sensitive = call.values.iter().any(|value| value.sensitive);
    let value = run.template_file(&template, file, variables, whole)?;
    Ok(value.marked(sensitive))
}
