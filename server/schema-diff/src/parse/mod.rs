//! DDL to the model. Owns what counts as the same: types by their aliases, expressions by their canonical form.
//! Absent: statements that change a table; readers give what a database has in the end.

mod column;
mod table;

use db::Dialect;
use db::schema::{TABLES, ddl};
use sqlparser::ast::{CreateIndex, Expr as SqlExpr, Statement};
use sqlparser::dialect::{Dialect as Grammar, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use crate::canonical::canonical;
use crate::model::{Expression, Index, Schema, Search, Stored, Unique};
use crate::order;

/// A statement that makes a part of a schema.
pub(crate) enum Part {
    /// CREATE TABLE or CREATE INDEX.
    Sql(String),
    /// A virtual table, and the table whose rows it indexes.
    Virtual(Stored, String),
    /// A trigger, and its table.
    Trigger(Stored, String),
    /// A view.
    View(Stored),
}

/// The declared schema.
///
/// # Errors
/// A sentence about a declaration that cannot be read.
pub fn declared(dialect: Dialect) -> Result<Schema, String> {
    let sql: Vec<String> = TABLES
        .iter()
        .map(|table| ddl::create(dialect, table))
        .collect();
    from_ddl(dialect, &sql.concat())
}

/// The schema that a text of CREATE statements makes, each ended by a semicolon at the end of a line.
///
/// # Errors
/// A sentence about a statement that cannot be read.
pub fn from_ddl(dialect: Dialect, text: &str) -> Result<Schema, String> {
    let mut all = vec![String::new()];
    for line in text.lines().filter(|line| !line.starts_with("--")) {
        let statement = all.last_mut().ok_or("no statement")?;
        statement.push_str(line);
        statement.push('\n');
        let is_trigger = statement.starts_with("CREATE TRIGGER");
        if line == "END;" || line.ends_with(';') && !is_trigger {
            all.push(String::new());
        }
    }
    let statements = all.iter().map(|one| one.trim().trim_end_matches(';'));
    let parts = statements.filter(|one| !one.is_empty()).map(part).collect();
    schema(dialect, parts)
}

/// A statement as a part: SQLite's own kinds are known by their first words, and are not parsed.
pub(crate) fn part(sql: &str) -> Part {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let name = |at: usize| {
        let word = words.get(at).copied().unwrap_or_default();
        let word = word.split('(').next().unwrap_or_default();
        word.trim_matches(['"', '`', '[', ']']).to_owned()
    };
    let stored = |at: usize| Stored {
        name: name(at),
        sql: sql.to_owned(),
    };
    if is(1, "VIRTUAL") {
        let content = sql.split("content='").nth(1).unwrap_or_default();
        let content = content.split('\'').next().unwrap_or_default().to_owned();
        Part::Virtual(stored(3), content)
    } else if is(1, "TRIGGER") {
        let on = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case("on"));
        Part::Trigger(stored(2), name(on.map_or(0, |at| at + 1)))
    } else if is(1, "VIEW") {
        Part::View(stored(2))
    } else {
        Part::Sql(sql.to_owned())
    }
}

/// The schema that `parts` make together; tables before what belongs to them.
pub(crate) fn schema(dialect: Dialect, parts: Vec<Part>) -> Result<Schema, String> {
    let mut schema = Schema {
        dialect,
        tables: Vec::new(),
        views: Vec::new(),
    };
    let mut triggers = Vec::new();
    for part in parts {
        match part {
            Part::Sql(sql) => read(&mut schema, &sql)?,
            Part::Virtual(table, content) => {
                let search = Search {
                    table,
                    triggers: Vec::new(),
                };
                find(&mut schema, &content)?.search = Some(search);
            }
            Part::Trigger(trigger, table) => triggers.push((trigger, table)),
            Part::View(view) => schema.views.push(view),
        }
    }
    for (trigger, table) in triggers {
        let table = find(&mut schema, &table)?;
        let search = table.search.as_mut();
        match search.filter(|search| trigger.sql.contains(&search.table.name)) {
            Some(search) => search.triggers.push(trigger),
            None => table.triggers.push(trigger),
        }
    }
    for table in &mut schema.tables {
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(search) = &mut table.search {
            search.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }
    schema.tables = order::parents_first(schema.tables);
    Ok(schema)
}

fn find<'a>(schema: &'a mut Schema, name: &str) -> Result<&'a mut crate::model::Table, String> {
    let table = schema.tables.iter_mut().find(|table| table.name == name);
    table.ok_or_else(|| format!("there is no table {name} for what refers to it"))
}

