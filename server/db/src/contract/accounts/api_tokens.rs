//! API tokens: valid until they expire or are revoked, and no longer than their owner may sign in.

use domain::lifetimes::{MAX_TOKENS, SEEN_INTERVAL};
use domain::{EventKind, Timestamp, TokenId};
use futures::future::join;

use super::{CLOSED, DAY, MILLISECOND, TestUsers, event, hash, kinds, now, one_is_done, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::{self, api_tokens};
use crate::schema::tables::{ApiToken, User};
use crate::{Db, DbError};

pub(super) fn token(
    user: &User,
    name: &str,
    expires_at: Option<Timestamp>,
    at: Timestamp,
) -> ApiToken {
    ApiToken {
        id: TokenId::new(),
        user_id: user.id,
        name: name.to_owned(),
        token_hash: hash(user, name),
        scopes: "read write".to_owned(),
        expires_at,
        last_used_at: None,
        created_at: at,
    }
}

async fn insert(db: &Db, token: &ApiToken, user: &User) -> Result<bool, DbError> {
    let event = event(EventKind::TokenCreated, user, now());
    api_tokens::insert(db, token, &event).await
}

async fn found(
    db: &Db,
    token: &ApiToken,
    at: Timestamp,
) -> Result<Option<api_tokens::TokenRow>, String> {
    let found = api_tokens::find(db, &token.token_hash, at).await;
    found.map_err(message)
}

/// Nobody has more tokens than their share, also by making several at once.
pub(in crate::contract) async fn nobody_has_more_tokens_than_their_share(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let tokens = (1..MAX_TOKENS).map(|n| token(&ada, &format!("token {n}"), None, now()));
        let tokens: Vec<ApiToken> = tokens.collect();
        let written = queries::insert(db.dialect(), &tokens);
        db.write(&written).await.map_err(message)?;
        let [one, other, more] =
            ["one", "other", "more"].map(|name| token(&ada, name, None, now()));
        let second = clients.strong();
        let both = join(insert(db, &one, &ada), insert(&second, &other, &ada)).await;
        one_is_done(both)?;
        equal(&insert(db, &more, &ada).await, &Ok(false))?;
        let left = api_tokens::list(db, ada.id).await.map_err(message)?.len();
        equal(&i64::try_from(left).ok(), &Some(MAX_TOKENS))?;
        equal(&kinds(db, &ada).await?, &vec!["token_created".to_owned()])
    }
    .await;
    people.delete().await?;
    checked
}

/// A token is valid until it expires, to the millisecond, and as long as its owner may sign in.
pub(in crate::contract) async fn a_token_is_valid_until_it_expires(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let end = now() + DAY;
        let expiring = token(&ada, "expiring", Some(end), now());
        let endless = token(&ada, "endless", None, now());
        for added in [&expiring, &endless] {
            equal(&insert(db, added, &ada).await, &Ok(true))?;
        }
        for (at, is_valid) in [(end - MILLISECOND, true), (end, false)] {
            equal(&found(db, &expiring, at).await?.is_some(), &is_valid)?;
            equal(&found(db, &endless, at).await?.is_some(), &true)?;
        }
        let row = found(db, &endless, now()).await?.ok_or("it is not there")?;
        equal(
            &(row.id, row.user_id, row.handle.as_str(), row.scopes.as_str()),
            &(endless.id, ada.id, ada.handle.as_str(), "read write"),
        )?;
        let upper = ApiToken {
            token_hash: endless.token_hash.to_uppercase(),
            ..endless.clone()
        };
        equal(&found(db, &upper, now()).await?.is_none(), &true)?;
        let twice = ApiToken {
            id: TokenId::new(),
            ..endless.clone()
        };
        let twice = insert(db, &twice, &ada).await;
        let is_unique = matches!(&twice, Err(DbError::Unique { table, column }) if table == "api_tokens" && column == "token_hash");
        equal(&is_unique, &true).map_err(|why| format!("{twice:?}: {why}"))?;
        for column in CLOSED {
            set_time(db, &ada, column, Some(now())).await?;
            equal(&found(db, &endless, now()).await?.is_none(), &true)?;
            let more = token(&ada, column.name, None, now());
            equal(&insert(db, &more, &ada).await, &Ok(false))?;
            set_time(db, &ada, column, None).await?;
            equal(&found(db, &more, now()).await?.is_none(), &true)?;
        }
        equal(
            &kinds(db, &ada).await?,
            &vec!["token_created".to_owned(); 2],
        )
    }
    .await;
    people.delete().await?;
    checked
}

/// The use of a token is noted at most once within the interval.
pub(in crate::contract) async fn the_use_of_a_token_is_noted_once_an_interval(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let noted = token(&ada, "noted", None, now());
        let other = token(&ada, "other", None, now());
        for added in [&noted, &other] {
            equal(&insert(db, added, &ada).await, &Ok(true))?;
        }
        let after = now() + SEEN_INTERVAL;
        for (at, is_due, used) in [
            (now(), true, now()),
            (after - MILLISECOND, false, now()),
            (after, true, after),
            (now(), false, after),
        ] {
            let before = found(db, &noted, at).await?;
            equal(&before.map(|row| row.is_note_due(at)), &Some(is_due))?;
            api_tokens::note_used(db, noted.id, at)
                .await
                .map_err(message)?;
            let row = found(db, &noted, at).await?;
            equal(&row.and_then(|row| row.last_used_at), &Some(used))?;
        }
        let row = found(db, &other, now()).await?;
        equal(&row.and_then(|row| row.last_used_at), &None)
    }
    .await;
    people.delete().await?;
    checked
}

/// Owners list their tokens, newest first and expired ones too, and revoke them; nobody revokes another's.
pub(in crate::contract) async fn owners_list_and_revoke_their_tokens(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let names = async |user: &User| {
            let listed = api_tokens::list(db, user.id).await.map_err(message)?;
            Ok::<Vec<String>, String>(listed.into_iter().map(|token| token.name).collect())
        };
        let revoke = async |db: &Db, user: &User, id| {
            let event = event(EventKind::TokenRevoked, user, now());
            api_tokens::revoke(db, user.id, id, &event).await
        };
        equal(&names(&ada).await?, &Vec::new())?;
        let old = token(&ada, "old", Some(now()), now() - DAY);
        let new = token(&ada, "new", None, now());
        let of_bob = token(&bob, "of bob", None, now());
        for (added, owner) in [(&new, &ada), (&old, &ada), (&of_bob, &bob)] {
            equal(&insert(db, added, owner).await, &Ok(true))?;
        }
        equal(
            &names(&ada).await?,
            &vec!["new".to_owned(), "old".to_owned()],
        )?;
        equal(&revoke(db, &ada, of_bob.id).await, &Ok(false))?;
        equal(&revoke(db, &ada, TokenId::new()).await, &Ok(false))?;
        let rival = clients.strong();
        let both = join(revoke(db, &ada, new.id), revoke(&rival, &ada, new.id));
        one_is_done(both.await)?;
        equal(&found(db, &new, now()).await?.is_none(), &true)?;
        equal(&found(db, &of_bob, now()).await?.is_some(), &true)?;
        equal(&names(&ada).await?, &vec!["old".to_owned()])?;
        let all = ["token_created", "token_created", "token_revoked"];
        equal(&kinds(db, &ada).await?, &all.map(str::to_owned).to_vec())
    }
    .await;
    people.delete().await?;
    checked
}
