//! The parts of wasm-bindgen's files that the client leaves out: classes that nobody uses, with the code that only they reach, and
//! the long names by which wasm and glue know each other. Saves 5 KB of what a browser loads (brotli, 2026-11).
//! Absent: optimising; see `wasm`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use crate::files;

/// The module that the wasm imports from, as the glue names it.
const MODULE: &str = "\"./client_bg.js\"";

/// The short names that wasm-opt gave, as it prints them: imports with their module, exports without.
#[derive(Deserialize)]
struct ShortNames {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

/// Removes the exported classes of `folder`'s glue, and writes for wasm-metadce which exports are left. The classes come
/// with a dependency of Leptos, for bodies that are streams.
pub(super) fn drop_classes(folder: &Path) -> Result<PathBuf> {
    let glue = folder.join("client.js");
    let text = without_classes(&read(&glue)?);
    let used: Vec<_> = used_exports(&text)
        .into_iter()
        .map(|name| json!({ "name": name, "export": name, "root": true }))
        .collect();
    files::write(&glue, text.as_bytes())?;
    let graph = folder.join("exports.json");
    files::write(&graph, &serde_json::to_vec(&used)?)?;
    Ok(graph)
}

/// Takes over wasm-opt's short names into `folder`'s glue.
pub(super) fn rename(folder: &Path, printed: &str) -> Result<()> {
    let list = printed.find('{').map_or("", |at| &printed[at..]);
    let names: ShortNames =
        serde_json::from_str(list).context("wasm-opt printed no list of names")?;
    let glue = folder.join("client.js");
    files::write(&glue, renamed(&read(&glue)?, &names).as_bytes())?;
    Ok(())
}

fn read(glue: &Path) -> Result<String> {
    String::from_utf8(files::read(glue)?).context("the glue is no text")
}

/// The glue without its exported classes and what belongs to them. A statement begins at the start of a line, and ends before the next
/// such line that is no closing bracket.
fn without_classes(glue: &str) -> String {
    let classes: Vec<&str> = glue
        .lines()
        .filter_map(|line| line.strip_prefix("export class ")?.split(' ').next())
        .collect();
    let begins = |line: &str| {
        classes.iter().any(|class| {
            line.starts_with(&format!("export class {class} "))
                || line.starts_with(&format!("if (Symbol.dispose) {class}."))
                || line.starts_with(&format!("const {class}Finalization "))
        })
    };
    let mut is_dropped = false;
    glue.lines()
        .filter(|line| {
            if !line.starts_with([' ', '}']) {
                is_dropped = begins(line);
            }
            !is_dropped
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The exports of the wasm that the glue uses: `wasm.name`.
fn used_exports(glue: &str) -> BTreeSet<&str> {
    glue.match_indices("wasm.")
        .map(|(at, before)| identifier(&glue[at + before.len()..]))
        .collect()
}

/// The glue with short names; what the wasm does not import is left out.
fn renamed(glue: &str, names: &ShortNames) -> String {
    let imports: BTreeMap<_, _> = names
        .imports
        .iter()
        .map(|(_, long, short)| (long.as_str(), short.as_str()))
        .collect();
    let exports: BTreeMap<_, _> = names
        .exports
        .iter()
        .map(|(long, short)| (long.as_str(), short.as_str()))
        .collect();
    let mut text = String::with_capacity(glue.len());
    let mut is_dropped = false;
    for line in glue.lines() {
        // A function of the imports: `        name: function(…) {` to `        },`.
        let mut line = line.to_owned();
        let name = line.strip_prefix("        ").map(identifier);
        if let Some(name) = name.filter(|name| line[8 + name.len()..].starts_with(": function")) {
            match imports.get(name) {
                Some(short) => line = format!("        {short}{}", &line[8 + name.len()..]),
                None => is_dropped = true,
            }
        }
        if !is_dropped {
            text += &line.replace(MODULE, "a");
            text.push('\n');
        }
        is_dropped &= !line.starts_with("        }");
    }
    let mut parts = text.split("wasm.");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let name = identifier(part);
        let short = exports.get(name).copied().unwrap_or(name);
        text + "wasm." + short + &part[name.len()..]
    })
}

/// The identifier that `text` begins with.
fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "\
export class Source {
    free() {
        wasm.__wbg_source_free(1);
    }
}
if (Symbol.dispose) Source.prototype[Symbol.dispose] = Source.prototype.free;

export function hydrate() {
    wasm.hydrate();
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_view_3b70: function(arg0) {
            return arg0.view;
        },
        __wbg_then_e3f7: function() { return handleError(function (arg0) {
            return wasm.memory.then(arg0);
        }, arguments); },
    };
    return {
        __proto__: null,
        \"./client_bg.js\": import0,
    };
}
const SourceFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_source_free(ptr, 1));
";

    #[test]
    fn unused_classes_imports_and_long_names_are_left_out() {
        let glue = without_classes(GLUE);
        assert!(
            !glue.contains("Source") && !glue.contains("FinalizationRegistry"),
            "{glue}"
        );
        assert_eq!(used_exports(&glue), BTreeSet::from(["hydrate", "memory"]));
        let names = ShortNames {
            imports: vec![(
                "./client_bg.js".into(),
                "__wbg_then_e3f7".into(),
                "a".into(),
            )],
            exports: vec![
                ("hydrate".into(), "b".into()),
                ("memory".into(), "c".into()),
            ],
        };
        assert_eq!(
            renamed(&glue, &names),
            "
export function hydrate() {
    wasm.b();
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        a: function() { return handleError(function (arg0) {
            return wasm.c.then(arg0);
        }, arguments); },
    };
    return {
        __proto__: null,
        a: import0,
    };
}
"
        );
    }
}
