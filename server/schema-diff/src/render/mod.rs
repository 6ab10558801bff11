//! Changes as the SQL of a migration: each step with a comment that says what it does, and what it loses.

mod copies;
mod names;
mod pieces;
mod servers;
mod sqlite;

use db::Dialect;

pub(crate) use self::pieces::{check, create_index, foreign_key, unique};

use crate::diff::Difference;

/// The SQL of a difference.
pub fn render(difference: &Difference) -> String {
    let steps = steps(difference);
    steps.iter().map(Step::text).collect::<Vec<_>>().join("\n")
}

/// The statements of a difference, in order, for a program that runs them.
pub fn statements(difference: &Difference) -> Vec<String> {
    let steps = steps(difference).into_iter();
    steps.flat_map(|step| step.statements).collect()
}

fn steps(difference: &Difference) -> Vec<Step> {
    match difference.wanted.dialect {
        Dialect::Sqlite => sqlite::steps(difference),
        Dialect::Postgres | Dialect::MySql => servers::steps(difference),
    }
}

/// A column as CREATE TABLE would define it.
pub(crate) fn definition(dialect: Dialect, column: &crate::model::Column) -> String {
    let definition = pieces::column(dialect, column);
    let after_name = definition.split_once(' ').map(|(_, rest)| rest.to_owned());
    after_name.unwrap_or(definition)
}

/// Statements with a comment before them.
struct Step {
    comments: Vec<String>,
    statements: Vec<String>,
}

impl Step {
    fn text(&self) -> String {
        let comments = self.comments.iter().map(|line| format!("-- {line}\n"));
        let statements = self.statements.iter().map(|sql| format!("{sql};\n"));
        comments.chain(statements).collect()
    }
}

/// The comment of a change.
fn comments(change: &crate::Change) -> Vec<String> {
    let mut comments = vec![format!("{}.", change.describe())];
    if let Some(loss) = change.loss() {
        comments.push(format!("DESTRUCTIVE: this loses {}.", loss.what));
    }
    comments
}
