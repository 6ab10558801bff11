//! Rules about single lines: which names and calls may stand where. Owns reading the rules and applying them.
//! Absent: the rules themselves; see tidy.toml and tidy-language.toml.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{glob, source};

const RULES: &str = include_str!("../../tidy.toml");
const LANGUAGE_RULES: &str = include_str!("../../tidy-language.toml");

/// A kind of line, and the files where it may stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    patterns: Vec<String>,
    /// How a line is compared with the patterns.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// The files that are read.
    #[serde(default = "rust_files")]
    scan: Vec<String>,
    /// The files where such lines belong.
    #[serde(default)]
    allowed: Vec<String>,
    /// The name of those files; without one, such a line belongs nowhere.
    room: Option<String>,
    message: String,
    /// Read comments, strings and test modules too.
    #[serde(default)]
    raw: bool,
    /// Read test modules too.
    #[serde(default)]
    tests: bool,
    /// A line that this rule must catch.
    #[cfg_attr(not(test), expect(dead_code, reason = "the rule's own test"))]
    caught: String,
    /// A line that it must let pass.
    #[cfg_attr(not(test), expect(dead_code, reason = "the rule's own test"))]
    passes: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Matching {
    /// The pattern begins where a name begins: `Query::` is not in `MyQuery::`.
    #[default]
    Start,
    /// The pattern is a whole name.
    Name,
    /// The pattern is a word of a name: `MOST` of `MOST_LINES`.
    Word,
    /// A doc comment begins with the pattern.
    Doc,
}

#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

fn rust_files() -> Vec<String> {
    ["app/**/*.rs", "server/**/*.rs"].map(str::to_owned).into()
}

/// Reads the rules about rooms and those about language.
pub(super) fn read() -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for (path, text) in [
        ("xtask/tidy.toml", RULES),
        ("xtask/tidy-language.toml", LANGUAGE_RULES),
    ] {
        let file: File = toml::from_str(text).context(path)?;
        rules.extend(file.rule);
    }
    Ok(rules)
}

/// The complaints about the lines of one file.
pub(super) fn complaints(rules: &[Rule], path: &str, text: &str, is_test: bool) -> Vec<String> {
    let code = if path.ends_with(".rs") {
        source::code_of(text)
    } else {
        text.to_owned()
    };
    let mut complaints = Vec::new();
    for rule in rules {
        let matches = |globs: &[String]| globs.iter().any(|pattern| glob::matches(pattern, path));
        if !matches(&rule.scan) || matches(&rule.allowed) {
            continue;
        }
        let read = match (rule.raw, rule.tests) {
            (true, _) => text,
            (false, true) => &code,
            (false, false) if is_test => "",
            (false, false) => source::without_tests(&code),
        };
        let mut previous = "";
        for (number, line) in read.lines().enumerate() {
            let found = rule
                .patterns
                .iter()
                .find(|pattern| rule.matching.is_in(pattern, line, previous));
            complaints.extend(found.map(|pattern| rule.complaint(path, number + 1, pattern)));
            previous = line;
        }
    }
    complaints
}

/// The files in rules that do not exist, where nothing has to be allowed any more.
pub(super) fn stale_rooms(rules: &[Rule], paths: &[String]) -> Vec<String> {
    let is_stale = |room: &&String| !paths.iter().any(|path| glob::matches(room, path));
    let rooms = rules.iter().flat_map(|rule| &rule.allowed);
    let complain = |room| format!("xtask/tidy.toml: a rule allows `{room}`, which does not exist");
    rooms.filter(is_stale).map(complain).collect()
}

impl Rule {
    fn complaint(&self, path: &str, line: usize, pattern: &str) -> String {
        let pattern = pattern.escape_debug();
        let message = &self.message;
        match &self.room {
            Some(room) => format!("{path}:{line}: `{pattern}` lives only in {room}: {message}"),
            None => format!("{path}:{line}: `{pattern}`: {message}"),
        }
    }
}

