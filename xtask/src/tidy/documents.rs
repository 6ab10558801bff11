//! Names in the documents: each path and each test that a document mentions exists.
//! Absent: links and headings.

use std::collections::BTreeSet;

use super::{Texts, glob};

/// Endings of names that are files of the repository even without a folder before them.
const EXTENSIONS: [&str; 13] = [
    "css", "html", "js", "json", "jsonc", "md", "mjs", "rs", "snap", "sql", "toml", "ts", "yml",
];
/// A test's title with fewer fixed characters than this would match nearly any name.
const MIN_TITLE_LENGTH: usize = 8;

/// The paths and tests that the documents name and that do not exist.
pub(super) fn complaints(paths: &[String], texts: &Texts) -> Vec<String> {
    let tree = Tree::of(paths, texts);
    let documents = texts.iter().filter(|(path, _)| is_document(path));
    documents
        .flat_map(|(path, text)| missing(path, text, &tree))
        .collect()
}

fn is_document(path: &str) -> bool {
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].contains(&path)
        || glob::matches("docs/*.md", path)
}

/// Everything that documents may name.
struct Tree<'a> {
    files: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
    /// First folders of paths, and what git ignores.
    roots: BTreeSet<&'a str>,
    ignored: Vec<&'a str>,
    functions: BTreeSet<&'a str>,
    /// Titles of JavaScript tests; `*` where a value is filled in.
    titles: BTreeSet<String>,
    /// Strings of Rust code: names of steps and of contract cases.
    strings: BTreeSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn of(paths: &'a [String], texts: &'a Texts) -> Self {
        let files: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let above = |path: &'a str| path.match_indices('/').map(|(at, _)| &path[..at]);
        let folders = files.iter().flat_map(|path| above(path)).collect();
        let ignored = texts
            .get(".gitignore")
            .map(String::as_str)
            .unwrap_or_default();
        let mut tree = Self {
            roots: files
                .iter()
                .filter_map(|path| Some(path.split_once('/')?.0))
                .collect(),
            files,
            folders,
            ignored: ignored
                .lines()
                .map(|line| line.trim_matches('/'))
                .filter(|line| !line.is_empty())
                .collect(),
            functions: BTreeSet::new(),
            titles: BTreeSet::new(),
            strings: BTreeSet::new(),
        };
        for (path, text) in texts {
            if path.ends_with(".rs") {
                tree.functions
                    .extend(text.split("fn ").skip(1).map(|after| {
                        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_');
                        &after[..end.unwrap_or(after.len())]
                    }));
                // With the code between them, which no document names.
                tree.strings.extend(text.split('"'));
            } else if path.ends_with(".mjs") {
                tree.titles.extend(titles(text));
            }
        }
        tree
    }

    /// Returns whether a file or a folder has this path, or a path that ends with it.
    fn has_path(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let is_ignored = |ignored: &&str| {
            let pattern = ignored.trim_start_matches('!');
            path.split('/')
                .next()
                .is_some_and(|first| glob::matches(pattern, first))
                || path == pattern
                || path
                    .strip_prefix(pattern)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let (below, any_below) = (format!("/{path}"), format!("**/{path}"));
        let matches = |existing: &&str| {
            if path.contains('*') {
                glob::matches(path, existing) || glob::matches(&any_below, existing)
            } else {
                *existing == path || existing.ends_with(&below)
            }
        };
        self.ignored.iter().any(is_ignored)
            || self.files.iter().any(matches)
            || self.folders.iter().any(matches)
    }

    fn has_title(&self, name: &str) -> bool {
        let name = name.replace('…', "*");
        let is_string = self.strings.contains(name.as_str());
        is_string
            || self.titles.iter().any(|title| {
                let fixed = title.chars().filter(|&c| c != '*').count();
                fixed >= MIN_TITLE_LENGTH.min(name.len()) && may_be_equal(title, &name)
            })
    }
}

