//! Administration of accounts: one administrator is always left.
//!
//! The administrators that the database has are away meanwhile.

use domain::{EventKind, Role, Timestamp};
use futures::future::join;

use super::{CLOSED, TestUsers, event, kinds, now, one_is_done, session, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::{accounts, admin, contract, erasure, insert, passwords, sessions};
use crate::schema::tables::{User, users};
use crate::{Db, DbError};

/// The time by which the database's own administrators are known while they are away.
fn away() -> Timestamp {
    Timestamp::from_millis(4_000_000_000_123)
}

/// Runs `checked` while the database's own administrators are away.
async fn alone(db: &Db, checked: impl Future<Output = CaseResult>) -> CaseResult {
    let dialect = db.dialect();
    let leave = contract::suspend_admins(dialect, away());
    db.run(&leave).await.map_err(message)?;
    let checked = checked.await;
    let back = contract::restore_admins(dialect, away());
    db.run(&back).await.map_err(message)?;
    checked
}

async fn claim(db: &Db, user: &User) -> Result<bool, DbError> {
    admin::claim_admin(db, user.id, &event(EventKind::RoleChanged, user, now())).await
}

async fn set_role(db: &Db, user: &User, role: Role) -> Result<bool, DbError> {
    let event = event(EventKind::RoleChanged, user, now());
    admin::set_role(db, user.id, role, &event).await
}

async fn suspend(db: &Db, user: &User, reason: &str) -> Result<bool, DbError> {
    let event = event(EventKind::Suspended, user, now());
    admin::suspend(db, user.id, reason, &event).await
}

async fn role(db: &Db, user: &User) -> Result<Role, String> {
    let found = accounts::find(db, user.id).await.map_err(message)?;
    found
        .map(|found| found.role)
        .ok_or_else(|| "no account".to_owned())
}

/// Of any who claim to be the first administrator, at once or later, one becomes it.
pub(in crate::contract) async fn the_first_administrator_is_one(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let checked = alone(db, async {
        for column in CLOSED {
            set_time(db, &ada, column, Some(now())).await?;
            equal(&claim(db, &ada).await, &Ok(false))?;
            set_time(db, &ada, column, None).await?;
        }
        let rival = clients.strong();
        let both = join(claim(db, &ada), claim(&rival, &bob)).await;
        let both = one_is_done(both)?;
        let (first, late) = if both[0] { (&ada, &bob) } else { (&bob, &ada) };
        for other in [late, &cyd, first] {
            equal(&claim(db, other).await, &Ok(false))?;
        }
        equal(&role(db, first).await?, &Role::Admin)?;
        for other in [late, &cyd] {
            equal(&role(db, other).await?, &Role::Author)?;
            equal(&kinds(db, other).await?, &Vec::new())?;
        }
        equal(&kinds(db, first).await?, &vec!["role_changed".to_owned()])?;
        equal(&admin::has_admin(db).await, &Ok(true))?;
        // One who cannot sign in is none.
        let set_password = async |hash: &str| {
            let event = event(EventKind::PasswordChanged, first, now());
            let set = passwords::set_password(db, first.id, hash, None, &event).await;
            set.map_err(message)
        };
        set_password("!").await?;
        equal(&admin::has_admin(db).await, &Ok(false))?;
        set_time(db, first, users::email_verified_at, Some(now())).await?;
        equal(&admin::has_admin(db).await, &Ok(true))?;
        set_time(db, first, users::email_verified_at, None).await?;
        set_password("a hash").await?;
        for column in CLOSED {
            set_time(db, first, column, Some(now())).await?;
            equal(&admin::has_admin(db).await, &Ok(false))?;
            equal(&claim(db, &cyd).await, &Ok(true))?;
            set_time(db, first, column, None).await?;
            equal(&set_role(db, &cyd, Role::Author).await, &Ok(true))?;
        }
        Ok(())
    })
    .await;
    people.delete().await?;
    checked
}

/// The last administrator who can sign in stays one, and open: also when two take the rights of each other at once.
pub(in crate::contract) async fn an_administrator_is_left(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = alone(db, async {
        equal(&claim(db, &ada).await, &Ok(true))?;
        let close = async |db: &Db, user: &User, keeps_posts| {
            let event = event(EventKind::ErasureScheduled, user, now());
            erasure::schedule(db, user.id, keeps_posts, &event).await
        };
        let cannot_go = async |user: &User| {
            equal(&set_role(db, user, Role::Editor).await, &Ok(false))?;
            equal(&suspend(db, user, "spam").await, &Ok(false))?;
            for keeps_posts in [true, false] {
                equal(&close(db, user, keeps_posts).await, &Ok(false))?;
            }
            equal(&role(db, user).await?, &Role::Admin)
        };
        cannot_go(&ada).await?;
        equal(&kinds(db, &ada).await?, &vec!["role_changed".to_owned()])?;
        equal(&set_role(db, &ada, Role::Admin).await, &Ok(false))?;
        equal(&set_role(db, &bob, Role::Admin).await, &Ok(true))?;
        for column in CLOSED {
            set_time(db, &bob, column, Some(now())).await?;
            cannot_go(&ada).await?;
            set_time(db, &bob, column, None).await?;
        }
        let rival = clients.strong();
        let both = join(
            set_role(db, &ada, Role::Reader),
            set_role(&rival, &bob, Role::Reader),
        )
        .await;
        let both = one_is_done(both)?;
        let (left, gone) = if both[0] { (&bob, &ada) } else { (&ada, &bob) };
        equal(&role(db, left).await?, &Role::Admin)?;
        equal(&set_role(db, gone, Role::Admin).await, &Ok(true))?;
        let both = join(suspend(db, gone, "spam"), close(&rival, left, true)).await;
        one_is_done(both).map(drop)
    })
    .await;
    people.delete().await?;
    checked
}

/// A suspension ends the sessions of a user, tells the reason, and is lifted once.
pub(in crate::contract) async fn a_suspension_ends_sessions_and_is_lifted(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let all = [&ada, &bob].map(|user| session(user, "session", now()));
        let written = db.write(&insert(db.dialect(), &all)).await;
        written.map_err(message)?;
        let state = async || {
            let found = accounts::find(db, ada.id).await.map_err(message)?;
            let found = found.ok_or("no account")?;
            // The sitemap says this time: readers do not see a suspension.
            equal(&found.updated_at, &ada.updated_at)?;
            Ok::<_, String>((found.suspended_at, found.suspended_reason))
        };
        let restore = async |db: &Db| {
            let event = event(EventKind::Restored, &ada, now());
            admin::restore(db, ada.id, &event).await
        };
        equal(&restore(db).await, &Ok(false))?;
        let reason = "Spam; it's 夜.".to_owned();
        equal(&suspend(db, &ada, &reason).await, &Ok(true))?;
        equal(&suspend(db, &ada, "again").await, &Ok(false))?;
        equal(&state().await?, &(Some(now()), Some(reason)))?;
        let rival = clients.strong();
        one_is_done(join(restore(db), restore(&rival)).await)?;
        equal(&state().await?, &(None, None))?;
        for (session, is_left) in all.iter().zip([false, true]) {
            let found = sessions::find(db, &session.id, now()).await;
            equal(&found.map_err(message)?.is_some(), &is_left)?;
        }
        let kinds_of_ada = ["suspended", "restored"].map(str::to_owned);
        equal(&kinds(db, &ada).await?, &kinds_of_ada.to_vec())?;
        let nobody = crate::contract::written::user(domain::UserId::new());
        equal(&suspend(db, &nobody, "spam").await, &Ok(false))?;
        equal(&set_role(db, &nobody, Role::Editor).await, &Ok(false))
    }
    .await;
    people.delete().await?;
    checked
}
