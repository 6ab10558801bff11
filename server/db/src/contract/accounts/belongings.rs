//! A row of everything that belongs to an account.

use domain::{CodeId, CodePurpose, InviteId, LinkId, Role, TokenId};

use super::{hash, now, session};
use crate::Db;
use crate::contract::support::{CaseResult, message};
use crate::queries::{contract, erasure, insert};
use crate::schema::tables::{
    ApiToken, Code, IdempotencyKey, Invite, Passkey, ProfileLink, User, UserHandle,
};

/// Gives `user` a row in every table of what belongs to an account.
pub(super) async fn write(db: &Db, user: &User) -> CaseResult {
    let dialect = db.dialect();
    let passkey = Passkey {
        id: hash(user, "passkey"),
        user_id: user.id,
        credential_id: vec![1],
        public_key: vec![2],
        algorithm: -7,
        sign_count: 0,
        name: String::new(),
        transports: String::new(),
        backup_eligible: false,
        backed_up: false,
        created_at: now(),
        last_used_at: None,
    };
    let token = ApiToken {
        id: TokenId::new(),
        user_id: user.id,
        name: String::new(),
        token_hash: hash(user, "token"),
        scopes: "read".to_owned(),
        expires_at: None,
        last_used_at: None,
        created_at: now(),
    };
    let code = Code {
        id: CodeId::new(),
        purpose: CodePurpose::SignIn,
        user_id: Some(user.id),
        email: user.email.clone(),
        code_hash: hash(user, "digits"),
        browser_hash: hash(user, "browser"),
        attempts: 0,
        expires_at: now(),
        used_at: None,
        created_at: now(),
    };
    let invite = Invite {
        id: InviteId::new(),
        token_hash: hash(user, "invite"),
        created_by: user.id,
        role: Role::Author,
        note: String::new(),
        expires_at: now(),
        used_at: None,
        used_by: None,
        created_at: now(),
    };
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
        insert(dialect, &[passkey]),
        insert(dialect, &[token]),
        insert(dialect, &[code]),
        insert(dialect, &[invite]),
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
