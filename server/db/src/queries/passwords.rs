//! Passwords of accounts, as hashes: another one ends what was begun with the one before. Looking one up is in `sign_in`.

use domain::{CodeId, UserId};
use sea_query::ExprTrait;

use super::helpers::{col, value};
use super::render::render;
use super::sessions::{Rotation, end_all, end_all_if, rotate, rotated};
use super::writes::{changed, delete, exists, having, insert_if, lock, update};
use crate::schema::tables::{Event, api_tokens, codes, passkeys, sessions, users};
use crate::{Db, DbError, Dialect, Statement};

/// Gives an account another password, ends all its sessions, but that of `rotation`, which gets another token, and makes its codes
/// void. Nothing of it, and false, if the session of `rotation` is over. One batch of four, or six.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_password(
    db: &Db,
    id: UserId,
    password_hash: &str,
    rotation: Option<Rotation<'_>>,
    event: &Event,
) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let mut update = update(users::id, &id);
    update.value(users::password_hash.name, password_hash);
    let mut statements = Vec::new();
    if let Some(rotation) = rotation {
        let mut session = rotated(rotation, now);
        session.and_where(col(sessions::user_id).eq(value(&id)));
        update.and_where(exists(session));
        statements.push(lock(dialect, users::id, &id));
        statements.push(rotate(dialect, rotation, now));
    }
    let at = statements.len();
    statements.push(render(dialect, &update));
    statements.extend(after_password(dialect, id, password_hash, rotation, event));
    Ok(changed(&db.write(&statements).await?, at))
}

/// The statements that follow one which has set a password: sessions and codes end with the old one.
fn after_password(
    dialect: Dialect,
    id: UserId,
    password_hash: &str,
    rotation: Option<Rotation<'_>>,
    event: &Event,
) -> [Statement; 3] {
    let is_set = || {
        let mut user = having(users::id, &id);
        exists(
            user.and_where(col(users::password_hash).eq(password_hash))
                .take(),
        )
    };
    let mut codes = delete(codes::user_id, &id);
    codes.and_where(is_set());
    [
        end_all_if(dialect, id, rotation.map(|rotation| rotation.to), is_set()),
        render(dialect, &codes),
        insert_if(dialect, event, is_set()),
    ]
}

/// Gives an account to who was the first to prove its address: whoever made it need not be them. Its password becomes another, and
/// its sessions, passkeys, tokens and codes end, but for the code `proof`, whose form may be sent again. One batch of seven.
///
/// # Errors
/// Any [`DbError`].
pub async fn take_over(
    db: &Db,
    id: UserId,
    password_hash: &str,
    proof: Option<CodeId>,
    event: &Event,
) -> Result<(), DbError> {
    let dialect = db.dialect();
    let mut update = update(users::id, &id);
    update.value(users::password_hash.name, password_hash);
    let mut void = delete(codes::user_id, &id);
    if let Some(proof) = proof {
        void.and_where(col(codes::id).ne(value(&proof)));
    }
    let statements = [
        lock(dialect, users::id, &id),
        render(dialect, &update),
        end_all(dialect, id, None),
        render(dialect, &delete(passkeys::user_id, &id)),
        render(dialect, &delete(api_tokens::user_id, &id)),
        render(dialect, &void),
        insert_if(dialect, event, exists(having(users::id, &id))),
    ];
    db.write(&statements).await.map(drop)
}

/// Stores the same password by a new hash, unless it was changed meanwhile. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn rehash(db: &Db, id: UserId, before: &str, after: &str) -> Result<(), DbError> {
    let mut update = update(users::id, &id);
    update
        .value(users::password_hash.name, after)
        .and_where(col(users::password_hash).eq(before));
    db.run(&render(db.dialect(), &update)).await.map(drop)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::PasswordChanged);
        let id = UserId(Uuid::nil());
        let rotation = Some(Rotation {
            from: "old",
            to: "new",
        });
        check("passwords", |queries, with| {
            let db = &with.db;
            let set_password = |rotation| set_password(db, id, "hash", rotation, &event);
            queries.query("set_password", set_password(None));
            queries.query("set_password in a session", set_password(rotation));
            let proof = Some(CodeId(Uuid::nil()));
            queries.query("take_over", take_over(db, id, "!", proof, &event));
            queries.query("rehash", rehash(db, id, "before", "after"));
        });
    }
}
