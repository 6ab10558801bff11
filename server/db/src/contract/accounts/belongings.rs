//! A row of everything that belongs to an account.

use domain::LinkId;

use super::api_tokens::token;
use super::codes::code;
use super::invites::invite;
use super::passkeys::passkey;
use super::{hash, now, session};
use crate::Db;
use crate::contract::support::{CaseResult, message};
use crate::queries::{contract, erasure, insert};
use crate::schema::tables::{IdempotencyKey, ProfileLink, User, UserHandle};

/// Gives `user` a row in every table of what belongs to an account.
pub(super) async fn write(db: &Db, user: &User) -> CaseResult {
    let dialect = db.dialect();
    let earlier = UserHandle {
        handle: earlier(user),
        user_id: user.id,
        released_at: now(),
    };
    let link = ProfileLink {
        id: LinkId::new(),
        user_id: user.id,
        position: 0,
        label: "a link".to_owned(),
        url: "https://link.example".to_owned(),
    };
    let key = IdempotencyKey {
        key: hash(user, "key"),
        user_id: user.id,
        request_hash: String::new(),
        response: String::new(),
        created_at: now(),
    };
    let statements = [
        insert(dialect, &[session(user, "session", now())]),
        insert(dialect, &[passkey(user, "passkey", now())]),
        insert(dialect, &[token(user, "token", None, now())]),
        insert(
            dialect,
            &[code(user, &hash(user, "browser"), "digits", now())],
        ),
        insert(dialect, &[invite(user, "invite", now())]),
        insert(dialect, &[earlier]),
        insert(dialect, &[link]),
        insert(dialect, &[key]),
    ];
    db.write(&statements.concat())
        .await
        .map(drop)
        .map_err(message)
}

/// A handle that `user` had.
pub(super) fn earlier(user: &User) -> String {
    let last = user.handle.chars().rev();
    last.take(20).collect()
}

/// The tables in which something of `user` is left.
pub(super) async fn left(db: &Db, user: &User) -> Result<Vec<&'static str>, String> {
    let mut left = Vec::new();
    for column in erasure::BELONGINGS {
        let found = db.all(contract::of_user(column, user.id)).await;
        if !found.map_err(message)?.is_empty() {
            left.push(column.table);
        }
    }
    Ok(left)
}
