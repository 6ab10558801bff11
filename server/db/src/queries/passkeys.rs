//! Passkeys, known by the hash of their credential's id. Owns that an authenticator's count only rises.

use domain::lifetimes::MAX_PASSKEYS;
use domain::{Timestamp, UserId};
use sea_query::{Cond, ExprTrait};

use super::helpers::{col, from, value};
use super::query::Query;
use super::render::render;
use super::writes::{
    changed, delete_beyond, exists, having, insert_if, lock, may_sign_in, remove_row, update,
};
use crate::schema::macros::row;
use crate::schema::tables::{Event, Passkey, passkeys, users};
use crate::{Db, DbError};

/// The passkeys that a list shows: a person has fewer.
const MAX_LISTED: u64 = 100;

row! {
    /// A passkey with what is needed to verify a signature and to sign its user in.
    PasskeyRow {
        id = passkeys::id,
        user_id = passkeys::user_id,
        public_key = passkeys::public_key,
        algorithm = passkeys::algorithm,
        sign_count = passkeys::sign_count,
        backup_eligible = passkeys::backup_eligible,
        handle = users::handle,
        suspended_at = users::suspended_at,
        suspended_reason = users::suspended_reason,
        erase_at = users::erase_at,
        deleted_at = users::deleted_at,
    }
}

row! {
    /// A passkey in the list of its owner.
    ListedPasskey {
        id = passkeys::id,
        credential_id = passkeys::credential_id,
        name = passkeys::name,
        transports = passkeys::transports,
        backed_up = passkeys::backed_up,
        created_at = passkeys::created_at,
        last_used_at = passkeys::last_used_at,
    }
}

/// Adds a passkey. False if its owner may not sign in, or has [`MAX_PASSKEYS`]. One batch of four.
///
/// # Errors
/// [`DbError::Unique`] for a credential that is registered, whoever has it; any other [`DbError`].
pub async fn insert(db: &Db, passkey: &Passkey, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let mut user = having(users::id, &passkey.user_id);
    user.cond_where(may_sign_in());
    let all = having(passkeys::user_id, &passkey.user_id);
    let statements = [
        lock(dialect, users::id, &passkey.user_id),
        insert_if(dialect, passkey, exists(user)),
        delete_beyond(dialect, MAX_PASSKEYS, all, passkeys::id, &passkey.id),
        insert_if(dialect, event, exists(having(passkeys::id, &passkey.id))),
    ];
    let rows = db.write(&statements).await?;
    Ok(changed(&rows, 1) && !changed(&rows, 2))
}

/// Lists the passkeys of a user, newest first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, user_id: UserId) -> Result<Vec<ListedPasskey>, DbError> {
    let mut select = from(passkeys::TABLE);
    select
        .and_where(col(passkeys::user_id).eq(value(&user_id)))
        .limit(MAX_LISTED);
    let mut rows = db.all(Query::<ListedPasskey>::new(select)).await?;
    rows.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    Ok(rows)
}

/// Finds a passkey by the hash of its credential's id, with its user, whatever the state of the account. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, id: &str) -> Result<Option<PasskeyRow>, DbError> {
    db.first(by_id(id)).await
}

/// The passkey of this credential.
fn by_id(id: &str) -> Query<PasskeyRow> {
    let mut select = from(passkeys::TABLE);
    select.inner_join(
        users::TABLE.name,
        col(users::id).equals((passkeys::TABLE.name, passkeys::user_id.name)),
    );
    select.and_where(col(passkeys::id).eq(id));
    Query::new(select)
}

row! {
    /// The columns of a passkey that are not bytes.
    KnownPasskey {
        id = passkeys::id,
        user_id = passkeys::user_id,
        sign_count = passkeys::sign_count,
    }
}

/// The passkey of this credential, as far as every engine has a text for it.
pub(super) fn known(id: &str) -> Query<KnownPasskey> {
    let mut select = from(passkeys::TABLE);
    select.and_where(col(passkeys::id).eq(id));
    Query::new(select)
}

/// A use of a passkey whose signature was verified.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyUse<'a> {
    /// The hash of the credential's id.
    pub id: &'a str,
    /// The authenticator's count of signatures; 0 where it does not count.
    pub sign_count: i64,
    /// True if the key has been copied to other devices.
    pub backed_up: bool,
    /// The time.
    pub at: Timestamp,
}

/// Notes a use. False if the authenticator's count has not risen since the last one: the signature was seen before, or the key was
/// copied, and nobody may sign in by it. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn note_use(db: &Db, used: PasskeyUse<'_>) -> Result<bool, DbError> {
    let count = || col(passkeys::sign_count);
    let does_not_count = Cond::all()
        .add(count().eq(0i64))
        .add(sea_query::Expr::val(used.sign_count).eq(0i64));
    let mut update = update(passkeys::id, &used.id.to_owned());
    update
        .value(passkeys::sign_count.name, used.sign_count)
        .value(passkeys::backed_up.name, used.backed_up)
        .value(passkeys::last_used_at.name, value(&used.at))
        .cond_where(
            Cond::any()
                .add(count().lt(used.sign_count))
                .add(does_not_count),
        );
    let rows = db.run(&render(db.dialect(), &update)).await?;
    Ok(rows.affected > 0)
}

/// Gives a passkey of a user another name. False if they have none of this id. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn rename(db: &Db, user_id: UserId, id: &str, name: &str) -> Result<bool, DbError> {
    let mut update = update(passkeys::id, &id.to_owned());
    update
        .value(passkeys::name.name, name)
        .and_where(col(passkeys::user_id).eq(value(&user_id)));
    let rows = db.run(&render(db.dialect(), &update)).await?;
    Ok(rows.affected > 0)
}

/// Removes a passkey of a user. False if they have none of this id. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn remove(db: &Db, user_id: UserId, id: &str, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_theirs = || Cond::all().add(col(passkeys::user_id).eq(value(&user_id)));
    let statements = remove_row(dialect, passkeys::id, &id.to_owned(), is_theirs, event);
    Ok(changed(&db.write(&statements).await?, 2))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::PasskeyAdded);
        let user_id = UserId(uuid::Uuid::nil());
        let passkey = Passkey {
            id: "hash".to_owned(),
            user_id,
            credential_id: vec![1],
            public_key: vec![2],
            algorithm: -7,
            sign_count: 0,
            name: "phone".to_owned(),
            transports: "internal hybrid".to_owned(),
            backup_eligible: true,
            backed_up: true,
            created_at: event.created_at,
            last_used_at: None,
        };
        let used = PasskeyUse {
            id: "hash",
            sign_count: 7,
            backed_up: false,
            at: event.created_at,
        };
        check("passkeys", |queries, with| {
            let db = &with.db;
            queries.query("insert", insert(db, &passkey, &event));
            queries.query("list", list(db, user_id));
            queries.query("find", find(db, "hash"));
            queries.query("note_use", note_use(db, used));
            queries.query("rename", rename(db, user_id, "hash", "laptop"));
            queries.query("remove", remove(db, user_id, "hash", &event));
        });
    }
}
