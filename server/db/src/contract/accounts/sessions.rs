//! Sessions: how long they last, and how they end.

use domain::lifetimes::{CONFIRMATION_TTL, SEEN_INTERVAL, SESSION_IDLE_TTL, SESSION_TTL};
use domain::{EventKind, Timestamp};
use futures::future::join;

use super::{
    CLOSED, MILLISECOND, TestUsers, event, hash, kinds, now, one_is_done, session, set_time,
};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::contract::written::user;
use crate::queries::insert;
use crate::queries::sessions::{self, Rotation};
use crate::schema::tables::{Session, User};

/// Writes sessions past all rules.
async fn write(db: &Db, sessions: &[Session]) -> CaseResult {
    let written = db.write(&insert(db.dialect(), sessions)).await;
    written.map(drop).map_err(message)
}

/// True if the session whose token has this hash is valid at `at`.
async fn is_valid(db: &Db, hash: &str, at: Timestamp) -> Result<bool, String> {
    let found = sessions::find(db, hash, at).await.map_err(message)?;
    Ok(found.is_some())
}

/// The names of the sessions in the list of `user` at `at`.
async fn listed(db: &Db, user: &User, at: Timestamp) -> Result<Vec<String>, String> {
    let listed = sessions::list(db, user.id, at).await.map_err(message)?;
    Ok(listed
        .into_iter()
        .map(|session| session.user_agent)
        .collect())
}

async fn create(db: &Db, session: &Session, previous: Option<&str>) -> Result<bool, String> {
    create_by(db, session, previous, None).await
}

/// Begins a session of who knows the password of this hash.
async fn create_by(
    db: &Db,
    session: &Session,
    previous: Option<&str>,
    password: Option<&str>,
) -> Result<bool, String> {
    let user = user(session.user_id);
    let event = event(EventKind::SignedIn, &user, session.created_at);
    let created = sessions::create(db, session, previous, password, &event).await;
    created.map_err(message)
}

/// Who knows a password that was changed meanwhile does not get in.
pub(in crate::contract) async fn a_password_that_was_changed_begins_no_session(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let [with, without] = ["with", "without"].map(|name| session(&ada, name, now()));
        let present = ada.password_hash.as_str();
        equal(
            &create_by(db, &without, None, Some("another")).await?,
            &false,
        )?;
        equal(&is_valid(db, &without.id, now()).await?, &false)?;
        equal(&create_by(db, &with, None, Some(present)).await?, &true)?;
        equal(&is_valid(db, &with.id, now()).await?, &true)?;
        equal(&kinds(db, &ada).await?, &vec!["signed_in".to_owned()])
    }
    .await;
    people.delete().await?;
    checked
}

/// A session ends at its absolute end, or when it was not used for long enough: not a millisecond earlier, and in the list, too.
pub(in crate::contract) async fn a_session_lasts_to_the_millisecond(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let absolute = Session {
            last_seen_at: Some(now() + SESSION_TTL),
            ..session(&ada, "absolute", now())
        };
        let idle = session(&ada, "idle", now());
        let never = Session {
            last_seen_at: None,
            ..session(&ada, "never seen", now())
        };
        write(db, &[absolute, idle, never]).await?;
        for (name, end) in [("absolute", SESSION_TTL), ("idle", SESSION_IDLE_TTL)] {
            let (hash, end) = (hash(&ada, name), now() + end);
            for (at, expected) in [(end - MILLISECOND, true), (end, false)] {
                equal(&is_valid(db, &hash, at).await?, &expected)?;
                let names = listed(db, &ada, at).await?;
                equal(&names.iter().any(|listed| listed == name), &expected)?;
            }
        }
        equal(
            &is_valid(db, &hash(&ada, "never seen"), now()).await?,
            &false,
        )?;
        let names = vec!["absolute".to_owned(), "idle".to_owned()];
        equal(&listed(db, &ada, now()).await?, &names)?;
        // Another case of the hash is another token.
        let upper = hash(&ada, "idle").to_uppercase();
        equal(&is_valid(db, &upper, now()).await?, &false)?;
        equal(&is_valid(db, "", now()).await?, &false)?;
        equal(&listed(db, &bob, now()).await?, &Vec::new())
    }
    .await;
    people.delete().await?;
    checked
}

