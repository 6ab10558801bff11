//! Findings that somebody allows, with a reason: comments in a file, and the list of files that are too old to be changed.

use std::path::Path;

use anyhow::{Context, Result, bail};
use db::migrate::Words;

use super::NAMES;

/// The name of the list.
const FILE: &str = "lints.txt";

/// The allowed findings of files that were applied before a lint existed: `folder/file.sql lint: reason`, one a line.
pub(super) struct Exceptions(Vec<(String, String)>);

impl Exceptions {
    /// Reads the list; there may be none.
    ///
    /// # Errors
    /// A sentence about a line that is written wrongly.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        if !path.is_file() {
            return Ok(Self(Vec::new()));
        }
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let mut all = Vec::new();
        let lines = text.lines().map(str::trim).enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let parts = line
                .split_once(' ')
                .and_then(|(file, rest)| Some((file, allowed(rest)?)));
            match parts {
                Some((file, lint)) => all.push((file.to_owned(), lint.to_owned())),
                None => bail!(
                    "{}, line {}: write `folder/file.sql lint: reason`; the lints are {}",
                    path.display(),
                    number + 1,
                    NAMES.join(", ")
                ),
            }
        }
        Ok(Self(all))
    }

    pub(super) fn allow(&self, file: &str, lint: &str) -> bool {
        self.0.iter().any(|(at, name)| at == file && name == lint)
    }
}

/// The lint in `name: reason`.
fn allowed(text: &str) -> Option<&str> {
    let (name, reason) = text.split_once(':')?;
    let is_known = NAMES.contains(&name.trim()) && !reason.trim().is_empty();
    is_known.then_some(name.trim())
}

/// The statements and lints that comments allow, and sentences about comments that are written wrongly.
pub(super) fn comments(sql: &str, statements: &[Words]) -> (Vec<(usize, String)>, Vec<String>) {
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    for (at, line) in sql.lines().enumerate() {
        let Some(rest) = line.trim().strip_prefix("-- lint:") else {
            continue;
        };
        let lint = rest.trim().strip_prefix("allow ").and_then(allowed);
        let next = statements.iter().find(|statement| statement.line > at + 1);
        match (lint, next) {
            (Some(lint), Some(next)) => all.push((next.number, lint.to_owned())),
            _ => mistakes.push(format!(
                "line {}: write `-- lint: allow NAME: reason` before a statement; the names are {}",
                at + 1,
                NAMES.join(", ")
            )),
        }
    }
    (all, mistakes)
}
