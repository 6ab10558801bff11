//! A row of every table that belongs to accounts, with texts that are found nowhere else.

use db::queries::insert;
use db::schema::tables::{
    ApiToken, Code, Event, IdempotencyKey, Invite, Passkey, ProfileLink, Session, UserHandle,
};
use db::{Dialect, Statement};
use domain::{
    CodeId, CodePurpose, EventId, InviteId, LinkId, Role, SessionId, Timestamp, TokenId, UserId,
};
use uuid::Uuid;

/// Inserts them.
pub(crate) fn inserts(dialect: Dialect, user_id: UserId) -> Vec<Statement> {
    let created_at = Timestamp::from_millis(1_700_000_000_001);
    let id = Uuid::from_u128(9);
    let session = Session {
        id: "5e55".repeat(16),
        user_id,
        created_at,
        expires_at: created_at,
        user_agent: "A Rare Browser/9".to_owned(),
        public_id: Some(SessionId(id)),
        last_seen_at: Some(created_at),
        confirmed_at: None,
    };
    let token = ApiToken {
        id: TokenId(id),
        user_id,
        name: "the token of my laptop".to_owned(),
        token_hash: "70ce".repeat(16),
        scopes: "read write".to_owned(),
        expires_at: Some(created_at),
        last_used_at: None,
        created_at,
    };
    let key = IdempotencyKey {
        key: "a key that was sent twice".to_owned(),
        user_id,
        request_hash: "4a54".repeat(16),
        response: "{\"the response\":1}".to_owned(),
        created_at,
    };
    let passkey = Passkey {
        id: "9a55".repeat(16),
        user_id,
        credential_id: (0..=255).collect(),
        public_key: vec![0, 1, 255],
        algorithm: -7,
        sign_count: 4_294_967_295,
        name: "the key of my phone".to_owned(),
        transports: "internal hybrid".to_owned(),
        backup_eligible: true,
        backed_up: false,
        created_at,
        last_used_at: Some(created_at),
    };
    let code = Code {
        id: CodeId(id),
        purpose: CodePurpose::ResetPassword,
        user_id: Some(user_id),
        email: "code@dump.example".to_owned(),
        code_hash: "c0de".repeat(16),
        browser_hash: "b404".repeat(16),
        attempts: 3,
        expires_at: created_at,
        used_at: None,
        created_at,
    };
    let invite = Invite {
        id: InviteId(id),
        token_hash: "14e1".repeat(16),
        created_by: user_id,
        role: Role::Author,
        note: "an invite for my cousin".to_owned(),
        expires_at: created_at,
        used_at: Some(created_at),
        used_by: Some(UserId(id)),
        created_at,
    };
    let earlier = UserHandle {
        handle: "earlier-handle".to_owned(),
        user_id,
        released_at: created_at,
    };
    let link = ProfileLink {
        id: LinkId(id),
        user_id,
        position: 0,
        label: "my rare garden".to_owned(),
        url: "https://garden.example/rare".to_owned(),
    };
    let event = Event {
        id: EventId(id),
        kind: "signed_in".to_owned(),
        user_id: Some(user_id),
        actor_id: None,
        session_id: Some(SessionId(id)),
        detail: "by a rare way".to_owned(),
        address: Some("2001:db8::9a".to_owned()),
        address_expires_at: Some(created_at),
        created_at,
    };
    [
        insert(dialect, &[session]),
        insert(dialect, &[token]),
        insert(dialect, &[key]),
        insert(dialect, &[passkey]),
        insert(dialect, &[code]),
        insert(dialect, &[invite]),
        insert(dialect, &[earlier]),
        insert(dialect, &[link]),
        insert(dialect, &[event]),
    ]
    .concat()
}
