//! Erasing an account, as its user asks: first it is closed, for as long as the user may change their mind; then it is gone. Either
//! everything goes, or posts and comments stay under the name of a former member.
//!
//! While the account is closed and everything is to go, its posts and comments are hidden, and the counts of comments say so.

use domain::lifetimes::ERASURE_DELAY;
use domain::{PostStatus, Role, Timestamp, UserId};
use sea_query::{Cond, Expr, ExprTrait, Order, Query as Build, SelectStatement, SimpleExpr};

use super::admin::leaves_an_admin;
use super::helpers::{col, from, qualified, value};
use super::query::Query;
use super::render::render;
use super::revisions;
use super::writes::{
    NO_PASSWORD, changed, delete, exists, having, insert_if, lock, lock_admins, null, update,
};
use crate::schema::Column;
use crate::schema::macros::row;
use crate::schema::tables::{
    Event, api_tokens, codes, comments, drafts, events, idempotency_keys, invites, passkeys, posts,
    profile_links, revisions as columns, sessions, user_handles, users,
};
use crate::{Db, DbError, Dialect, Statement};

/// The accounts that one call of [`due`] gives.
const MAX_DUE: u64 = 50;

/// The name of an account that was erased and whose posts stayed.
pub const FORMER_MEMBER: &str = "Former member";

/// The columns by which rows belong to an account, other than what its user wrote.
pub(crate) const BELONGINGS: [Column; 8] = [
    sessions::user_id,
    api_tokens::user_id,
    idempotency_keys::user_id,
    passkeys::user_id,
    codes::user_id,
    invites::created_by,
    user_handles::user_id,
    profile_links::user_id,
];

row! {
    /// An account that is due to be erased.
    DueErasure {
        user_id = users::id,
        keeps_posts = users::keeps_posts,
        erase_at = users::erase_at,
    }
}

/// Closes an account, to be erased after [`ERASURE_DELAY`], and ends its sessions. False if it is closed, or no administrator would
/// be left. One batch of six.
///
/// # Errors
/// Any [`DbError`].
pub async fn schedule(
    db: &Db,
    id: UserId,
    keeps_posts: bool,
    event: &Event,
) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let closes = || {
        let is_open = Cond::all()
            .add(col(users::deleted_at).is_null())
            .add(col(users::erase_at).is_null())
            .add(col(users::erased_at).is_null());
        is_open.add(leaves_an_admin(id))
    };
    let mut user = having(users::id, &id);
    user.cond_where(closes());
    let mut close = update(users::id, &id);
    close
        .value(users::erase_at.name, value(&(now + ERASURE_DELAY)))
        .value(users::keeps_posts.name, keeps_posts)
        .cond_where(closes());
    if !keeps_posts {
        close.value(users::deleted_at.name, value(&now));
    }
    let is_closing = || {
        let mut user = having(users::id, &id);
        user.and_where(col(users::erase_at).is_not_null());
        exists(user)
    };
    let mut end = delete(sessions::user_id, &id);
    end.and_where(is_closing());
    let mut statements = vec![
        lock_admins(dialect),
        lock(dialect, users::id, &id),
        insert_if(dialect, event, exists(user.clone())),
        render(dialect, &close),
        render(dialect, &end),
    ];
    if !keeps_posts {
        let comments = count_comments(dialect, id, Sign::Without, exists(user));
        statements.insert(3, comments);
    }
    let at = statements.len() - 2;
    Ok(changed(&db.write(&statements).await?, at))
}

/// Opens an account again that is to be erased and is not yet. False if it is not. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn undo(db: &Db, id: UserId, event: &Event) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let reopens = || Cond::all().add(col(users::erase_at).gt(value(&now)));
    let mut user = having(users::id, &id);
    user.cond_where(reopens());
    let mut hidden = user.clone();
    hidden.and_where(col(users::deleted_at).is_not_null());
    let mut reopen = update(users::id, &id);
    reopen
        .value(users::erase_at.name, null())
        .value(users::keeps_posts.name, false)
        .value(users::deleted_at.name, null())
        .cond_where(reopens());
    let statements = [
        lock(dialect, users::id, &id),
        insert_if(dialect, event, exists(user)),
        count_comments(dialect, id, Sign::With, exists(hidden)),
        render(dialect, &reopen),
    ];
    Ok(changed(&db.write(&statements).await?, 3))
}

/// The direction in which comments change a count.
enum Sign {
    With,
    Without,
}

/// Adds the comments of a user to the counts of their posts, or takes them away, if `condition` holds.
fn count_comments(dialect: Dialect, user: UserId, sign: Sign, condition: SimpleExpr) -> Statement {
    let theirs = |select: &mut SelectStatement| {
        select
            .from(comments::TABLE.name)
            .and_where(col(comments::author_id).eq(value(&user)))
            .and_where(col(comments::deleted_at).is_null());
    };
    let mut number = Build::select();
    number.expr(Expr::cust("COUNT(1)"));
    theirs(&mut number);
    number.and_where(col(comments::post_id).equals(qualified(posts::id)));
    let mut commented = Build::select();
    commented.column(qualified(comments::post_id));
    theirs(&mut commented);
    let number = SimpleExpr::SubQuery(None, Box::new(number.into()));
    let count = col(posts::comment_count);
    let count = match sign {
        Sign::With => count.add(number),
        Sign::Without => count.sub(number),
    };
    let mut update = Build::update();
    update
        .table(posts::TABLE.name)
        .value(posts::comment_count.name, count)
        .and_where(col(posts::id).in_subquery(commented))
        .and_where(condition);
    render(dialect, &update)
}

