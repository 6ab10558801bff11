//! One-time codes: one purpose, one browser, one use, few attempts.

use domain::lifetimes::{CODES_KEPT, MAX_CODE_ATTEMPTS};
use domain::{CodeId, CodePurpose, Email, Timestamp};
use futures::future::{join, join_all};

use super::{DAY, MILLISECOND, TestUsers, hash, now};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::codes;
use crate::schema::tables::{Code, User};
use crate::{Db, DbError};

const PURPOSE: CodePurpose = CodePurpose::SignIn;

/// A code for `user` in a browser, which expires a day after it was made.
pub(super) fn code(user: &User, browser: &str, digits: &str, at: Timestamp) -> Code {
    Code {
        id: CodeId::new(),
        purpose: PURPOSE,
        user_id: Some(user.id),
        email: user.email.clone(),
        code_hash: hash(user, digits),
        browser_hash: browser.to_owned(),
        attempts: 0,
        expires_at: at + DAY,
        used_at: None,
        created_at: at,
    }
}

/// The code that is used up by these digits.
async fn take(db: &Db, code: &Code, at: Timestamp) -> Result<Option<CodeId>, String> {
    let taken = codes::take(db, code.purpose, &code.browser_hash, &code.code_hash, at).await;
    Ok(taken.map_err(message)?.map(|used| used.id))
}

async fn insert(db: &Db, code: &Code) -> Result<(), String> {
    codes::insert(db, code).await.map_err(message)
}

/// A code is used once, until it expires, by the browser that asked for it, for its purpose.
pub(in crate::contract) async fn a_code_is_used_once_before_it_expires(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let browser = hash(&ada, "browser");
        let sent = code(&ada, &browser, "digits", now());
        insert(db, &sent).await?;
        let last = sent.expires_at - MILLISECOND;
        for wrong in [
            Code {
                browser_hash: hash(&ada, "another browser"),
                ..sent.clone()
            },
            Code {
                purpose: CodePurpose::ResetPassword,
                ..sent.clone()
            },
            Code {
                code_hash: hash(&ada, "other digits"),
                ..sent.clone()
            },
        ] {
            equal(&take(db, &wrong, now()).await?, &None)?;
        }
        equal(&take(db, &sent, sent.expires_at).await?, &None)?;
        let found = codes::take(db, PURPOSE, &browser, &sent.code_hash, last).await;
        let found = found.map_err(message)?.ok_or("it was refused")?;
        equal(
            &(found.id, found.user_id, found.email),
            &(sent.id, Some(ada.id), ada.email.clone()),
        )?;
        for at in [now(), last] {
            equal(&take(db, &sent, at).await?, &None)?;
        }
        let used = async |browser: &str, digits: &str, since| {
            let hash = hash(&ada, digits);
            let used = codes::used_since(db, PURPOSE, browser, &hash, since).await;
            Ok::<_, String>(used.map_err(message)?.map(|used| used.id))
        };
        equal(
            &used(&browser, "digits", last - MILLISECOND).await?,
            &Some(sent.id),
        )?;
        equal(&used(&browser, "digits", last).await?, &None)?;
        equal(&used(&browser, "other digits", now()).await?, &None)?;
        equal(&used(&sent.code_hash, "digits", now()).await?, &None)?;
        // The same digits, drawn again for somebody else, are another code.
        let again = Code {
            user_id: None,
            ..code(&ada, &browser, "digits", now() + DAY)
        };
        insert(db, &again).await?;
        equal(&take(db, &again, now() + DAY).await?, &Some(again.id))?;
        // Of two at once, one is right.
        let once = code(&ada, &browser, "once", now());
        insert(db, &once).await?;
        let second = clients.strong();
        let both = join(take(db, &once, now()), take(&second, &once, now())).await;
        let taken = [both.0?, both.1?];
        let times = taken.iter().filter(|taken| **taken == Some(once.id));
        equal(&times.count(), &1)
    }
    .await;
    people.delete().await?;
    checked
}

/// Each attempt counts, right or wrong, also of those that come at once; after the last the right one is refused.
pub(in crate::contract) async fn attempts_are_limited_however_they_come(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let guesses = |sent: &Code, count: i64| -> Vec<Code> {
            let guess = |n| Code {
                code_hash: hash(&ada, &format!("guess {n}")),
                ..sent.clone()
            };
            (0..count).map(guess).collect()
        };
        for (wrong, is_right) in [(MAX_CODE_ATTEMPTS - 1, true), (MAX_CODE_ATTEMPTS, false)] {
            let name = format!("browser {wrong}");
            let sent = code(&ada, &hash(&ada, &name), "digits", now());
            insert(db, &sent).await?;
            for guess in guesses(&sent, wrong) {
                equal(&take(db, &guess, now()).await?, &None)?;
            }
            let expected = is_right.then_some(sent.id);
            equal(&take(db, &sent, now()).await?, &expected)?;
        }
        let sent = code(&ada, &hash(&ada, "many"), "digits", now());
        insert(db, &sent).await?;
        let others = [db.clone(), clients.strong(), clients.strong()];
        let tries = guesses(&sent, MAX_CODE_ATTEMPTS);
        let tries = tries.iter().zip(others.iter().cycle());
        for tried in join_all(tries.map(|(guess, db)| take(db, guess, now()))).await {
            equal(&tried?, &None)?;
        }
        equal(&take(db, &sent, now()).await?, &None)
    }
    .await;
    people.delete().await?;
    checked
}

