//! The end of `generate`: for people and for machines.

use std::path::PathBuf;

use db::Dialect;
use serde_json::{Map, Value, json};

use super::released;

/// The end of `generate`.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The changes, with the engines that make them.
    pub(super) changes: Vec<(String, Vec<&'static str>)>,
    /// The SQL of each engine.
    pub(super) sql: Vec<(&'static str, String)>,
    /// The files that were written.
    pub(super) files: Vec<PathBuf>,
    /// Lines about harm that migrations do: of all of them with `--check`, else of the new one.
    pub(super) lints: Vec<String>,
    /// The tables and columns that are kept for the version that is served.
    pub(super) kept: Vec<String>,
    /// A sentence for people, where there is more to say.
    pub(super) note: Option<&'static str>,
    /// Why the command fails.
    pub(crate) failure: Option<String>,
}

impl Outcome {
    /// The text to print.
    pub(super) fn text(&self, is_json: bool, is_explained: bool) -> String {
        if is_json {
            let changes = self.changes.iter();
            let changes: Vec<Value> = changes
                .map(|(change, engines)| json!({ "change": change, "engines": engines }))
                .collect();
            let sql: Map<String, Value> = self
                .sql
                .iter()
                .map(|(engine, sql)| ((*engine).to_owned(), json!(sql)))
                .collect();
            return json!({
                "changes": changes,
                "files": self.files,
                "sql": sql,
                "lints": self.lints,
                "kept": self.kept,
            })
            .to_string();
        }
        let all = Dialect::ALL.len();
        let changes = self.changes.iter().map(|(line, engines)| {
            if engines.len() == all {
                line.clone()
            } else {
                format!("{line} ({})", engines.join(", "))
            }
        });
        let sql = self.sql.iter().filter(|_| is_explained);
        let sql = sql.map(|(engine, sql)| format!("\n-- {engine}\n{}", sql.trim_end()));
        let files = self
            .files
            .iter()
            .map(|path| format!("wrote {}", path.display()));
        let note = self.note.map(str::to_owned);
        changes
            .chain(sql)
            .chain(files)
            .chain(self.lints.iter().cloned())
            .chain(self.kept.iter().map(|name| released::kept(name)))
            .chain(note)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The end of `--check`, if it is not well.
    pub(super) fn failure(&self) -> Option<String> {
        let differs =
            "the migrations do not lead to the declared schema: run `cargo x db generate`";
        let lints = "migrations do harm: mend those that were not applied yet, or allow it by a comment with the reason before the \
                     statement, `-- lint: allow NAME: reason`";
        match (self.changes.is_empty(), self.lints.is_empty()) {
            (true, true) => None,
            (false, true) => Some(differs.to_owned()),
            (true, false) => Some(lints.to_owned()),
            (false, false) => Some(format!("{differs}\n{lints}")),
        }
    }
}
