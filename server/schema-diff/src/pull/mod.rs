//! A database as declarations: the reverse of DDL. What stays as it is declared keeps its words and its comments; everything
//! else is declared by what the database says. Then the declarations are made into DDL again, and where that is not the
//! database, a comment says so: nothing is left out in silence.

mod guess;
mod left_out;
mod names;
mod source;
mod tables;

use std::collections::BTreeSet;

use db::Dialect;
use db::schema::{Column as Declared, TABLES, Table as DeclaredTable, ddl};

use self::guess::{is_row_number, key};
use self::names::{is_plain, row_name};
use self::source::{Written, read};
pub use self::tables::tables;
use crate::model::{Expression, ForeignKey, Index, Schema, Table};
use crate::parse::{declared, from_ddl};
use crate::{Renames, diff, other_names};

/// Types of declarations that are Rust's own; all others come from the domain.
const OWN_TYPES: [&str; 5] = ["bool", "i64", "f64", "String", "Vec<u8>"];

/// A table as it will be declared.
struct Pulled {
    table: DeclaredTable,
    docs: Vec<String>,
    row: String,
    /// The lines of each column.
    columns: Vec<Vec<String>>,
    types: BTreeSet<String>,
    /// Sentences about what declarations do not have.
    left_out: Vec<String>,
}

/// Writes the declarations of a database. `source` is the text of the present ones, or empty.
///
/// # Errors
/// A sentence about a declaration that cannot be read again.
pub fn pull(schema: &Schema, source: &str) -> Result<String, String> {
    let written = read(source);
    let known = if written.is_empty() {
        None
    } else {
        Some(declared(schema.dialect)?)
    };
    let place = |table: &&Table| {
        let mut declared = written.iter();
        declared
            .position(|one| one.table == table.name)
            .unwrap_or(usize::MAX)
    };
    let mut tables: Vec<&Table> = schema.tables.iter().collect();
    tables.sort_by_key(place);
    let mut all: Vec<Pulled> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    for table in tables {
        if !is_plain(&table.name) {
            comments.push(format!(
                "the table `{}`: the name is not plain small letters, or a keyword of Rust",
                table.name
            ));
            continue;
        }
        let words = written.iter().find(|one| one.table == table.name);
        let known = known.as_ref().and_then(|known| known.table(&table.name));
        all.push(one(schema.dialect, table, words.zip(known)));
    }
    compare(schema, &mut all)?;
    let views = schema.views.iter();
    comments.extend(views.map(|view| format!("the view `{}`", view.name)));
    Ok(text(&all, &comments, source))
}