/// An account that is suspended, closed, about to be erased or erased has no session, and gets none.
pub(in crate::contract) async fn a_closed_account_has_no_session(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let before = session(&ada, "before", now());
        let of_bob = session(&bob, "of bob", now());
        write(db, &[before.clone(), of_bob.clone()]).await?;
        for column in CLOSED {
            set_time(db, &ada, column, Some(now())).await?;
            equal(&is_valid(db, &before.id, now()).await?, &false)?;
            let new = session(&ada, column.name, now());
            equal(&create(db, &new, Some(&of_bob.id)).await?, &false)?;
            set_time(db, &ada, column, None).await?;
            // Neither was it made, nor did it end another.
            equal(&is_valid(db, &new.id, now()).await?, &false)?;
            equal(&is_valid(db, &before.id, now()).await?, &true)?;
        }
        equal(&is_valid(db, &of_bob.id, now()).await?, &true)?;
        equal(&kinds(db, &ada).await?, &Vec::new())
    }
    .await;
    people.delete().await?;
    checked
}

/// Signing in ends the session that the browser had, whoever's it was, and those of the user that are over; no others.
pub(in crate::contract) async fn signing_in_ends_what_the_browser_had(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let at = now() + SESSION_IDLE_TTL;
        let over = session(&ada, "over", now());
        let elsewhere = session(&ada, "elsewhere", now() + MILLISECOND);
        let of_bob = [session(&bob, "browser", at), session(&bob, "over", now())];
        write(db, &[over.clone(), elsewhere.clone()]).await?;
        write(db, &of_bob).await?;
        let new = session(&ada, "new", at);
        equal(&create(db, &new, Some(&of_bob[0].id)).await?, &true)?;
        let found = sessions::find(db, &new.id, at).await.map_err(message)?;
        let found = found.ok_or("the session is not there")?;
        equal(
            &(Some(found.id), found.user_id, found.confirmed_at),
            &(new.public_id, ada.id, None),
        )?;
        equal(&is_valid(db, &of_bob[0].id, at).await?, &false)?;
        let names = vec!["new".to_owned(), "elsewhere".to_owned()];
        equal(&listed(db, &ada, at).await?, &names)?;
        // At an earlier time what was over is not there either; what is over and another's is.
        equal(&is_valid(db, &over.id, now()).await?, &false)?;
        equal(&is_valid(db, &of_bob[1].id, now()).await?, &true)?;
        equal(&kinds(db, &ada).await?, &vec!["signed_in".to_owned()])?;
        equal(&kinds(db, &bob).await?, &Vec::new())
    }
    .await;
    people.delete().await?;
    checked
}

/// The use of a session is noted at most once within the interval, and never earlier than the last note.
pub(in crate::contract) async fn a_use_is_noted_once_an_interval(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let noted = session(&ada, "noted", now());
        write(db, &[noted.clone(), session(&ada, "other", now())]).await?;
        let after = now() + SEEN_INTERVAL;
        for (at, is_due, seen) in [
            (after - MILLISECOND, false, now()),
            (after, true, after),
            (now(), false, after),
        ] {
            let before = sessions::find(db, &noted.id, at).await.map_err(message)?;
            equal(&before.map(|row| row.is_note_due(at)), &Some(is_due))?;
            sessions::note_seen(db, &noted.id, at)
                .await
                .map_err(message)?;
            let found = sessions::find(db, &noted.id, at).await.map_err(message)?;
            equal(&found.map(|row| row.last_seen_at), &Some(seen))?;
        }
        let other = sessions::find(db, &hash(&ada, "other"), now()).await;
        equal(
            &other.map_err(message)?.map(|row| row.last_seen_at),
            &Some(now()),
        )
    }
    .await;
    people.delete().await?;
    checked
}

