//! API tokens: programs that act for their users.

use domain::lifetimes::{MAX_TOKENS, SEEN_INTERVAL};
use domain::{Timestamp, TokenId, UserId};
use sea_query::{Cond, ExprTrait};

use super::helpers::{col, from, value};
use super::query::Query;
use super::render::render;
use super::writes::{
    changed, delete_beyond, exists, having, insert_if, lock, may_sign_in, remove_row, update,
};
use crate::schema::macros::row;
use crate::schema::tables::{ApiToken, Event, api_tokens, users};
use crate::{Db, DbError};

/// The tokens that a list shows: a person has fewer.
const MAX_LISTED: u64 = 100;

row! {
    /// A token that may be used, with its user.
    TokenRow {
        id = api_tokens::id,
        scopes = api_tokens::scopes,
        last_used_at = api_tokens::last_used_at,
        user_id = api_tokens::user_id,
        handle = users::handle,
        name = users::name,
        role = users::role,
    }
}

impl TokenRow {
    /// True if its use is to be noted by [`note_used`].
    pub fn is_note_due(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now >= at + SEEN_INTERVAL)
    }
}

row! {
    /// A token in the list of its owner.
    ListedToken {
        id = api_tokens::id,
        name = api_tokens::name,
        scopes = api_tokens::scopes,
        expires_at = api_tokens::expires_at,
        last_used_at = api_tokens::last_used_at,
        created_at = api_tokens::created_at,
    }
}

/// Adds a token. False if its owner may not sign in, or has [`MAX_TOKENS`]. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn insert(db: &Db, token: &ApiToken, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let mut user = having(users::id, &token.user_id);
    user.cond_where(may_sign_in());
    let all = having(api_tokens::user_id, &token.user_id);
    let statements = [
        lock(dialect, users::id, &token.user_id),
        insert_if(dialect, token, exists(user)),
        delete_beyond(dialect, MAX_TOKENS, all, api_tokens::id, &token.id),
        insert_if(dialect, event, exists(having(api_tokens::id, &token.id))),
    ];
    let rows = db.write(&statements).await?;
    Ok(changed(&rows, 1) && !changed(&rows, 2))
}

/// Finds the token of this hash, unless it has expired or its owner may not sign in. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, token_hash: &str, now: Timestamp) -> Result<Option<TokenRow>, DbError> {
    db.first(valid(token_hash, now)).await
}

/// The token of this hash.
pub(super) fn valid(token_hash: &str, now: Timestamp) -> Query<TokenRow> {
    let mut select = from(api_tokens::TABLE);
    select.inner_join(
        users::TABLE.name,
        Cond::all()
            .add(col(users::id).equals((api_tokens::TABLE.name, api_tokens::user_id.name)))
            .add(may_sign_in()),
    );
    select.and_where(col(api_tokens::token_hash).eq(token_hash));
    select.cond_where(
        Cond::any()
            .add(col(api_tokens::expires_at).is_null())
            .add(col(api_tokens::expires_at).gt(value(&now))),
    );
    Query::new(select)
}

/// Notes that a token is in use; once within [`SEEN_INTERVAL`], however many requests ask for it. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn note_used(db: &Db, id: TokenId, now: Timestamp) -> Result<(), DbError> {
    let mut update = update(api_tokens::id, &id);
    update
        .value(api_tokens::last_used_at.name, value(&now))
        .cond_where(
            Cond::any()
                .add(col(api_tokens::last_used_at).is_null())
                .add(col(api_tokens::last_used_at).lte(value(&(now - SEEN_INTERVAL)))),
        );
    db.run(&render(db.dialect(), &update)).await.map(drop)
}

/// Lists the tokens of a user, newest first, expired ones too. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, user_id: UserId) -> Result<Vec<ListedToken>, DbError> {
    let mut select = from(api_tokens::TABLE);
    select
        .and_where(col(api_tokens::user_id).eq(value(&user_id)))
        .limit(MAX_LISTED);
    let mut rows = db.all(Query::<ListedToken>::new(select)).await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
    Ok(rows)
}

/// Revokes a token of a user. False if they have none of this id. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn revoke(db: &Db, user_id: UserId, id: TokenId, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_theirs = || Cond::all().add(col(api_tokens::user_id).eq(value(&user_id)));
    let statements = remove_row(dialect, api_tokens::id, &id, is_theirs, event);
    Ok(changed(&db.write(&statements).await?, 2))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::TokenCreated);
        let (user_id, id) = (UserId(Uuid::nil()), TokenId(Uuid::nil()));
        let now = event.created_at;
        let token = ApiToken {
            id,
            user_id,
            name: "laptop".to_owned(),
            token_hash: "hash".to_owned(),
            scopes: "read".to_owned(),
            expires_at: None,
            last_used_at: None,
            created_at: now,
        };
        check("api_tokens", |queries, with| {
            let db = &with.db;
            queries.query("insert", insert(db, &token, &event));
            queries.query("find", find(db, "hash", now));
            queries.query("note_used", note_used(db, id, now));
            queries.query("list", list(db, user_id));
            queries.query("revoke", revoke(db, user_id, id, &event));
        });
    }
}
