//! Changes of an account by its owner: address, password, profile.

use domain::{Email, EventKind, Handle, LinkId, Search, UserId};
use futures::future::{join, join_all};

use super::{
    TestUsers, api_tokens, event, handle, hash, is_taken, kinds, now, one_is_done, passkeys,
    session,
};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::accounts::{self, NewProfile};
use crate::queries::handles::{self, HandleChange};
use crate::queries::sessions::{self, Rotation};
use crate::queries::sign_in::{self, Login};
use crate::queries::{self, codes, insert, passwords, profile_links, users};
use crate::schema::tables::{Code, ProfileLink, User, users as columns};
use crate::{Db, DbError};

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|why| format!("{text}: {why}"))
}

async fn account(db: &Db, user: &User) -> Result<accounts::Account, String> {
    let found = accounts::find(db, user.id).await.map_err(message)?;
    found.ok_or_else(|| "the account is not there".to_owned())
}

/// An address is verified once, and only while it is the account's.
pub(in crate::contract) async fn an_address_is_verified_once(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let verify = async |db: &Db, user: &User, address: &str| {
            let event = event(EventKind::EmailVerified, user, now());
            let email = email(address).map_err(DbError::Driver)?;
            accounts::verify_email(db, user.id, &email, &event).await
        };
        equal(&verify(db, &ada, &bob.email).await, &Ok(false))?;
        equal(&account(db, &ada).await?.email_verified_at, &None)?;
        let (upper, rival) = (ada.email.to_uppercase(), clients.strong());
        let both = join(verify(db, &ada, &upper), verify(&rival, &ada, &upper));
        one_is_done(both.await)?;
        equal(&account(db, &ada).await?.email_verified_at, &Some(now()))?;
        equal(&verify(db, &ada, &ada.email).await, &Ok(false))?;
        equal(&kinds(db, &ada).await?, &vec!["email_verified".to_owned()])?;
        equal(&account(db, &bob).await?.email_verified_at, &None)
    }
    .await;
    people.delete().await?;
    checked
}

/// A code for a user that was sent to their address, in a browser of its own.
fn code(user: &User) -> Code {
    super::codes::code(user, &hash(user, "browser"), "digits", now())
}

/// True if a code of [`code`] can be used, which uses it up.
async fn is_usable(db: &Db, code: &Code) -> Result<bool, String> {
    let taken = codes::take(db, code.purpose, &code.browser_hash, &code.code_hash, now()).await;
    Ok(taken.map_err(message)?.is_some())
}

/// Another address is verified from the start, and makes codes void that were sent to the old one; a taken one changes nothing.
pub(in crate::contract) async fn another_address_makes_the_codes_void(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let checked = async {
        let sent = [&ada, &bob, &cyd].map(code);
        let written = db.write(&insert(db.dialect(), &sent)).await;
        written.map_err(message)?;
        let change = async |user: &User, address: &str| {
            let event = event(EventKind::EmailChanged, user, now());
            Ok::<_, String>(accounts::change_email(db, user.id, &email(address)?, &event).await)
        };
        let taken = change(&cyd, &bob.email.to_uppercase()).await?;
        equal(&is_taken(&taken, columns::email), &true)?;
        equal(&account(db, &cyd).await?.email, &cyd.email)?;
        equal(&kinds(db, &cyd).await?, &Vec::new())?;
        equal(&is_usable(db, &sent[2]).await?, &true)?;

        let new = format!("new-{}", ada.email);
        equal(&change(&ada, &new).await?, &Ok(true))?;
        let found = account(db, &ada).await?;
        // The sitemap says this time: what readers do not see does not change it.
        equal(&found.updated_at, &ada.updated_at)?;
        equal(&(found.email, found.email_verified_at), &(new, Some(now())))?;
        equal(&kinds(db, &ada).await?, &vec!["email_changed".to_owned()])?;
        equal(&is_usable(db, &sent[0]).await?, &false)?;
        equal(&is_usable(db, &sent[1]).await?, &true)?;
        // The old address is free.
        equal(&change(&bob, &ada.email).await?, &Ok(true))?;
        // A form that is sent twice changes it once.
        let (rival, newest) = (clients.strong(), email(&format!("newest-{}", ada.email))?);
        let again = async |db: &Db| {
            let event = event(EventKind::EmailChanged, &ada, now());
            accounts::change_email(db, ada.id, &newest, &event).await
        };
        one_is_done(join(again(db), again(&rival)).await)?;
        equal(&account(db, &ada).await?.email, &newest.as_str().to_owned())?;
        equal(&kinds(db, &ada).await?.len(), &2)
    }
    .await;
    people.delete().await?;
    checked
}