/// Lists accounts that are due to be erased at `now`, the longest due first; at most 50. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn due(db: &Db, now: Timestamp) -> Result<Vec<DueErasure>, DbError> {
    let mut select = from(users::TABLE);
    select
        .cond_where(is_due(now))
        .order_by(qualified(users::erase_at), Order::Asc)
        .limit(MAX_DUE);
    db.all(Query::new(select)).await
}

/// The condition that an account is due to be erased.
fn is_due(now: Timestamp) -> Cond {
    Cond::all().add(col(users::erase_at).lte(value(&now)))
}

/// Erases an account that is due: with everything that its user wrote, or all but that. Events about it go too; those about what its
/// user did to others stay, with an id that nothing explains and without the address that it was done from. False if it is not due, or
/// its user changed their mind. One batch.
///
/// # Errors
/// Any [`DbError`].
pub async fn erase(db: &Db, account: &DueErasure, event: &Event) -> Result<bool, DbError> {
    let (dialect, now, id) = (db.dialect(), event.created_at, account.user_id);
    let erases = || is_due(now).add(col(users::keeps_posts).eq(account.keeps_posts));
    let is_erased_now = || {
        let mut user = having(users::id, &id);
        user.cond_where(erases());
        exists(user)
    };
    let belongs = |column: Column| {
        let mut delete = delete(column, &id);
        delete.and_where(is_erased_now());
        render(dialect, &delete)
    };
    let mut forget_address = update(events::actor_id, &id);
    forget_address
        .value(events::address.name, null())
        .value(events::address_expires_at.name, null())
        .and_where(is_erased_now());
    let mut statements = vec![
        lock(dialect, users::id, &id),
        belongs(events::user_id),
        insert_if(dialect, event, is_erased_now()),
        render(dialect, &forget_address),
    ];
    if account.keeps_posts {
        statements.extend(BELONGINGS.map(belongs));
        statements.extend(unseen(dialect, id, &is_erased_now));
        statements.push(forget(dialect, id, now, erases()));
    } else {
        let mut delete = delete(users::id, &id);
        delete.cond_where(erases());
        statements.push(render(dialect, &delete));
    }
    let last = statements.len() - 1;
    Ok(changed(&db.write(&statements).await?, last))
}

/// Deletes what no reader saw of a user's posts, if `condition` holds: saved texts, earlier states, and posts that were never public.
fn unseen(dialect: Dialect, id: UserId, condition: &impl Fn() -> SimpleExpr) -> [Statement; 3] {
    let mut never_public = delete(posts::author_id, &id);
    never_public
        .and_where(col(posts::status).eq(PostStatus::Draft.as_str()))
        .and_where(col(posts::published_at).is_null())
        .and_where(condition());
    [
        revisions::forget(dialect, drafts::post_id, id, condition()),
        revisions::forget(dialect, columns::post_id, id, condition()),
        render(dialect, &never_public),
    ]
}

/// Makes a user a former member, if `condition` holds: the row stays for what refers to it.
fn forget(dialect: Dialect, id: UserId, now: Timestamp, condition: Cond) -> Statement {
    let name = id.0.simple().to_string();
    let handle: String = name.chars().skip(16).collect();
    let mut update = update(users::id, &id);
    update
        .value(users::handle.name, format!("former-member-{handle}"))
        .value(users::email.name, format!("{name}@erased.invalid"))
        .value(users::name.name, FORMER_MEMBER)
        .value(users::bio.name, "")
        .value(users::role.name, Role::Reader.as_str())
        .value(users::password_hash.name, NO_PASSWORD)
        .value(users::search_text.name, "")
        .value(users::email_verified_at.name, null())
        .value(users::suspended_at.name, null())
        .value(users::suspended_reason.name, null())
        .value(users::erase_at.name, null())
        .value(users::erased_at.name, value(&now))
        .value(users::updated_at.name, value(&now))
        .cond_where(condition);
    render(dialect, &update)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;
    use crate::schema::TABLES;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::ErasureScheduled);
        let (id, now) = (UserId(Uuid::from_u128(1)), event.created_at);
        let account = |keeps_posts| DueErasure {
            user_id: id,
            keeps_posts,
            erase_at: Some(now),
        };
        let (all, some) = (account(false), account(true));
        check("erasure", |queries, with| {
            let db = &with.db;
            queries.query("schedule all", schedule(db, id, false, &event));
            queries.query("schedule keeping posts", schedule(db, id, true, &event));
            queries.query("undo", undo(db, id, &event));
            queries.query("due", due(db, now));
            queries.query("erase all", erase(db, &all, &event));
            queries.query("erase keeping posts", erase(db, &some, &event));
        });
    }

    /// A table that refers to users is written by them, or goes with the account: a new one must be one or the other.
    #[test]
    fn what_belongs_to_an_account_is_known() {
        let referring = TABLES.iter().flat_map(|table| table.columns);
        let referring = referring.filter(|column| column.references == Some(("users", "id")));
        let names: Vec<String> = referring
            .map(|column| format!("{}.{}", column.table, column.name))
            .collect();
        let (written, belonging) = names.split_at(2);
        assert_eq!(written, ["posts.author_id", "comments.author_id"]);
        let known = BELONGINGS.map(|column| format!("{}.{}", column.table, column.name));
        assert_eq!(belonging, known, "`erase` deletes these when posts stay");
    }
}
