//! Everything that is somebody's own, from every table, for the copy that they may take. Owns that no secret is in it, and nothing
//! of anybody else's.

use domain::{Timestamp, UserId};
use sea_query::{Expr, ExprTrait, Func, Query as Build, SelectStatement};
use uuid::Uuid;

use super::helpers::{col, qualified, value};
use super::render::render;
use crate::schema::tables::{
    api_tokens, codes, comments, drafts, events, idempotency_keys, invites, passkeys, post_slugs,
    posts, profile_links, revisions, sessions, user_handles, users,
};
use crate::schema::{Column, Personal, TABLES, Table};
use crate::value::Kind;
use crate::{Cells, Db, DbError, Statement, ToValue, Value};

/// The most characters that one copy holds: it is made in the memory of a Worker, which has 128 MB.
pub const MAX_LENGTH: u64 = 8_000_000;

/// The characters that an event takes in a copy, about: ids, times and the names of columns. The rows of other tables are few, or are
/// long by what was written.
pub const EVENT_LENGTH: u64 = 400;

/// The columns by which rows are somebody's own, one of each table.
const OWNERS: [Column; 12] = [
    users::id,
    posts::author_id,
    comments::author_id,
    sessions::user_id,
    api_tokens::user_id,
    idempotency_keys::user_id,
    passkeys::user_id,
    codes::user_id,
    invites::created_by,
    user_handles::user_id,
    profile_links::user_id,
    events::user_id,
];

/// The columns by which rows belong to somebody's posts.
const OF_POSTS: [Column; 3] = [post_slugs::post_id, drafts::post_id, revisions::post_id];

/// The rows of one table that are somebody's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRows {
    /// The name of the table.
    pub table: &'static str,
    /// The columns that are told.
    pub columns: Vec<Column>,
    /// The values, each of its column's kind.
    pub rows: Vec<Vec<Value>>,
}

impl OwnRows {
    /// The value of `column` in a row; NULL if it is not told.
    pub fn value<'a>(&self, row: &'a [Value], column: Column) -> &'a Value {
        let at = self.columns.iter().position(|one| *one == column);
        at.and_then(|at| row.get(at)).unwrap_or(&Value::Null)
    }
}

/// The characters (on MySQL, the bytes) of everything that a user has written, and about as many as the events of their account take,
/// from which follows whether their data can be held in memory. One batch of five.
///
/// # Errors
/// Any [`DbError`].
pub async fn length(db: &Db, user: UserId) -> Result<u64, DbError> {
    let dialect = db.dialect();
    let lengths = |mut select: SelectStatement, text: Column| {
        select.expr(Func::cust("LENGTH").arg(col(text)));
        render(dialect, &select)
    };
    let mut number_of_events = of(events::user_id, user);
    number_of_events.expr(Expr::cust("COUNT(1)"));
    let statements = [
        lengths(of(posts::author_id, user), posts::content),
        lengths(of_posts(drafts::post_id, user), drafts::content),
        lengths(of_posts(revisions::post_id, user), revisions::content),
        lengths(of(comments::author_id, user), comments::body),
        render(dialect, &number_of_events),
    ];
    let rows = db.read(&statements).await?;
    let mut total = 0;
    for (rows, each) in rows.into_iter().zip([1, 1, 1, 1, EVENT_LENGTH]) {
        for cell in rows.cells {
            let number: i64 = Cells::new(&mut [cell]).take(&posts::content)?;
            total += u64::try_from(number).unwrap_or(0) * each;
        }
    }
    Ok(total)
}

/// Reads every row that is a user's own, of every table, in the order of the declared tables. One batch, of a statement for each.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_user(db: &Db, user: UserId) -> Result<Vec<OwnRows>, DbError> {
    let statements: Vec<Statement> = TABLES
        .iter()
        .filter_map(|table| {
            let mut select = own(*table, user)?;
            for column in told(table) {
                select.column(qualified(*column));
            }
            Some(render(db.dialect(), &select))
        })
        .collect();
    let tables = TABLES.iter().filter(|table| own(**table, user).is_some());
    let found = db.read(&statements).await?;
    tables
        .zip(found)
        .map(|(table, rows)| {
            let columns: Vec<Column> = told(table).copied().collect();
            let mut cells = rows.cells;
            let rows = cells.chunks_exact_mut(columns.len());
            let rows: Result<Vec<_>, DbError> =
                rows.map(|row| typed(&columns, row, user)).collect();
            Ok(OwnRows {
                table: table.name,
                columns,
                rows: rows?,
            })
        })
        .collect()
}

/// The rows of a table that are a user's own, without columns; `None` for a table that has no such rows.
fn own(table: Table, user: UserId) -> Option<SelectStatement> {
    let of_post = OF_POSTS
        .into_iter()
        .find(|column| column.table == table.name);
    if let Some(post) = of_post {
        return Some(of_posts(post, user));
    }
    let owner = OWNERS.into_iter().find(|owner| owner.table == table.name)?;
    Some(of(owner, user))
}