/// Another password ends the other sessions and makes codes void; the session at hand gets another token.
pub(in crate::contract) async fn another_password_ends_the_other_sessions(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let ours = ["here", "there"].map(|name| session(&ada, name, now()));
        let of_bob = session(&bob, "of bob", now());
        let sent = [&ada, &bob].map(code);
        let mut written = insert(db.dialect(), &ours);
        written.extend(insert(db.dialect(), std::slice::from_ref(&of_bob)));
        written.extend(insert(db.dialect(), &sent));
        db.write(&written).await.map_err(message)?;
        let password = async || {
            let found = sign_in::find(db, Login::User(ada.id)).await;
            Ok::<_, String>(found.map_err(message)?.map(|user| user.password_hash))
        };
        let valid = async |hash: &str| {
            let found = sessions::find(db, hash, now()).await.map_err(message)?;
            Ok::<_, String>(found.map(|found| (found.id, found.is_confirmed(now()))))
        };
        let new = hash(&ada, "new");
        let rotation = Rotation {
            from: &ours[0].id,
            to: &new,
        };
        let changed = event(EventKind::PasswordChanged, &ada, now());
        passwords::set_password(db, ada.id, "changed", Some(rotation), &changed)
            .await
            .map_err(message)?;
        equal(&password().await?.as_deref(), &Some("changed"))?;
        let here = ours[0].public_id.map(|id| (id, true));
        equal(&valid(&new).await?, &here)?;
        for gone in &ours {
            equal(&valid(&gone.id).await?, &None)?;
        }
        equal(&is_usable(db, &sent[0]).await?, &false)?;

        // A session that is over changes nothing.
        for from in [&ours[0].id, &ours[1].id] {
            let late = Rotation { from, to: "late" };
            let event = event(EventKind::PasswordChanged, &ada, now());
            let done = passwords::set_password(db, ada.id, "thief's", Some(late), &event).await;
            equal(&done, &Ok(false))?;
            equal(&password().await?.as_deref(), &Some("changed"))?;
            equal(&valid(&new).await?, &here)?;
        }
        equal(
            &kinds(db, &ada).await?,
            &vec!["password_changed".to_owned()],
        )?;

        let reset = event(EventKind::PasswordReset, &ada, now());
        passwords::set_password(db, ada.id, "reset", None, &reset)
            .await
            .map_err(message)?;
        equal(&password().await?.as_deref(), &Some("reset"))?;
        equal(&account(db, &ada).await?.updated_at, &ada.updated_at)?;
        equal(&valid(&new).await?, &None)?;
        let all = ["password_changed", "password_reset"];
        equal(&kinds(db, &ada).await?, &all.map(str::to_owned).to_vec())?;
        equal(&valid(&of_bob.id).await?.is_some(), &true)?;
        equal(&is_usable(db, &sent[1]).await?, &true)?;

        // Who is the first to prove the address takes the account from whoever made it.
        let [theirs, of_bob] = [&ada, &bob].map(|user| {
            let token = api_tokens::token(user, "token", None, now());
            (passkeys::passkey(user, "key", now()), token)
        });
        for (key, token) in [&theirs, &of_bob] {
            let mut written = insert(db.dialect(), std::slice::from_ref(key));
            written.extend(insert(db.dialect(), std::slice::from_ref(token)));
            db.write(&written).await.map_err(message)?;
        }
        let taken = event(EventKind::SessionsRevoked, &ada, now());
        passwords::take_over(db, ada.id, "void", None, &taken)
            .await
            .map_err(message)?;
        equal(&password().await?.as_deref(), &Some("void"))?;
        for ((key, token), is_left) in [(&theirs, false), (&of_bob, true)] {
            let key = queries::passkeys::find(db, &key.id)
                .await
                .map_err(message)?;
            let token = queries::api_tokens::find(db, &token.token_hash, now()).await;
            let left = (key.is_some(), token.map_err(message)?.is_some());
            equal(&left, &(is_left, is_left))?;
        }
        let set = event(EventKind::PasswordReset, &ada, now());
        passwords::set_password(db, ada.id, "reset", None, &set)
            .await
            .map_err(message)?;

        // A hash that is made anew does not overwrite a password that was changed meanwhile.
        for (before, expected) in [("changed", "reset"), ("reset", "anew")] {
            passwords::rehash(db, ada.id, before, "anew")
                .await
                .map_err(message)?;
            equal(&password().await?.as_deref(), &Some(expected))?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}

/// A profile is written with its links, which replace the ones before, in their order; other people's stay.
pub(in crate::contract) async fn a_profile_is_written_with_its_links_in_order(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let link = |user: &User, position: i64| ProfileLink {
            id: LinkId::new(),
            user_id: user.id,
            position,
            label: format!("link {position}"),
            url: format!("https://{position}.example/夜"),
        };
        let set = async |user: &User, name: &str, links: &[ProfileLink]| {
            let search_text = Search::index(&format!("{} {name}", user.handle));
            let profile = NewProfile {
                name,
                bio: "A short text.",
                search_text: &search_text,
                links,
            };
            accounts::set_profile(db, user.id, profile, None, now())
                .await
                .map_err(message)
        };
        let labels = async |user: UserId| {
            let links = profile_links::list(db, user).await.map_err(message)?;
            Ok::<Vec<String>, String>(links.into_iter().map(|link| link.label).collect())
        };
        equal(&labels(ada.id).await?, &Vec::new())?;
        let links = [2, 0, 1].map(|position| link(&ada, position));
        set(&ada, "Zoë 夜", &links).await?;
        set(&bob, "Bob", &[link(&bob, 7)]).await?;
        let names =
            |all: &[i64]| -> Vec<String> { all.iter().map(|n| format!("link {n}")).collect() };
        equal(&labels(ada.id).await?, &names(&[0, 1, 2]))?;
        let most = profile_links::MAX_LINKS as i64;
        let many: Vec<ProfileLink> = (0..=most).map(|n| link(&ada, most - n)).collect();
        set(&ada, "Ada", &many).await?;
        equal(
            &labels(ada.id).await?,
            &names(&(0..most).collect::<Vec<_>>()),
        )?;
        set(&ada, "Ada", &[]).await?;
        equal(&labels(ada.id).await?, &Vec::new())?;
        equal(&labels(bob.id).await?, &names(&[7]))?;
        let handle = Handle::parse(&ada.handle).map_err(|why| format!("{why:?}"))?;
        let shown = users::find(db, &handle).await.map_err(message)?;
        let shown = shown.ok_or("the profile is not there")?;
        equal(
            &(shown.name.as_str(), shown.bio.as_str()),
            &("Ada", "A short text."),
        )?;
        equal(&account(db, &ada).await?.updated_at, &now())?;
        equal(&account(db, &ada).await?.email, &ada.email)
    }
    .await;
    people.delete().await?;
    checked
}