fn read(schema: &mut Schema, sql: &str) -> Result<(), String> {
    let unread = |why: String| {
        let first = sql.lines().next().unwrap_or_default();
        format!("`{first} …` cannot be read: {why}")
    };
    // The parser does not know this one statement of MySQL.
    let (text, is_fulltext) = match sql.strip_prefix("CREATE FULLTEXT INDEX") {
        Some(rest) => (format!("CREATE INDEX{rest}"), true),
        None => (sql.to_owned(), false),
    };
    let mut statements = Parser::parse_sql(&*grammar(schema.dialect), &text)
        .map_err(|error| unread(error.to_string()))?;
    match statements.pop() {
        Some(Statement::CreateTable(create)) if statements.is_empty() => {
            let table = table::table(schema.dialect, &create).map_err(unread)?;
            schema.tables.push(table);
            Ok(())
        }
        Some(Statement::CreateIndex(create)) if statements.is_empty() => {
            let (table, mut index) = index(&create).map_err(unread)?;
            if is_fulltext {
                index.method = Some("fulltext".to_owned());
            }
            let keeps_uniques = schema.dialect == Dialect::MySql;
            add_index(keeps_uniques, find(schema, &table)?, index);
            Ok(())
        }
        _ => Err(unread("it makes no table and no index".to_owned())),
    }
}

/// MySQL has no unique index that is not a constraint too.
pub(crate) fn add_index(keeps_uniques: bool, table: &mut crate::model::Table, index: Index) {
    if keeps_uniques && index.is_unique {
        table.uniques.push(Unique {
            name: Some(index.name),
            columns: index.parts.into_iter().map(|part| part.canonical).collect(),
        });
    } else {
        table.indexes.push(index);
    }
}

fn index(create: &CreateIndex) -> Result<(String, Index), String> {
    let name = create.name.as_ref().ok_or("an index without a name")?;
    let method = create.using.as_ref();
    let method = method.map(|using| using.to_string().to_lowercase());
    let index = Index {
        name: last(name),
        is_unique: create.unique,
        method: method.filter(|method| method != "btree"),
        parts: create.columns.iter().map(index_part).collect(),
        condition: create.predicate.as_ref().map(expression),
    };
    Ok((last(&create.table_name), index))
}

/// A column of an index, or an expression, with its direction.
pub(crate) fn index_part(column: &sqlparser::ast::IndexColumn) -> Expression {
    let order = &column.column;
    let is_desc = order.options.to_string().to_uppercase().contains("DESC");
    let end = if is_desc { " DESC" } else { "" };
    Expression {
        sql: format!("{}{end}", order.expr),
        canonical: format!("{}{}", canonical(&order.expr), end.to_lowercase()),
    }
}

pub(crate) fn expression(expr: &SqlExpr) -> Expression {
    let expr = match expr {
        SqlExpr::Nested(inner) => inner,
        other => other,
    };
    Expression {
        sql: expr.to_string(),
        canonical: canonical(expr),
    }
}

/// The name without the schema before it.
pub(crate) fn last(name: &sqlparser::ast::ObjectName) -> String {
    let part = name.0.last().and_then(|part| part.as_ident());
    part.map(|name| name.value.clone()).unwrap_or_default()
}

fn grammar(dialect: Dialect) -> Box<dyn Grammar> {
    match dialect {
        Dialect::Sqlite => Box::new(SQLiteDialect {}),
        Dialect::Postgres => Box::new(PostgreSqlDialect {}),
        Dialect::MySql => Box::new(MySqlDialect {}),
    }
}
