//! People of every role, each signed in in one browser and with an invite of theirs, on a site of their own.

use std::time::Duration;

use app::context::{SESSION_COOKIE, token_hash};
use db::Value;
use db::queries::insert;
use db::schema::tables::{Invite, Session, User};
use domain::{InviteId, Role, SessionId, Timestamp, UserId};
use http::StatusCode;

use crate::accounts::{cell, empty, page, send};
use crate::support::World;

const DAY: Duration = Duration::from_secs(86_400);

/// Somebody.
pub(crate) struct Member {
    pub(crate) user: User,
    pub(crate) session: Session,
    pub(crate) invite: Invite,
}

impl Member {
    /// Somebody of this role, who proved just now who they are.
    pub(crate) fn new(handle: &str, role: Role) -> Self {
        let now = Timestamp::now();
        let id = UserId::new();
        let user = User {
            id,
            handle: handle.to_owned(),
            email: format!("{handle}@example.com"),
            name: format!("The {handle}"),
            bio: String::new(),
            role,
            password_hash: String::new(),
            post_count: 0,
            search_text: domain::Search::index(handle),
            created_at: now - DAY,
            updated_at: now - DAY,
            deleted_at: None,
            email_verified_at: None,
            suspended_at: None,
            suspended_reason: None,
            erase_at: None,
            keeps_posts: false,
            erased_at: None,
        };
        let session = Session {
            id: token_hash(&token(handle)),
            user_id: id,
            created_at: now,
            expires_at: now + DAY,
            user_agent: "a browser".to_owned(),
            public_id: Some(SessionId::new()),
            last_seen_at: Some(now),
            confirmed_at: Some(now),
        };
        let invite = Invite {
            id: InviteId::new(),
            token_hash: token_hash(&format!("invite of {handle}")),
            created_by: id,
            role: Role::Reader,
            note: format!("for a friend of {handle}"),
            expires_at: now + DAY,
            used_at: None,
            used_by: None,
            created_at: now,
        };
        Self {
            user,
            session,
            invite,
        }
    }

    /// The `Cookie` header of their browser.
    pub(crate) fn cookie(&self) -> String {
        format!("{SESSION_COOKIE}={}", token(&self.user.handle))
    }
}

fn token(handle: &str) -> String {
    format!("{handle:x<43}")
}

/// A site with these people.
pub(crate) async fn site_of(members: &[&Member]) -> World {
    let world = empty().await;
    let db = world.db();
    for member in members {
        let rows = [
            insert(db.dialect(), std::slice::from_ref(&member.user)),
            insert(db.dialect(), std::slice::from_ref(&member.session)),
            insert(db.dialect(), std::slice::from_ref(&member.invite)),
        ];
        db.write(&rows.concat()).await.unwrap();
    }
    world
}

/// Everything of the people that somebody else could have changed.
pub(crate) async fn state(world: &World) -> Value {
    const STATE: &str = "SELECT \
        (SELECT GROUP_CONCAT(CONCAT_WS(' ', handle, email, role, password_hash, suspended_at, suspended_reason, erase_at)) FROM users) || '|' || \
        (SELECT GROUP_CONCAT(id) FROM sessions) || '|' || (SELECT GROUP_CONCAT(id) FROM invites) || '|' || \
        (SELECT COUNT(*) FROM events)";
    cell(world, STATE).await
}

pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) root: Member,
    pub(crate) bob: Member,
    pub(crate) cyd: Member,
}

/// A site with an administrator, an author and a reader.
pub(crate) async fn site() -> Site {
    let members = [
        ("root", Role::Admin),
        ("bob", Role::Author),
        ("cyd", Role::Reader),
    ];
    let [root, bob, cyd] = members.map(|(handle, role)| Member::new(handle, role));
    let world = site_of(&[&root, &bob, &cyd]).await;
    Site {
        world,
        root,
        bob,
        cyd,
    }
}

impl Site {
    /// A page as the administrator reads it.
    pub(crate) async fn get(&self, path: &str) -> String {
        let answer = page(&self.world, path, &self.root.cookie()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        plain(answer.body)
    }

    /// Sends a form as the administrator, and gives the address that it leads to.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = send(&self.world, path, &self.root.cookie(), fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            answer.body
        );
        answer.header("location").to_owned()
    }

    pub(crate) async fn is_signed_in(&self, member: &Member) -> bool {
        page(&self.world, "/settings", &member.cookie())
            .await
            .status
            == StatusCode::OK
    }

    pub(crate) async fn events(&self) -> Value {
        const EVENTS: &str = "SELECT COALESCE(GROUP_CONCAT(kind || ' ' || detail, ', '), '') FROM (SELECT * FROM events ORDER BY id)";
        cell(&self.world, EVENTS).await
    }
}

/// HTML without the marks between texts.
pub(crate) fn plain(html: String) -> String {
    html.replace("<!---->", "")
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
