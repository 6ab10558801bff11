//! Challenges. Nothing is stored when one is given, so that nobody fills a table by asking; and each is good for one use.
//!
//! A challenge is the id of the event that its use will be, in which its time is, signed by the site's secret for one purpose, one
//! browser and one user. The event is added in the same batch as the session or the passkey, to a table whose rows are only added: of
//! any number of uses of one challenge, one succeeds.

use accounts::Token;
use app::context::Secret;
use app::passkeys::Purpose;
use domain::lifetimes::CHALLENGE_TTL;
use domain::{EventId, Timestamp, UserId};
use uuid::Uuid;

/// The purpose that is signed.
const PURPOSE: &str = "passkey challenge";

/// The use that a challenge is given for, and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub(super) purpose: Purpose,
    pub(super) browser: &'a Token,
    /// The user who is signed in, if the purpose is theirs.
    pub(super) user: Option<UserId>,
}

/// Gives a challenge: a text that nobody else can make.
pub(super) fn give(secret: &Secret, asker: Asker<'_>) -> String {
    let id = EventId::new();
    let signature = secret.sign(PURPOSE, &signed_text(id, asker));
    format!("{id}.{signature}")
}

/// The id of the event of a challenge's use, if it was given for this one, and not too long ago.
pub(super) fn take(
    secret: &Secret,
    asker: Asker<'_>,
    challenge: &[u8],
    now: Timestamp,
) -> Option<EventId> {
    let (id, signature) = std::str::from_utf8(challenge).ok()?.split_once('.')?;
    let id = EventId(Uuid::try_parse(id).ok()?);
    let is_ours = secret.has_signed(PURPOSE, &signed_text(id, asker), signature);
    (is_ours && now < given_at(id)? + CHALLENGE_TTL).then_some(id)
}

fn signed_text(id: EventId, asker: Asker<'_>) -> String {
    let Asker {
        purpose,
        browser,
        user,
    } = asker;
    let user = user.map(|id| id.to_string()).unwrap_or_default();
    format!("{id} {} {} {user}", purpose.as_str(), browser.as_str())
}

/// The time that is in the id (RFC 9562, 5.7).
fn given_at(id: EventId) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.0.get_timestamp()?.to_unix();
    let millis = i64::try_from(seconds).ok()? * 1_000 + i64::from(nanoseconds / 1_000_000);
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_challenge_is_for_one_purpose_one_browser_and_one_user_for_five_minutes() {
        let [ours, other] = ["x", "y"].map(|c| Secret::new(c.repeat(32)).expect("long enough"));
        let [here, elsewhere] = [Token::new(), Token::new()].map(|token| token.expect("random"));
        let [ada, eve] = [UserId::new(), UserId::new()];
        let asker = Asker {
            purpose: Purpose::Add,
            browser: &here,
            user: Some(ada),
        };
        let now = Timestamp::now();
        let given = give(&ours, asker);
        let taken = |asker| take(&ours, asker, given.as_bytes(), now);
        assert!(taken(asker).is_some());
        assert_ne!(given, give(&ours, asker));
        let purpose = Purpose::Confirm;
        assert_eq!(taken(Asker { purpose, ..asker }), None);
        let purpose = Purpose::SignIn;
        assert_eq!(taken(Asker { purpose, ..asker }), None);
        let browser = &elsewhere;
        assert_eq!(taken(Asker { browser, ..asker }), None);
        for user in [Some(eve), None] {
            assert_eq!(taken(Asker { user, ..asker }), None);
        }
        assert_eq!(take(&other, asker, given.as_bytes(), now), None);
        for (after, is_taken) in [(299, true), (301, false)] {
            let at = now + Duration::from_secs(after);
            let taken = take(&ours, asker, given.as_bytes(), at);
            assert_eq!(taken.is_some(), is_taken, "{after}");
        }
        for at in 0..given.len() {
            let mut forged = given.clone().into_bytes();
            forged[at] ^= 1;
            assert_eq!(take(&ours, asker, &forged, now), None, "{at}");
            assert_eq!(take(&ours, asker, &given.as_bytes()[..at], now), None);
        }
        assert_eq!(take(&ours, asker, "ä.ö".as_bytes(), now), None);
    }
}