/// Who proves again who they are gets another token for the same session; the old one is nobody's. The proof counts for a time.
pub(in crate::contract) async fn a_confirmation_rotates_the_token_once(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let confirm = async |db: &Db, from: &str, to: &str, at| {
        let rotation = Rotation { from, to };
        let event = event(EventKind::Confirmed, &ada, at);
        sessions::confirm(db, rotation, &event).await
    };
    let checked = async {
        let first = session(&ada, "first", now());
        write(db, &[first.clone(), session(&ada, "other", now())]).await?;
        let rivals = [hash(&ada, "one"), hash(&ada, "two")];
        let second = clients.strong();
        let both = join(
            confirm(db, &first.id, &rivals[0], now()),
            confirm(&second, &first.id, &rivals[1], now()),
        );
        let [is_first, is_second] = one_is_done(both.await)?;
        let token = &rivals[usize::from(is_second)];
        let lost = &rivals[usize::from(is_first)];
        for gone in [&first.id, lost] {
            equal(&is_valid(db, gone, now()).await?, &false)?;
        }
        let found = sessions::find(db, token, now()).await.map_err(message)?;
        let found = found.ok_or("the session is not there")?;
        equal(&Some(found.id), &first.public_id)?;
        equal(&found.expires_at, &first.expires_at)?;
        let end = now() + CONFIRMATION_TTL;
        let counts = [end - MILLISECOND, end].map(|at| found.is_confirmed(at));
        equal(&counts, &[true, false])?;
        let other = sessions::find(db, &hash(&ada, "other"), now()).await;
        let other = other.map_err(message)?.ok_or("the other is not there")?;
        equal(&other.is_confirmed(now()), &false)?;
        // What is over, and what never was, is not confirmed.
        let late = now() + SESSION_IDLE_TTL;
        equal(&confirm(db, token, "late", late).await, &Ok(false))?;
        equal(&confirm(db, "nobody's", "late", now()).await, &Ok(false))?;
        equal(&kinds(db, &ada).await?, &vec!["confirmed".to_owned()])
    }
    .await;
    people.delete().await?;
    checked
}

/// A user ends their own sessions: the one at hand, another by its id, or all others. Those of other users stay.
pub(in crate::contract) async fn a_user_ends_their_own_sessions(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let mine = ["here", "there", "old", "older"].map(|name| session(&ada, name, now()));
        let of_bob = session(&bob, "of bob", now());
        write(db, &mine).await?;
        write(db, std::slice::from_ref(&of_bob)).await?;
        let id = |session: &Session| session.public_id.ok_or("a session without an id");
        let revoke = async |db: &Db, user: &User, session| {
            let event = event(EventKind::SessionRevoked, user, now());
            sessions::revoke(db, user.id, session, &event).await
        };
        equal(&revoke(db, &ada, id(&of_bob)?).await, &Ok(false))?;
        equal(
            &revoke(db, &ada, domain::SessionId::new()).await,
            &Ok(false),
        )?;
        equal(&kinds(db, &ada).await?, &Vec::new())?;
        let (there, rival) = (id(&mine[1])?, clients.strong());
        let both = join(revoke(db, &ada, there), revoke(&rival, &ada, there));
        one_is_done(both.await)?;
        equal(&is_valid(db, &mine[1].id, now()).await?, &false)?;
        let event_of = |kind| event(kind, &ada, now());
        let others = event_of(EventKind::SessionsRevoked);
        sessions::revoke_others(db, ada.id, Some(&mine[0].id), &others)
            .await
            .map_err(message)?;
        equal(&listed(db, &ada, now()).await?, &vec!["here".to_owned()])?;
        let outs = [(); 2].map(|()| event_of(EventKind::SignedOut));
        let both = join(
            sessions::end(db, &mine[0].id, &outs[0]),
            sessions::end(&rival, &mine[0].id, &outs[1]),
        );
        one_is_done(both.await)?;
        equal(&listed(db, &ada, now()).await?, &Vec::new())?;
        let all = ["session_revoked", "sessions_revoked", "signed_out"];
        equal(&kinds(db, &ada).await?, &all.map(str::to_owned).to_vec())?;
        equal(&is_valid(db, &of_bob.id, now()).await?, &true)?;
        let everywhere = event(EventKind::SessionsRevoked, &bob, now());
        sessions::revoke_others(db, bob.id, None, &everywhere)
            .await
            .map_err(message)?;
        equal(&is_valid(db, &of_bob.id, now()).await?, &false)
    }
    .await;
    people.delete().await?;
    checked
}