/// The titles of a file's tests, with `*` for `${…}`.
fn titles(text: &str) -> Vec<String> {
    let mut titles = Vec::new();
    for call in ["test(", "describe(", "it("] {
        for (at, _) in text.match_indices(call) {
            let after = &text[at + call.len()..];
            let Some(quote) = after
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\'' | '`'))
            else {
                continue;
            };
            let Some(end) = after[1..].find(quote) else {
                continue;
            };
            let mut title = String::new();
            for (index, part) in after[1..=end].split("${").enumerate() {
                if index == 0 {
                    title.push_str(part);
                } else {
                    title.push('*');
                    title.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
                }
            }
            titles.push(title);
        }
    }
    titles
}

/// Returns whether some text fits both patterns; `*` is any text.
fn may_be_equal(a: &str, b: &str) -> bool {
    let rest = |text: &str| text.chars().next().map_or(0, char::len_utf8);
    match (a.chars().next(), b.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            may_be_equal(&a[1..], b) || (!b.is_empty() && may_be_equal(a, &b[rest(b)..]))
        }
        (_, Some('*')) => may_be_equal(b, a),
        (Some(x), Some(y)) => x == y && may_be_equal(&a[rest(a)..], &b[rest(b)..]),
        _ => false,
    }
}

/// The complaints about one document.
fn missing(document: &str, text: &str, tree: &Tree<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut is_code = false;
    let mut test_column = None;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        let mut complain = |what: &str, name: &str| {
            complaints.push(format!(
                "{document}:{}: there is no {what} `{name}`",
                number + 1
            ));
        };
        for name in between(line, '`', '`').filter(|name| is_path(name, tree)) {
            for path in expanded(name).iter().filter(|path| !tree.has_path(path)) {
                complain("file or folder", path);
            }
        }
        let cells: Vec<&str> = line
            .trim()
            .trim_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        if !line.starts_with('|') {
            test_column = None;
            continue;
        }
        let Some(column) = test_column else {
            test_column = Some(
                cells
                    .iter()
                    .position(|cell| matches!(*cell, "test" | "tests")),
            );
            continue;
        };
        let Some(cell) = column.and_then(|column| cells.get(column)) else {
            continue;
        };
        for name in between(cell, '`', '`').filter(|name| is_function(name)) {
            let last = name.rsplit("::").next().unwrap_or(name);
            if !tree.functions.contains(last) {
                complain("test", name);
            }
        }
        let quoted = between(cell, '"', '"').chain(between(cell, '“', '”'));
        for name in quoted.filter(|name| !tree.has_title(name)) {
            complain("test", name);
        }
    }
    complaints
}

/// The parts of a line between two marks.
fn between(line: &str, open: char, close: char) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(open)?;
        let (inside, after) = after.split_once(close)?;
        rest = after;
        Some(inside)
    })
}

fn is_function(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b':'))
}

/// Returns whether a name in backticks is a path of the repository, and not an address, a media type or a command.
fn is_path(name: &str, tree: &Tree<'_>) -> bool {
    let is_plain = name.chars().all(|c| {
        c.is_alphanumeric()
            || matches!(c, '/' | '.' | '-' | '_' | '*' | '<' | '>' | '{' | '}' | ',')
    });
    if !is_plain || name.starts_with(['/', '.', '-']) || name.contains("//") {
        return false;
    }
    let first = name.split('/').next().unwrap_or_default();
    let has_extension = name
        .rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension));
    has_extension || name.ends_with('/') || (name.contains('/') && tree.roots.contains(first))
}