/// Of two who have opened the same profile and write it, one does; the other's words and links are not written.
pub(in crate::contract) async fn a_profile_is_not_written_over_unseen(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let write = async |db: &Db, name: &str, opened| {
            let link = ProfileLink {
                id: LinkId::new(),
                user_id: ada.id,
                position: 0,
                label: name.to_owned(),
                url: "https://ada.example".to_owned(),
            };
            let profile = NewProfile {
                name,
                bio: name,
                search_text: name,
                links: &[link],
            };
            accounts::set_profile(db, ada.id, profile, Some(opened), now()).await
        };
        let rival = clients.strong();
        let both = join(
            write(db, "one", ada.updated_at),
            write(&rival, "two", ada.updated_at),
        );
        let done = one_is_done(both.await)?;
        let name = if done[0] { "one" } else { "two" };
        let found = accounts::with_links(db, ada.id).await.map_err(message)?;
        let (account, links) = found.ok_or("the account is not there")?;
        let labels: Vec<&str> = links.iter().map(|link| link.label.as_str()).collect();
        equal(&(account.name.as_str(), labels), &(name, vec![name]))?;
        equal(&account.updated_at, &now())?;
        equal(&write(db, "three", now()).await, &Ok(true))
    }
    .await;
    people.delete().await?;
    checked
}

/// Several people change their names, handles and passwords at the same time.
pub(in crate::contract) async fn accounts_are_changed_at_once(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, users) = TestUsers::write::<6>(db).await?;
    let checked = async {
        let others = [db.clone(), clients.strong(), clients.strong()];
        for round in 0..4 {
            let changes = users.iter().zip(others.iter().cycle());
            let changes = changes.map(|(user, db)| async move {
                let links = [0, 1].map(|position| ProfileLink {
                    id: LinkId::new(),
                    user_id: user.id,
                    position,
                    label: format!("{round}"),
                    url: "https://link.example".to_owned(),
                });
                let profile = NewProfile {
                    name: "A case",
                    bio: "",
                    search_text: "",
                    links: &links,
                };
                accounts::set_profile(db, user.id, profile, None, now()).await?;
                let new = crate::contract::written::user(UserId::new()).handle;
                let new = handle(&new).map_err(DbError::Driver)?;
                let changed = event(EventKind::HandleChanged, user, now());
                let changed = handles::change(db, user.id, &new, "", &changed).await?;
                let session = session(user, &format!("{round}"), now());
                let begun = event(EventKind::SignedIn, user, now());
                sessions::create(db, &session, None, None, &begun).await?;
                let to = hash(user, &format!("{round}, new"));
                let rotation = Rotation {
                    from: &session.id,
                    to: &to,
                };
                let set = event(EventKind::PasswordChanged, user, now());
                passwords::set_password(db, user.id, "", Some(rotation), &set).await?;
                let left = sessions::list(db, user.id, now()).await?;
                Ok::<_, DbError>((changed, left.len()))
            });
            for changed in join_all(changes).await {
                equal(&changed, &Ok((HandleChange::Done, 1)))?;
            }
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}
