//! One-time codes. Each is good for one purpose, in the browser that asked for it, for one use and few attempts.

use domain::lifetimes::{CODES_KEPT, MAX_CODE_ATTEMPTS, VERIFICATION_TTL};
use domain::{CodeId, CodePurpose, Email, Timestamp};
use sea_query::{Cond, ExprTrait, Query as Build, UpdateStatement};

use super::count::{count, total_of};
use super::helpers::{col, from, value};
use super::query::{Query, Runnable};
use super::render::render;
use super::writes::{changed, delete, null, update};
use crate::schema::macros::row;
use crate::schema::tables::{Code, codes};
use crate::{Db, DbError};

/// The codes that are read to find the last: no person asks for more within a day.
const MAX_READ: u64 = 100;

row! {
    /// A code that was used.
    UsedCode {
        id = codes::id,
        user_id = codes::user_id,
        email = codes::email,
    }
}

row! {
    /// A code that a browser has asked for.
    RequestedCode {
        id = codes::id,
        user_id = codes::user_id,
        email = codes::email,
        attempts = codes::attempts,
        expires_at = codes::expires_at,
        used_at = codes::used_at,
        created_at = codes::created_at,
    }
}

impl RequestedCode {
    /// True if it can still be right.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.attempts < MAX_CODE_ATTEMPTS
    }
}

/// Finds the code that a browser has asked for last within a day, if it was not used, also where it is void by now: its address is
/// where another one is sent. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn asked(
    db: &Db,
    purpose: CodePurpose,
    browser_hash: &str,
    now: Timestamp,
) -> Result<Option<RequestedCode>, DbError> {
    let mut select = from(codes::TABLE);
    select
        .and_where(col(codes::browser_hash).eq(browser_hash))
        .and_where(col(codes::purpose).eq(purpose.as_str()))
        .and_where(col(codes::created_at).gt(value(&(now - VERIFICATION_TTL))))
        .limit(MAX_READ);
    let all = db.all(Query::<RequestedCode>::new(select)).await?;
    let last = all
        .into_iter()
        .max_by_key(|code| (code.created_at, code.id));
    Ok(last.filter(|code| code.used_at.is_none()))
}

/// Finds the code of this hash if it was used in this browser since a time: a form that is sent again is not another use. One
/// statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn used_since(
    db: &Db,
    purpose: CodePurpose,
    browser_hash: &str,
    code_hash: &str,
    since: Timestamp,
) -> Result<Option<UsedCode>, DbError> {
    let mut select = from(codes::TABLE);
    select
        .and_where(col(codes::browser_hash).eq(browser_hash))
        .and_where(col(codes::purpose).eq(purpose.as_str()))
        .and_where(col(codes::code_hash).eq(code_hash))
        .and_where(col(codes::used_at).gt(value(&since)));
    db.first(Query::new(select)).await
}

/// Withdraws a code that was not sent after all. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn withdraw(db: &Db, id: CodeId) -> Result<(), DbError> {
    let statement = render(db.dialect(), &delete(codes::id, &id));
    db.run(&statement).await.map(drop)
}

/// Makes a code good again that was right, and could not be used for what it is for: its attempt stays counted. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn give_back(db: &Db, id: CodeId) -> Result<(), DbError> {
    let mut update = update(codes::id, &id);
    update.value(codes::used_at.name, null());
    db.run(&render(db.dialect(), &update)).await.map(drop)
}

/// Adds a code. Those that the browser asked for before, for the same purpose, are void from now on; those that were sent to the
/// address long ago are deleted. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn insert(db: &Db, code: &Code) -> Result<(), DbError> {
    let (dialect, now) = (db.dialect(), code.created_at);
    let mut void = of_browser(code.purpose, &code.browser_hash);
    void.value(codes::expires_at.name, value(&now))
        .and_where(col(codes::id).ne(value(&code.id)))
        .cond_where(is_usable(now));
    let mut clear = Build::delete();
    clear
        .from_table(codes::TABLE.name)
        .and_where(col(codes::email).eq(code.email.as_str()))
        .and_where(col(codes::created_at).lt(value(&(now - CODES_KEPT))));
    let mut statements = super::insert(dialect, std::slice::from_ref(code));
    statements.extend([render(dialect, &void), render(dialect, &clear)]);
    db.write(&statements).await.map(drop)
}