/// Declares a table; `known` is its present declaration.
fn one(dialect: Dialect, table: &Table, known: Option<(&Written, &Table)>) -> Pulled {
    let mut types = BTreeSet::new();
    let mut columns: Vec<(usize, Declared, Vec<String>)> = Vec::new();
    let mut left_out = Vec::new();
    for column in &table.columns {
        if is_row_number(table, column) {
            continue;
        }
        if !is_plain(&column.name) {
            left_out.push(format!(
                "the column `{}`: the name is not plain small letters, or a keyword of Rust",
                column.name
            ));
            continue;
        }
        let words = known.and_then(|(words, declared)| {
            let place = words
                .columns
                .iter()
                .position(|one| one.name == column.name)?;
            let is_same = facts(table, &column.name) == facts(declared, &column.name);
            is_same.then(|| (place, &words.columns[place]))
        });
        let declared = declaration(&table.name, &column.name);
        if let (Some((place, words)), Some(declared)) = (words, declared) {
            note_types(&mut types, &words.rust_type);
            columns.push((place, declared, words.lines.clone()));
            continue;
        }
        let guess = guess::column(dialect, table, column);
        note_types(&mut types, &guess.rust_type);
        let mut lines = Vec::new();
        if let Some(words) = guess.column.words {
            lines.push(format!("// One of: {}.", words.join(", ")));
        }
        lines.push(guess.line());
        columns.push((usize::MAX, guess.column, lines));
    }
    columns.sort_by_key(|(place, ..)| *place);
    let declared: Vec<Declared> = columns.iter().map(|(_, column, _)| *column).collect();
    let declared: &'static [Declared] = declared.leak();
    let find = |name: &str| declared.iter().find(|column| column.name == name);
    let search = search(dialect, table);
    let indexes: Vec<&'static [Declared]> = ordered_indexes(table)
        .into_iter()
        .filter_map(|names| {
            let columns: Option<Vec<Declared>> =
                names.iter().map(|name| find(name).copied()).collect();
            columns.map(|columns| -> &'static [Declared] { columns.leak() })
        })
        .collect();
    let mut made = DeclaredTable::new(table.name.clone().leak(), declared, indexes.leak());
    if let Some(column) = search.as_deref().and_then(find) {
        made = made.search(*column);
    }
    Pulled {
        table: made,
        docs: known.map_or_else(Vec::new, |(words, _)| words.docs.clone()),
        row: known.map_or_else(|| row_name(&table.name), |(words, _)| words.row.clone()),
        columns: columns.into_iter().map(|(_, _, lines)| lines).collect(),
        types,
        left_out,
    }
}

/// The present declaration of a column.
fn declaration(table: &str, column: &str) -> Option<Declared> {
    let table = TABLES.iter().find(|one| one.name == table)?;
    table.columns.iter().find(|one| one.name == column).copied()
}

/// Everything about one column that its declaration says.
fn facts(table: &Table, column: &str) -> impl PartialEq + use<> {
    let own = [column.to_owned()];
    let uniques = table.uniques.iter().any(|unique| unique.columns == own);
    let keys = table.foreign_keys.iter().filter(|key| key.columns == own);
    let keys = keys.map(|key| ForeignKey {
        name: None,
        ..key.clone()
    });
    let checks = table.checks.iter().map(|check| check.condition.clone());
    let checks = checks.filter(|condition| condition.sql.contains(column));
    (
        table.column(column).cloned(),
        key(table).contains(&own[0]),
        uniques,
        keys.collect::<Vec<_>>(),
        checks.collect::<Vec<Expression>>(),
    )
}

/// The columns of each index that declarations can have. The declared ones first, in their order.
fn ordered_indexes(table: &Table) -> Vec<Vec<String>> {
    let declared = TABLES.iter().find(|one| one.name == table.name);
    let declared: Vec<Vec<String>> = declared
        .into_iter()
        .flat_map(|table| table.indexes)
        .map(|columns| {
            columns
                .iter()
                .map(|column| column.name.to_owned())
                .collect()
        })
        .collect();
    let place = |columns: &Vec<String>| {
        let mut all = declared.iter();
        all.position(|one| one == columns).unwrap_or(usize::MAX)
    };
    let is_plain = |index: &&Index| {
        let columns = |part: &Expression| table.column(&part.canonical).is_some();
        !index.is_unique
            && index.method.is_none()
            && index.condition.is_none()
            && index.parts.iter().all(columns)
    };
    let indexes = table.indexes.iter().filter(is_plain);
    let mut all: Vec<Vec<String>> = indexes
        .map(|index| {
            index
                .parts
                .iter()
                .map(|part| part.canonical.clone())
                .collect()
        })
        .collect();
    all.sort_by_key(place);
    all
}

/// The column that full-text search looks at.
fn search(dialect: Dialect, table: &Table) -> Option<String> {
    let names = |sql: &str| {
        let words = |c: char| !c.is_alphanumeric() && c != '_';
        let found: Vec<&str> = sql.split(words).collect();
        let mut columns = table.columns.iter();
        columns
            .find(|column| found.contains(&column.name.as_str()))
            .map(|column| column.name.clone())
    };
    match dialect {
        Dialect::Sqlite => {
            let sql = &table.search.as_ref()?.table.sql;
            let arguments = sql.split_once('(')?.1;
            names(arguments.split(',').next()?)
        }
        Dialect::Postgres | Dialect::MySql => {
            let is_search = |index: &&Index| match index.method.as_deref() {
                Some("gin") => index.parts[0]
                    .canonical
                    .starts_with("to_tsvector('simple', "),
                Some(method) => method == "fulltext",
                None => false,
            };
            let index = table.indexes.iter().find(is_search)?;
            let [part] = index.parts.as_slice() else {
                return None;
            };
            names(&part.canonical)
        }
    }
}

/// A type without `Option`.
fn plain_type(rust_type: &str) -> &str {
    let inner = rust_type.strip_prefix("Option<");
    inner
        .and_then(|inner| inner.strip_suffix('>'))
        .unwrap_or(rust_type)
}

fn note_types(types: &mut BTreeSet<String>, rust_type: &str) {
    let plain = plain_type(rust_type);
    if !OWN_TYPES.contains(&plain) {
        types.insert(plain.to_owned());
    }
}

/// Makes DDL of the declarations, and notes where that is not the database.
fn compare(schema: &Schema, all: &mut [Pulled]) -> Result<(), String> {
    let dialect = schema.dialect;
    let sql: Vec<String> = all
        .iter()
        .map(|one| ddl::create(dialect, &one.table))
        .collect();
    let reached = from_ddl(dialect, &sql.concat())?;
    for one in all {
        let only = |schema: &Schema| Schema {
            dialect,
            tables: schema.table(one.table.name).cloned().into_iter().collect(),
            views: Vec::new(),
        };
        let (there, reached) = (only(schema), only(&reached));
        let difference = diff(&there, &reached, &Renames::default())?;
        let changes = difference.changes.iter();
        one.left_out
            .extend(changes.filter_map(|change| left_out::sentence(dialect, change)));
        one.left_out.extend(other_names(&there, &reached));
        let triggers = there.tables.iter().flat_map(|table| &table.triggers);
        one.left_out
            .extend(triggers.map(|trigger| format!("the trigger `{}`", trigger.name)));
    }
    Ok(())
}

/// An import of several `types` of a crate, in the lines that rustfmt makes of it.
fn import(name: &str, types: &[&str]) -> String {
    const WIDTH: usize = 100;
    let line = format!("use {name}::{{{}}};\n", types.join(", "));
    if line.trim_end().len() <= WIDTH {
        return line;
    }
    let mut lines = vec![String::new()];
    for one in types {
        let last = lines.last().map_or(0, String::len);
        // The blanks in front, and the comma behind.
        if last > 0 && 4 + last + 1 + one.len() + 1 > WIDTH {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            let blank = if last.is_empty() { "" } else { " " };
            last.push_str(&format!("{blank}{one},"));
        }
    }
    format!("use {name}::{{\n    {}\n}};\n", lines.join("\n    "))
}

fn text(all: &[Pulled], comments: &[String], source: &str) -> String {
    let is_known = source.contains("\ntable! {\n");
    let head = source.lines().take_while(|line| line.starts_with("//!"));
    let mut text: String = if is_known {
        head.map(|line| format!("{line}\n")).collect()
    } else {
        "//! Every table.\n".to_owned()
    };
    let types: BTreeSet<&String> = all.iter().flat_map(|one| &one.types).collect();
    let types: Vec<&str> = types.into_iter().map(String::as_str).collect();
    if let [one] = types.as_slice() {
        text.push_str(&format!("\nuse domain::{one};\n"));
    } else if !types.is_empty() {
        text.push('\n');
        text.push_str(&import("domain", &types));
    }
    let written = read(source);
    let known = written.iter().flat_map(|table| &table.columns);
    let known: BTreeSet<&str> = known.map(|column| plain_type(&column.rust_type)).collect();
    let new: Vec<&str> = types
        .iter()
        .copied()
        .filter(|one| !known.contains(one))
        .collect();
    if !new.is_empty() && is_known {
        text.push_str(&format!(
            "// New in the domain, if it lacks them (ids and words have a macro each there): {}.\n",
            new.join(", ")
        ));
    }
    let is_used = |name: &str| {
        let start = format!("{name}::");
        let mut lines = all.iter().flat_map(|one| one.columns.iter().flatten());
        lines.any(|line| line.contains(&start))
    };
    let used = ["DefaultValue", "Personal"].into_iter();
    let mut used: Vec<&str> = used.filter(|name| is_used(name)).collect();
    used.push("Table");
    text.push_str(&match used.as_slice() {
        [one] => format!("\nuse super::{one};\nuse super::macros::table;\n"),
        all => format!(
            "\nuse super::macros::table;\nuse super::{{{}}};\n",
            all.join(", ")
        ),
    });
    text.push_str("\n/// Every table, parents first.\npub const TABLES: &[Table] = &[\n");
    for one in all {
        text.push_str(&format!("    {}::TABLE,\n", one.table.name));
    }
    text.push_str("];\n");
    for comment in comments {
        text.push_str(&format!("\n// Not expressed: {comment}.\n"));
    }
    for one in all {
        text.push_str(&block(one));
    }
    text
}

fn block(one: &Pulled) -> String {
    let mut text = String::from("\ntable! {\n");
    for line in &one.docs {
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str(&format!("    {}: {} {{\n", one.table.name, one.row));
    for line in one.columns.iter().flatten() {
        text.push_str(&format!("        {line}\n"));
    }
    let indexes = one.table.indexes.iter().map(|columns| {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        format!("[{}]", names.join(", "))
    });
    let indexes: Vec<String> = indexes.collect();
    text.push_str(&format!("    }}\n    indexes: [{}]\n", indexes.join(", ")));
    if let Some(column) = &one.table.search {
        text.push_str(&format!("    search: {}\n", column.name));
    }
    text.push_str("}\n");
    for sentence in &one.left_out {
        text.push_str(&format!("// Not expressed: {sentence}.\n"));
    }
    text
}