impl Matching {
    /// Returns whether `line`, which follows `previous`, holds the pattern.
    fn is_in(self, pattern: &str, line: &str, previous: &str) -> bool {
        if !line.contains(pattern) {
            return false;
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        match self {
            Self::Start => line
                .match_indices(pattern)
                .any(|(at, _)| !line[..at].ends_with(is_name)),
            Self::Name => line.split(|c| !is_name(c)).any(|name| name == pattern),
            Self::Word => line
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == pattern),
            Self::Doc => {
                doc_text(line).is_some_and(|text| text.starts_with(pattern))
                    && doc_text(previous).is_none_or(|text| text.is_empty())
            }
        }
    }
}

/// The text of a line of a doc comment.
fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line
        .strip_prefix("///")
        .or_else(|| line.strip_prefix("//!"))?;
    Some(text.trim_start())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// A path that the rule reads and where its lines do not belong.
    fn scanned(rule: &Rule) -> String {
        let path = rule.scan[0]
            .replace("**/*", "src/elsewhere")
            .replace("**", "elsewhere.txt");
        assert!(
            !rule.allowed.iter().any(|home| glob::matches(home, &path)),
            "{path}"
        );
        path
    }

    fn check(rule: &Rule, path: &str, text: &str) -> usize {
        complaints(std::slice::from_ref(rule), path, text, false).len()
    }

    #[test]
    fn each_rule_catches_its_example_and_lets_the_other_pass() {
        for rule in read().unwrap() {
            let path = scanned(&rule);
            assert_eq!(
                check(&rule, &path, &rule.caught),
                1,
                "not caught: {}",
                rule.caught
            );
            assert_eq!(
                check(&rule, &path, &rule.passes),
                0,
                "caught: {}",
                rule.passes
            );
        }
    }

    #[test]
    fn every_pattern_of_a_rule_is_alive_outside_its_room_and_silent_in_it() {
        for rule in read().unwrap() {
            let path = scanned(&rule);
            for pattern in &rule.patterns {
                let line = if rule.matching == Matching::Doc {
                    format!("/// {pattern}")
                } else {
                    pattern.clone()
                };
                assert!(rule.matching.is_in(pattern, &line, ""), "{pattern}");
            }
            if let Some(home) = rule.allowed.first() {
                let home = home.replace("**/*", "any").replace("**", "any.rs");
                assert_eq!(check(&rule, &home, &rule.caught), 0, "{home} is not {path}");
            }
        }
    }

    #[test]
    fn a_complaint_names_the_line_and_the_right_room() {
        let rules = read().unwrap();
        let text = "// Query:: in a comment\nlet q = Query::select();\n";
        let complaints = complaints(&rules, "app/src/pages/home.rs", text, false);
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(
            complaints[0].starts_with("app/src/pages/home.rs:2: "),
            "{complaints:?}"
        );
        assert!(
            complaints[0].contains("server/db/src/queries/"),
            "{complaints:?}"
        );
    }

    #[test]
    fn a_room_that_does_not_exist_is_named() {
        let rules = read().unwrap();
        let rule = rules
            .iter()
            .find(|rule| rule.patterns.iter().any(|pattern| pattern == "use_context"));
        let rule = std::slice::from_ref(rule.unwrap());
        let paths = rule[0].allowed.clone();
        assert_eq!(stale_rooms(rule, &paths), [""; 0]);
        let complaints = stale_rooms(rule, &["app/src/other.rs".to_owned()]);
        assert_eq!(complaints.len(), rule[0].allowed.len(), "{complaints:?}");
    }

    #[test]
    fn names_words_and_doc_comments_are_told_apart() {
        use Matching::{Doc, Name, Word};
        for (matching, pattern, previous, line, expected) in [
            (Name, "Mark", "", "let mark: Mark = x;", true),
            (Name, "Mark", "", "Markdown::Marks(mark)", false),
            (Word, "MOST", "", "const MOST_LINES: usize = 1;", true),
            (Word, "MOST", "", "const UTMOST: usize = ALMOST_ALL;", false),
            (Doc, "The same", "", "    /// The same, later.", true),
            (Doc, "The same", "//!", "//! The same, later.", true),
            (
                Doc,
                "The same",
                "/// Like `a`.",
                "/// The same as b.",
                false,
            ),
            (Doc, "The same", "", "// The same.", false),
            (
                Doc,
                "The same",
                "",
                "/// Of the same kind. The same.",
                false,
            ),
        ] {
            assert_eq!(matching.is_in(pattern, line, previous), expected, "{line}");
        }
    }
}