/// Tries a code, and uses it up if it is right: of any number of uses at the same time, one succeeds. Every attempt counts, and after
/// [`MAX_CODE_ATTEMPTS`] none is right. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn take(
    db: &Db,
    purpose: CodePurpose,
    browser_hash: &str,
    code_hash: &str,
    now: Timestamp,
) -> Result<Option<UsedCode>, DbError> {
    let dialect = db.dialect();
    // It is counted before it is compared, and the row is this write's own from then on: many guesses at once are as many attempts.
    let mut attempt = of_browser(purpose, browser_hash);
    attempt
        .value(codes::attempts.name, col(codes::attempts).add(1i64))
        .cond_where(is_usable(now));
    let mut take = of_browser(purpose, browser_hash);
    take.value(codes::used_at.name, value(&now))
        .and_where(col(codes::code_hash).eq(code_hash))
        .and_where(col(codes::attempts).lte(MAX_CODE_ATTEMPTS))
        .cond_where(is_usable(now));
    let statements = [
        render(dialect, &attempt),
        render(dialect, &take),
        taken(purpose, browser_hash, code_hash, now).into_statement(dialect),
    ];
    let mut rows = db.write(&statements).await?;
    let is_taken = changed(&rows, 1);
    let used = rows.pop().unwrap_or_default().decode::<UsedCode>()?;
    Ok(used.into_iter().next().filter(|_| is_taken))
}

/// The code of this hash that was used in this browser at `now`: the same digits may have been drawn before.
pub(super) fn taken(
    purpose: CodePurpose,
    browser_hash: &str,
    code_hash: &str,
    now: Timestamp,
) -> Query<UsedCode> {
    let mut select = from(codes::TABLE);
    select
        .and_where(col(codes::browser_hash).eq(browser_hash))
        .and_where(col(codes::purpose).eq(purpose.as_str()))
        .and_where(col(codes::code_hash).eq(code_hash))
        .and_where(col(codes::used_at).eq(value(&now)));
    Query::new(select)
}

/// Counts the codes that were sent to an address since a time, up to 1,001: who sends mail decides how many are enough. One
/// statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn sent_since(db: &Db, email: &Email, since: Timestamp) -> Result<u32, DbError> {
    let mut select = from(codes::TABLE);
    select
        .and_where(col(codes::email).eq(email.as_str()))
        .and_where(col(codes::created_at).gt(value(&since)));
    Ok(total_of(&db.all(count(&select, codes::id)).await?))
}

/// An update of the codes of a browser.
fn of_browser(purpose: CodePurpose, browser_hash: &str) -> UpdateStatement {
    let mut update = Build::update();
    update
        .table(codes::TABLE.name)
        .and_where(col(codes::browser_hash).eq(browser_hash))
        .and_where(col(codes::purpose).eq(purpose.as_str()));
    update
}

/// The condition that a code was not used and has not expired.
fn is_usable(now: Timestamp) -> Cond {
    Cond::all()
        .add(col(codes::used_at).is_null())
        .add(col(codes::expires_at).gt(value(&now)))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let email = Email::parse("ada@example.com").expect("an address");
        let code = Code {
            id: CodeId(uuid::Uuid::nil()),
            purpose: CodePurpose::SignIn,
            user_id: None,
            email: email.as_str().to_owned(),
            code_hash: "code".to_owned(),
            browser_hash: "browser".to_owned(),
            attempts: 0,
            expires_at: now,
            used_at: None,
            created_at: now,
        };
        check("codes", |queries, with| {
            let db = &with.db;
            queries.query("insert", insert(db, &code));
            queries.query("take", take(db, code.purpose, "browser", "code", now));
            queries.query("asked", asked(db, code.purpose, "browser", now));
            queries.query(
                "used_since",
                used_since(db, code.purpose, "browser", "code", now),
            );
            queries.query("withdraw", withdraw(db, code.id));
            queries.query("give_back", give_back(db, code.id));
            queries.query("sent_since", sent_since(db, &email, now));
        });
    }
}