/// `a.rs` and `b.rs` of `{a,b}.rs`. Of a file that a reader is to make, such as `pages/<name>.rs`, only the folder.
fn expanded(name: &str) -> Vec<String> {
    if let Some((before, _)) = name.split_once('<') {
        let folder = before.rsplit_once('/').map(|(folder, _)| folder);
        return folder.into_iter().flat_map(expanded).collect();
    }
    if let Some((before, rest)) = name.split_once('{')
        && let Some((inside, after)) = rest.split_once('}')
    {
        let one = |part| expanded(&format!("{before}{part}{after}"));
        return inside.split(',').flat_map(one).collect();
    }
    vec![name.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The complaints about ARCHITECTURE.md with this text, in a small repository.
    fn check(document: &str) -> Vec<String> {
        let files = [
            ("ARCHITECTURE.md", document),
            (".gitignore", "/target/\n.env*\n"),
            (
                "server/src/answer.rs",
                "#[test]\nfn it_holds() {}\nlet step = \"snapshots in use\";",
            ),
            ("server/src/pages/home.rs", ""),
            (
                "end2end/workerd/worker.test.mjs",
                "test(\"a page is one round trip\", t); test(`${kind} at ${place}: an end`, t); test(`${a}: ${b}`, t);",
            ),
        ];
        let texts: Texts = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let paths: Vec<String> = texts.keys().cloned().collect();
        complaints(&paths, &texts)
    }

    #[test]
    fn paths_that_exist_pass() {
        for fine in [
            "`server/src/answer.rs`",
            "`answer.rs`, `src/pages/`, `server/src/`, `pages/home.rs`",
            "`server/src/pages/<name>.rs`, `0002_<what>.sql`, `server/src/{answer,pages/home}.rs`, `end2end/*/worker.test.mjs`",
            "`target/site/index.html`, `.env`, `/posts/`, `text/html`, `GET /a.js`, `https://a.example/b.md`, `a::b.rs`",
            "```\n`server/src/gone.rs`\n```",
        ] {
            assert_eq!(check(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn a_path_that_does_not_exist_is_named_with_its_line() {
        for (text, name) in [
            ("\nSee `server/src/gone.rs`.", "server/src/gone.rs"),
            ("\n`gone.rs` beside it", "gone.rs"),
            ("\n`swer.rs`", "swer.rs"),
            ("\n`server/src/gone/`", "server/src/gone/"),
            ("\n`server/gone`", "server/gone"),
            ("\n`gone/`", "gone/"),
            ("\n`server/gone/<name>.rs`", "server/gone"),
            ("\n`server/src/{answer,gone}.rs`", "server/src/gone.rs"),
        ] {
            let expected = format!("ARCHITECTURE.md:2: there is no file or folder `{name}`");
            assert_eq!(check(text), [expected], "{text}");
        }
    }

    const TABLE: &str = "| invariant | test |\n| --- | --- |\n";

    #[test]
    fn tests_that_exist_pass() {
        for cell in [
            "`it_holds` (`server/src/answer.rs`); \"a page is one round trip\"",
            "`answer::it_holds`; \"a page … round trip\"; the step \"snapshots in use\" of `cargo x test`",
            "\"… at …: an end\", \"a stall at dawn: an end\"",
        ] {
            assert_eq!(
                check(&format!("{TABLE}| `gone_here` | {cell} |\n")),
                [""; 0],
                "{cell}"
            );
        }
        assert_eq!(
            check("| driver | where |\n| --- | --- |\n| `it_is_gone` | \"gone\" |"),
            [""; 0]
        );
    }

    #[test]
    fn a_test_that_does_not_exist_is_named_with_its_line() {
        for (cell, name) in [
            ("`it_hold`", "it_hold"),
            ("`it_holds`, `it_is_gone`", "it_is_gone"),
            ("\"a page is two round trips\"", "a page is two round trips"),
            ("\"… at …: no end\"", "… at …: no end"),
            ("\"x: y\"", "x: y"),
        ] {
            let expected = format!("ARCHITECTURE.md:3: there is no test `{name}`");
            assert_eq!(
                check(&format!("{TABLE}| it | {cell} |\n")),
                [expected],
                "{cell}"
            );
        }
    }
}
