//! Imports in a circle: two files of a crate that need each other cannot be read one after the other.
//! A module and its own children may import each other; test modules are not looked at.

mod modules;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};

use modules::{Modules, read_crate};
use resolve::resolve;

use super::Texts;

/// Imports between files of a crate: from, to, and the first line that has it.
type Edges = BTreeMap<(String, String), (usize, String)>;

/// One complaint for each group of files that import each other in a circle.
pub(super) fn cycles(texts: &Texts) -> Vec<String> {
    let mut complaints = BTreeSet::new();
    for root in texts.keys().filter(|path| is_crate_root(path)) {
        let edges = edges(&read_crate(root, texts));
        complaints.extend(circles(&edges).iter().map(|files| complaint(files, &edges)));
    }
    complaints.into_iter().collect()
}

/// Returns whether cargo takes the file for the root of a crate, by its name.
fn is_crate_root(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let folders: Vec<&str> = parts.collect();
    let is_target_folder =
        |folder: &str| matches!(folder, "tests" | "bin" | "examples" | "benches");
    match folders[..] {
        ["src", ..] => matches!(file, "lib.rs" | "main.rs"),
        ["bin", "src", ..] => file.ends_with(".rs"),
        [folder, ref outer @ ..] if is_target_folder(folder) => {
            file.ends_with(".rs") && !outer.contains(&"src")
        }
        [_, folder, ..] if is_target_folder(folder) => file == "main.rs",
        _ => false,
    }
}

fn edges(modules: &Modules) -> Edges {
    let mut homes: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
    for (name, module) in modules {
        for file in &module.files {
            homes.entry(file).or_default().push(name);
        }
    }
    let related = |a: &str, b: &str| {
        homes[a].iter().any(|a| {
            homes[b]
                .iter()
                .any(|b| a.starts_with(b) || b.starts_with(a))
        })
    };
    let mut edges = Edges::new();
    for (name, module) in modules {
        for mention in &module.mentions {
            for target in resolve(modules, name, &mention.path) {
                if target != mention.file && !related(&mention.file, &target) {
                    let edge = (mention.file.clone(), target);
                    let line = (mention.line, mention.path.join("::"));
                    let first = edges.entry(edge).or_insert_with(|| line.clone());
                    *first = line.min(first.clone());
                }
            }
        }
    }
    edges
}

/// Groups of files that reach each other.
fn circles(edges: &Edges) -> BTreeSet<BTreeSet<&str>> {
    let files: BTreeSet<&str> = edges.keys().map(|(from, _)| from.as_str()).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = files
        .iter()
        .map(|file| (*file, reached_from(file, edges)))
        .collect();
    let group = |file: &&str| -> BTreeSet<&str> {
        let is_in = |other: &&str| {
            reached
                .get(other)
                .is_some_and(|others| others.contains(file))
        };
        reached[file].iter().copied().filter(is_in).collect()
    };
    files
        .iter()
        .map(group)
        .filter(|group| !group.is_empty())
        .collect()
}

/// All files that `file` imports, and those that these import.
fn reached_from<'a>(file: &str, edges: &'a Edges) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![file];
    while let Some(next) = waiting.pop() {
        let targets = edges.keys().filter(|(from, _)| from == next);
        for (_, to) in targets {
            if reached.insert(to.as_str()) {
                waiting.push(to);
            }
        }
    }
    reached
}

