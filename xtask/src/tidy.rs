//! `cargo x tidy`: a line knows its room. Owns applying the rules of tidy.toml, and the two about whole files.
//! Absent: the rules themselves; what rustfmt and clippy judge already.

mod glob;
mod imports;
mod scrub;
mod test_code;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{process, ui};

const RULES: &str = include_str!("../tidy.toml");
/// A longer file has two subjects.
const MOST_LINES: usize = 400;

/// A kind of line, and the room where it may be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// What such a line mentions; a name matches from its beginning.
    patterns: Vec<String>,
    /// Which files are looked at.
    #[serde(default = "rust_files")]
    scan: Vec<String>,
    /// Where such lines are at home.
    #[serde(default)]
    allowed: Vec<String>,
    /// That room's name.
    room: String,
    /// Why.
    message: String,
    /// Look at comments, strings and test modules too.
    #[serde(default)]
    raw: bool,
    /// Look at test modules too.
    #[serde(default)]
    tests: bool,
    /// A line that this rule must catch.
    #[cfg_attr(not(test), expect(dead_code, reason = "the rule's own test"))]
    caught: String,
    /// A line that it must let pass.
    #[cfg_attr(not(test), expect(dead_code, reason = "the rule's own test"))]
    passes: String,
}

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

fn rust_files() -> Vec<String> {
    ["app/**/*.rs", "server/**/*.rs"].map(str::to_owned).into()
}

/// Check that each line is in its room (rules: xtask/tidy.toml).
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo x tidy\n  cargo x tidy --imports")]
pub(crate) struct Args {
    /// Check also that no two files of a crate import each other in a circle.
    #[arg(long)]
    imports: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    ui::step("tidy", |_| Ok(((), check(workspace)?)))?;
    if args.imports {
        ui::step("imports", |_| Ok(((), check_imports(workspace)?)))?;
    }
    Ok(())
}

fn check_imports(workspace: &Workspace) -> Result<String> {
    let files = kept_files(workspace)?;
    let cycles = imports::cycles(&files, &|path| {
        std::fs::read_to_string(workspace.path(path)).ok()
    });
    if !cycles.is_empty() {
        bail!("{} circles of imports\n{}", cycles.len(), cycles.join("\n"));
    }
    Ok("no circle".to_owned())
}

/// Applies every rule to every file that git would keep; says how many.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let rules = rules()?;
    let files = kept_files(workspace)?;
    // What is not text has no lines.
    let texts: Vec<(&str, String)> = files
        .iter()
        .filter_map(|path| {
            Some((
                path.as_str(),
                std::fs::read_to_string(workspace.path(path)).ok()?,
            ))
        })
        .collect();
    let tests: BTreeSet<String> = texts
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .flat_map(|(path, text)| test_code::files(path, text))
        .collect();
    let mut complaints: Vec<String> = files
        .iter()
        .filter_map(|path| misnamed_migration(path))
        .collect();
    for (path, text) in &texts {
        complaints.extend(complain(&rules, path, text, tests.contains(*path)));
    }
    if !complaints.is_empty() {
        bail!(
            "{} lines are in the wrong room\n{}",
            complaints.len(),
            complaints.join("\n")
        );
    }
    Ok(format!("{} files", files.len()))
}

fn rules() -> Result<Vec<Rule>> {
    let rules: Rules = toml::from_str(RULES).context("xtask/tidy.toml")?;
    Ok(rules.rule)
}

/// Tracked files and new ones that are not ignored.
fn kept_files(workspace: &Workspace) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed =
        process::answer(&mut git).context("cannot list files: tidy needs git and a repository")?;
    Ok(listed
        .lines()
        .filter(|path| workspace.path(path).is_file())
        .map(str::to_owned)
        .collect())
}