/// A new code makes the earlier ones void that the same browser asked for, for the same purpose, and no others.
pub(in crate::contract) async fn a_new_code_makes_the_browsers_earlier_ones_void(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let browser = hash(&ada, "browser");
        let earlier = code(&ada, &browser, "earlier", now());
        let elsewhere = code(&ada, &hash(&ada, "elsewhere"), "elsewhere", now());
        let other_use = Code {
            purpose: CodePurpose::ResetPassword,
            ..code(&ada, &browser, "other use", now())
        };
        let later = code(&bob, &browser, "later", now() + MILLISECOND);
        for sent in [&earlier, &elsewhere, &other_use, &later] {
            insert(db, sent).await?;
        }
        let at = later.created_at;
        equal(&take(db, &earlier, at).await?, &None)?;
        for valid in [&elsewhere, &other_use, &later] {
            equal(&take(db, valid, at).await?, &Some(valid.id))?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}

/// The codes that were sent to an address are counted, used ones too, whoever asked; those of long ago are forgotten.
pub(in crate::contract) async fn codes_are_counted_by_their_address(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let sent = async |user: &User, since| {
        let email = Email::parse(&user.email.to_uppercase());
        let email = email.map_err(|why| DbError::Driver(why.to_string()));
        codes::sent_since(db, &email.map_err(message)?, since)
            .await
            .map_err(message)
    };
    let checked = async {
        let start = now() - MILLISECOND;
        equal(&sent(&ada, start).await?, &0)?;
        let first = code(&ada, &hash(&ada, "one"), "digits", now());
        let second = code(&ada, &hash(&ada, "two"), "digits", now());
        let nobodys = Code {
            user_id: None,
            ..code(&ada, &hash(&ada, "three"), "digits", now())
        };
        for sent in [&first, &second, &nobodys] {
            insert(db, sent).await?;
        }
        insert(db, &code(&bob, &hash(&bob, "one"), "digits", now())).await?;
        equal(&take(db, &first, now()).await?, &Some(first.id))?;
        equal(&sent(&ada, start).await?, &3)?;
        equal(&sent(&ada, now()).await?, &0)?;
        equal(&sent(&bob, start).await?, &1)?;
        for (after, left) in [(CODES_KEPT, 4), (CODES_KEPT + MILLISECOND, 2)] {
            let name = format!("{after:?}");
            let at = now() + after;
            insert(db, &code(&ada, &hash(&ada, &name), "digits", at)).await?;
            equal(&sent(&ada, start).await?, &left)?;
        }
        equal(&sent(&bob, start).await?, &1)
    }
    .await;
    people.delete().await?;
    checked
}

/// A browser is told which address its last code was sent to, until it is used, and a code that was no use is good again.
pub(in crate::contract) async fn a_browser_knows_the_code_that_it_asked_for(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let browser = hash(&ada, "browser");
        let asked = async |purpose, at| {
            let asked = codes::asked(db, purpose, &browser, at).await;
            asked.map_err(message)
        };
        let email = async |at| Ok::<_, String>(asked(PURPOSE, at).await?.map(|code| code.email));
        equal(&email(now()).await?, &None)?;
        let earlier = code(&ada, &browser, "earlier", now());
        let later = code(&bob, &browser, "later", now() + MILLISECOND);
        for sent in [&earlier, &later] {
            insert(db, sent).await?;
        }
        let at = later.created_at;
        equal(&email(at).await?, &Some(bob.email.clone()))?;
        equal(&email(at + DAY).await?, &None)?;
        equal(
            &asked(CodePurpose::ResetPassword, at).await?.is_none(),
            &true,
        )?;
        for wrong in 1..=MAX_CODE_ATTEMPTS {
            equal(&take(db, &earlier, at).await?, &None)?;
            let found = asked(PURPOSE, at).await?.ok_or("it is gone")?;
            let is_usable = wrong < MAX_CODE_ATTEMPTS;
            equal(&(found.attempts, found.is_usable(at)), &(wrong, is_usable))?;
            equal(&found.is_usable(later.expires_at), &false)?;
        }

        let third = code(&ada, &browser, "third", now() + MILLISECOND * 2);
        insert(db, &third).await?;
        let at = third.created_at;
        for _ in 0..MAX_CODE_ATTEMPTS {
            equal(&take(db, &third, at).await?, &Some(third.id))?;
            equal(&email(at).await?, &None)?;
            codes::give_back(db, third.id).await.map_err(message)?;
            equal(&email(at).await?, &Some(ada.email.clone()))?;
        }
        equal(&take(db, &third, at).await?, &None)?;
        codes::withdraw(db, third.id).await.map_err(message)?;
        equal(&email(at).await?, &Some(bob.email.clone()))
    }
    .await;
    people.delete().await?;
    checked
}

/// Codes for several people are made at the same time, and all of them are good.
pub(in crate::contract) async fn codes_are_made_at_once(db: &Db, clients: &Clients) -> CaseResult {
    let (people, users) = TestUsers::write::<6>(db).await?;
    let checked = async {
        let others = [db.clone(), clients.strong(), clients.strong()];
        for round in 0..4_u32 {
            let at = now() + DAY * round;
            let sent = users.each_ref().map(|user| {
                let browser = hash(user, &format!("browser {round}"));
                code(user, &browser, "digits", at)
            });
            let made = sent.iter().zip(others.iter().cycle());
            for made in join_all(made.map(|(sent, db)| insert(db, sent))).await {
                made?;
            }
            let taken = sent.iter().zip(others.iter().cycle());
            let taken = join_all(taken.map(|(sent, db)| take(db, sent, at))).await;
            for (taken, sent) in taken.into_iter().zip(&sent) {
                equal(&taken?, &Some(sent.id))?;
            }
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}
