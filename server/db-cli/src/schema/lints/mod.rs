//! Lints of migrations: statements that work and do harm. Each finding is one line with the way on, and can be allowed by a
//! comment with a reason before the statement: `-- lint: allow write-lock: the table is small`. Files that were applied before
//! a lint existed must not be changed: their exceptions are in `lints.txt` beside the folders.

mod allowed;
mod engines;
mod keys;
mod locks;
pub(super) mod sql;

use std::path::Path;

use anyhow::Result;
use db::Dialect;
use db::migrate::{Migration, Replay, words};

use self::allowed::Exceptions;
use self::keys::Keys;

/// The names of the lints.
const NAMES: [&str; 4] = [
    "unsafe-rebuild",
    "unindexed-key",
    "wrong-engine",
    "write-lock",
];

/// Harm that a statement does.
struct Finding {
    /// The statement's place in its file, from 1.
    number: usize,
    lint: &'static str,
    /// The harm, and after the arrow the way on.
    text: String,
}

/// A line for each finding in the migrations of one dialect; `root` is the folder with the folders of migrations.
pub(super) async fn lint(
    root: &Path,
    dialect: Dialect,
    migrations: &[Migration],
) -> Result<Vec<String>> {
    let exceptions = Exceptions::read(root)?;
    let mut keys = Keys::default();
    let mut lines = Vec::new();
    let mut replay = Replay::new()?;
    for migration in migrations {
        let statements = words(dialect, migration.sql);
        let mut findings: Vec<Finding> = Vec::new();
        if dialect == Dialect::Sqlite
            // A file that fails is named where it is replayed by the rules of D1.
            && let Ok(Some(found)) = replay.next(migration).await
        {
            findings.push(Finding {
                number: found.number,
                lint: "unsafe-rebuild",
                text: format!(
                    "{} would delete or detach rows of {} on D1, where foreign keys are never off → copy those tables too, as `cargo \
                     x db generate` does, or empty them first if their rows are to go",
                    found.what,
                    found.children.join(", ")
                ),
            });
        }
        findings.extend(engines::lint(dialect, &statements));
        findings.extend(locks::lint(dialect, &statements));
        findings.extend(keys.lint(dialect, &statements));
        findings.sort_by_key(|finding| finding.number);
        let file = format!("{}/{}", dialect.name(), migration.name);
        let (allowed, mistakes) = allowed::comments(migration.sql, &statements);
        let is_allowed = |finding: &Finding| {
            allowed.contains(&(finding.number, finding.lint.to_owned()))
                || exceptions.allow(&file, finding.lint)
        };
        lines.extend(mistakes.iter().map(|why| format!("{file}: {why}")));
        lines.extend(
            findings
                .iter()
                .filter(|finding| !is_allowed(finding))
                .map(|Finding { number, lint, text }| format!("{file}:{number}: {lint}: {text}")),
        );
    }
    Ok(lines)
}