fn complain(rules: &[Rule], path: &str, text: &str, is_test: bool) -> Vec<String> {
    let is_rust = path.ends_with(".rs");
    let code = if is_rust {
        scrub::code_of(text)
    } else {
        text.to_owned()
    };
    let mut complaints = Vec::new();
    if is_rust && text.lines().count() > MOST_LINES {
        complaints.push(format!(
            "{path}: {} lines; more than {MOST_LINES} means two subjects: make it two files",
            text.lines().count()
        ));
    }
    for rule in rules {
        let matches = |globs: &[String]| globs.iter().any(|pattern| glob::matches(pattern, path));
        if !matches(&rule.scan) || matches(&rule.allowed) {
            continue;
        }
        let looked_at = match (rule.raw, rule.tests) {
            (true, _) => text,
            (false, true) => &code,
            (false, false) if is_test => "",
            (false, false) => test_code::without(&code),
        };
        for (number, line) in looked_at.lines().enumerate() {
            if let Some(pattern) = rule.patterns.iter().find(|pattern| mentions(line, pattern)) {
                complaints.push(format!(
                    "{path}:{}: `{}` lives only in {}: {}",
                    number + 1,
                    pattern.escape_debug(),
                    rule.room,
                    rule.message
                ));
            }
        }
    }
    complaints
}

/// Whether `line` holds `pattern` where a name begins: `Query::` is not in `MyQuery::`.
fn mentions(line: &str, pattern: &str) -> bool {
    line.match_indices(pattern).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

/// Migrations are applied in the order of their names: `0001_accounts.sql`.
fn misnamed_migration(path: &str) -> Option<String> {
    let file = path.strip_prefix("migrations/").map(Path::new)?;
    let stem = file.file_stem()?.to_str()?;
    let is_named = |(number, name): (&str, &str)| {
        number.len() == 4
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let is_migration = file.extension().is_some_and(|extension| extension == "sql");
    let is_fine = !is_migration || stem.split_once('_').is_some_and(is_named);
    (!is_fine).then(|| format!("{path}: a migration is named 0001_what_it_does.sql"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// A path that the rule looks at and that is no such line's home.
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

    #[test]
    fn each_rule_catches_its_example_and_lets_the_other_pass() {
        for rule in rules().unwrap() {
            let path = scanned(&rule);
            let rule = std::slice::from_ref(&rule);
            let (caught, passes) = (&rule[0].caught, &rule[0].passes);
            assert_eq!(
                complain(rule, &path, caught, false).len(),
                1,
                "not caught: {caught}"
            );
            assert!(
                complain(rule, &path, passes, false).is_empty(),
                "caught: {passes}"
            );
        }
    }

    #[test]
    fn every_pattern_of_a_rule_is_alive_outside_its_room_and_silent_in_it() {
        for rule in rules().unwrap() {
            let path = scanned(&rule);
            for pattern in &rule.patterns {
                assert!(mentions(pattern, pattern), "{pattern}");
            }
            if let Some(home) = rule.allowed.first() {
                let home = home.replace("**/*", "any").replace("**", "any.rs");
                let rule = std::slice::from_ref(&rule);
                assert!(
                    complain(rule, &home, &rule[0].caught, false).is_empty(),
                    "{home} is not {path}"
                );
            }
        }
    }

    #[test]
    fn a_complaint_names_the_line_and_the_right_room() {
        let rules = rules().unwrap();
        let text = "// Query:: in a comment\nlet q = Query::select();\n";
        let complaints = complain(&rules, "app/src/pages/home.rs", text, false);
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
    fn a_file_has_one_subject() {
        let text = "fn a() {}\n".repeat(MOST_LINES);
        assert!(complain(&[], "app/src/lib.rs", &text, false).is_empty());
        let longer = text + "fn b() {}\n";
        assert_eq!(complain(&[], "app/src/lib.rs", &longer, false).len(), 1);
        assert!(complain(&[], "style/main.css", &longer, false).is_empty());
    }

    #[test]
    fn migrations_are_numbered() {
        for fine in [
            "migrations/sqlite/0001_init.sql",
            "migrations/sqlite/README.md",
            "app/x.sql",
        ] {
            assert_eq!(misnamed_migration(fine), None, "{fine}");
        }
        for wrong in [
            "1_init.sql",
            "0001-init.sql",
            "0001_Init.sql",
            "init.sql",
            "0001_.sql",
        ] {
            assert!(
                misnamed_migration(&format!("migrations/sqlite/{wrong}")).is_some(),
                "{wrong}"
            );
        }
    }
}