/// The rows that belong to a user's posts, by the column that says to which one.
fn of_posts(post: Column, user: UserId) -> SelectStatement {
    let mut written = of(posts::author_id, user);
    written.column(qualified(posts::id));
    let mut select = Build::select();
    select
        .from(post.table)
        .and_where(col(post).in_subquery(written));
    select
}

fn of(owner: Column, user: UserId) -> SelectStatement {
    let mut select = Build::select();
    select
        .from(owner.table)
        .and_where(Expr::col(qualified(owner)).eq(value(&user)));
    select
}

/// The columns of a table that are told: neither secrets, nor what is made of other columns.
fn told(table: &Table) -> impl Iterator<Item = &'static Column> {
    table.columns.iter().filter(|column| {
        let is_secret_or_derived = matches!(
            column.personal,
            Some(Personal::Password | Personal::LeaveOut | Personal::Derived)
        );
        // An address is its user's own.
        let is_told = !is_secret_or_derived || **column == events::address;
        // The stored number of posts counts those whose time is still to come.
        is_told && !column.name.ends_with("_hash") && **column != users::post_count
    })
}

/// A row whose values are of their columns' kinds. What somebody else did to the account is told without who it was, and from where.
fn typed(columns: &[Column], row: &mut [Value], user: UserId) -> Result<Vec<Value>, DbError> {
    let mut cells = Cells::new(row);
    let mut values = Vec::with_capacity(columns.len());
    for column in columns {
        values.push(match column.kind {
            Kind::Bool => cells.take::<Option<bool>>(column)?.to_value(),
            Kind::Int => cells.take::<Option<i64>>(column)?.to_value(),
            Kind::Float => cells.take::<Option<f64>>(column)?.to_value(),
            Kind::Text => cells.take::<Option<String>>(column)?.to_value(),
            Kind::Bytes => cells.take::<Option<Vec<u8>>>(column)?.to_value(),
            Kind::Uuid => (cells.take::<Option<Uuid>>(column)?).map_or(Value::Null, Value::Uuid),
            Kind::Time => cells.take::<Option<Timestamp>>(column)?.to_value(),
        });
    }
    let by_user = (events::actor_id, Value::Uuid(user.0));
    let mut pairs = columns.iter().zip(&values);
    let is_others = columns.contains(&events::actor_id)
        && !pairs.any(|(column, value)| (*column, value) == (by_user.0, &by_user.1));
    if is_others {
        for (column, value) in columns.iter().zip(&mut values) {
            if [events::actor_id, events::session_id, events::address].contains(column) {
                *value = Value::Null;
            }
        }
    }
    Ok(values)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;
    use crate::schema::SOURCE;

    #[test]
    fn statements() {
        let user = UserId(Uuid::nil());
        check("personal_data", |queries, with| {
            queries.query("length", length(&with.db, user));
            queries.query("of_user", of_user(&with.db, user));
        });
    }

    /// The columns that are declared to hold the id of a user.
    fn declared() -> Vec<String> {
        let (mut table, mut found) = ("", Vec::new());
        for line in SOURCE.lines().map(str::trim) {
            let Some((name, rest)) = line.split_once(": ") else {
                continue;
            };
            if rest.ends_with('{') {
                table = name;
            } else if rest.starts_with("UserId") || rest.starts_with("Option<UserId>") {
                found.push(format!("{table}.{name}"));
            }
        }
        found
    }

    /// A new table with a column for a user must be told, too, or the column be one of somebody else.
    #[test]
    fn every_column_of_a_user_makes_rows_their_own_or_does_not() {
        const OF_OTHERS: [Column; 4] = [
            invites::used_by,
            events::actor_id,
            drafts::saved_by,
            revisions::saved_by,
        ];
        let name = |column: &Column| format!("{}.{}", column.table, column.name);
        let mut known: Vec<String> = OWNERS.iter().chain(&OF_OTHERS).map(name).collect();
        let mut declared = declared();
        known.sort();
        declared.sort();
        assert_eq!(declared, known);
        let user = UserId(Uuid::nil());
        let untold = TABLES.iter().filter(|table| own(**table, user).is_none());
        let untold: Vec<&str> = untold.map(|table| table.name).collect();
        assert_eq!(untold, [""; 0], "have they rows of a user?");
    }

    #[test]
    fn no_secret_is_told() {
        for table in TABLES {
            for column in told(table) {
                let name = format!("{}.{}", column.table, column.name);
                assert!(!name.contains("hash") && !name.contains("secret"), "{name}");
            }
        }
        let keys = [sessions::id, passkeys::id, idempotency_keys::key];
        let mut told = TABLES.iter().flat_map(told);
        assert!(!told.any(|column| keys.contains(column)));
    }
}