fn complaint(files: &BTreeSet<&str>, edges: &Edges) -> String {
    let names: Vec<&str> = files.iter().copied().collect();
    let mut text = format!(
        "{} files import each other in a circle: {}",
        names.len(),
        names.join(", ")
    );
    for ((from, to), (line, path)) in edges {
        if files.contains(from.as_str()) && files.contains(to.as_str()) {
            text.push_str(&format!("\n    {from}:{line} imports {to} ({path})"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The complaints about a crate of these files.
    fn check(files: &[(&str, &str)]) -> Vec<String> {
        let text = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        cycles(&files.iter().map(text).collect())
    }

    const ROOT: (&str, &str) = ("x/src/lib.rs", "mod a;\nmod b;\npub use b::Thing;\n");

    #[test]
    fn two_files_that_import_each_other_are_named_with_their_lines() {
        for (a, b) in [
            ("\nuse crate::b::B;", "fn f() { crate::a::g() }"),
            (
                "pub fn g() {}\nuse super::{b::{self, B as C}, other};",
                "use super::*;\nfn f() { a::g() }",
            ),
            (
                "\nuse crate::Thing; fn f() -> Thing {}",
                "pub struct Thing; use crate::{a as c};",
            ),
            (
                "\nmod inner { use super::super::b; }",
                "macro_rules! m { () => { $crate::a::g() } }",
            ),
            (
                "\nuse crate::b::*;",
                "mod inner { fn f() -> super::super::a::A {} }",
            ),
        ] {
            let complaints = check(&[ROOT, ("x/src/a.rs", a), ("x/src/b.rs", b)]);
            assert_eq!(complaints.len(), 1, "{a} / {b}");
            assert!(
                complaints[0]
                    .starts_with("2 files import each other in a circle: x/src/a.rs, x/src/b.rs\n")
            );
            assert!(
                complaints[0].contains("x/src/a.rs:2 imports x/src/b.rs ("),
                "{complaints:?}"
            );
        }
    }

    #[test]
    fn one_way_imports_and_test_code_are_no_circle() {
        for (a, b) in [
            ("use crate::b::B;", "pub struct B; // crate::a::g()"),
            (
                "use crate::b::B;",
                "#[cfg(test)]\nmod tests { use crate::a::g; }",
            ),
            (
                "use crate::b::B;",
                "#[cfg(test)]\nuse crate::a::g;\npub struct B;",
            ),
            (
                "use crate::b::B;",
                "use a::g; fn f() -> a::A { \"crate::a\" }",
            ),
            (
                "use crate::b::B;",
                "use crate::Own; use self::B; pub struct B;",
            ),
        ] {
            let complaints = check(&[ROOT, ("x/src/a.rs", a), ("x/src/b.rs", b)]);
            assert!(complaints.is_empty(), "{a} / {b}: {complaints:?}");
        }
    }

    #[test]
    fn a_circle_of_three_is_one_complaint() {
        let complaints = check(&[
            ("x/src/main.rs", "mod a; mod b; mod c;"),
            ("x/src/a/mod.rs", "pub mod deep; use crate::b;"),
            ("x/src/a/deep.rs", "use super::Outer; use crate::b;"),
            ("x/src/b.rs", "use crate::c::C;"),
            ("x/src/c.rs", "use crate::a::deep::Deep;"),
        ]);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].contains("3 files"), "{complaints:?}");
        assert!(
            complaints[0].contains("x/src/c.rs:1 imports x/src/a/deep.rs"),
            "{complaints:?}"
        );
        assert!(
            !complaints[0].contains("imports x/src/a/mod.rs"),
            "{complaints:?}"
        );
    }

    #[test]
    fn a_module_and_its_children_may_import_each_other() {
        let complaints = check(&[
            (
                "x/src/lib.rs",
                "mod a; pub use a::child::Child; pub struct Root;",
            ),
            ("x/src/a.rs", "mod child; use child::Child; pub struct A;"),
            (
                "x/src/a/child.rs",
                "use super::A; use crate::Root; use crate::a::A as B;",
            ),
        ]);
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    #[test]
    fn a_re_export_leads_to_the_file_that_declares_the_item() {
        let complaints = check(&[
            ("x/src/lib.rs", "mod a; mod b; pub use a::Thing;"),
            ("x/src/a/mod.rs", "mod thing; pub use thing::*;"),
            ("x/src/a/thing.rs", "pub struct Thing; use crate::b;"),
            ("x/src/b.rs", "use crate::Thing;"),
        ]);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(
            complaints[0].contains("x/src/b.rs:1 imports x/src/a/thing.rs"),
            "{complaints:?}"
        );
    }

    #[test]
    fn an_exported_macro_is_an_import_of_its_file() {
        let complaints = check(&[
            ("x/src/lib.rs", "mod a; mod b;"),
            (
                "x/src/a.rs",
                "#[macro_export]\nmacro_rules! rows { () => {} }\nuse crate::b::B;",
            ),
            ("x/src/b.rs", "crate::rows!();"),
        ]);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
    }

    #[test]
    fn crate_roots_are_found_as_cargo_finds_them() {
        for (path, expected) in [
            ("xtask/src/main.rs", true),
            ("server/db/src/lib.rs", true),
            ("server/db/tests/postgres.rs", true),
            ("server/tests/site/main.rs", true),
            ("server/tests/site/context.rs", false),
            ("server/src/bin/tool.rs", true),
            ("server/src/tests/a.rs", false),
            ("server/src/answer.rs", false),
        ] {
            assert_eq!(is_crate_root(path), expected, "{path}");
        }
    }
}
