//! The result of an export or a restore, for people and for programs.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// The end of an export or a restore.
#[derive(Debug)]
pub struct Summary {
    /// Each table and the number of its rows.
    pub tables: Vec<(&'static str, u64)>,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The time it took.
    pub took: Duration,
}

impl Summary {
    /// One line: `31 users, 420 posts, … (1.2 MB) in 0.4 s`.
    pub fn text(&self) -> String {
        let tables = self.tables.iter().filter(|(_, rows)| *rows > 0);
        let tables: Vec<String> = tables
            .map(|(name, rows)| format!("{rows} {name}"))
            .collect();
        let rows = match tables.as_slice() {
            [] => "no rows".to_owned(),
            all => all.join(", "),
        };
        let megabytes = self.bytes as f64 / 1e6;
        format!(
            "{rows} ({megabytes:.1} MB) in {:.1} s",
            self.took.as_secs_f64()
        )
    }

    /// The members of a JSON object.
    pub fn json(&self, database: &str, file: &Path) -> Value {
        let tables = self.tables.iter();
        let tables = tables.map(|(name, rows)| json!({ "name": name, "rows": rows }));
        json!({
            "database": database,
            "file": file.display().to_string(),
            "bytes": self.bytes,
            "seconds": self.took.as_secs_f64(),
            "tables": tables.collect::<Vec<_>>(),
        })
    }
}
