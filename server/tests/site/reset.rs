//! A new password by a code: what the code is good for, and nothing that tells who has an account.

use app::context::SESSION_COOKIE;
use db::Value;
use http::StatusCode;

use crate::accounts::{PASSWORD, cell, page, send};
use crate::mail::{ask, browser, cookies, hidden, mailing};
use crate::support::{Answer, World};

const NEW: &str = "quiet copper thistle";

async fn set(world: &World, browser: &str, code: &str, password: &str) -> Answer {
    let fields = [
        ("email", "ada@example.com"),
        ("code", code),
        ("password", password),
    ];
    send(world, "/reset/code", browser, &fields).await
}

#[tokio::test]
async fn a_password_is_reset_by_a_code() {
    let (world, sent) = mailing().await;
    let other = send(
        &world,
        "/login",
        "",
        &[("login", "ada"), ("password", PASSWORD)],
    )
    .await;
    let other = cookies(&other);
    let browser = browser(&world, "/reset").await;

    let answer = ask(&world, &browser, " Ada@EXAMPLE.com ").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/reset/code");
    assert_eq!(cookies(&answer), browser, "the browser keeps its secret");
    let (mail, code) = sent.code();
    assert_eq!(mail.to.as_str(), "ada@example.com");
    assert!(mail.text.contains("https://site.example"), "{}", mail.text);

    let form = page(&world, "/reset/code", &browser).await.body;
    assert!(form.contains("<bdi>ada@example.com</bdi>"), "{form}");
    assert!(form.contains("autocomplete=\"one-time-code\""), "{form}");
    // Nothing is used up by a password that is not taken.
    for weak in [
        "short",
        "ada@example.com",
        "Ada Lovelace",
        "ada lovelace ada",
    ] {
        let answer = set(&world, &browser, &code, weak).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        assert!(
            answer.body.contains("id=\"password-error\""),
            "{}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("value=\"{code}\"")),
            "{}",
            answer.body
        );
        assert!(
            !answer.body.contains(weak) || weak.contains('@'),
            "{}",
            answer.body
        );
    }
    let answer = set(&world, &browser, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let to = answer.header("location");
    assert_eq!(to, "/settings?changed=reset");
    let session = cookies(&answer);
    let settings = page(&world, to, &session).await.body;
    assert!(settings.contains("Your new password is set, and you are signed in."));
    assert!(session.starts_with(SESSION_COOKIE), "{session}");
    assert_eq!(
        page(&world, "/settings", &session).await.status,
        StatusCode::OK
    );
    assert_eq!(
        page(&world, "/settings", &other).await.status,
        StatusCode::SEE_OTHER
    );
    let (news, _) = sent.code();
    assert_eq!(news.subject, "Your password was changed");

    for (password, status) in [(PASSWORD, 422), (NEW, 303)] {
        let fields = [("login", "ada"), ("password", password)];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.status.as_u16(), status);
    }
    // Whoever has read the mail has the address.
    let verified = "SELECT email_verified_at IS NOT NULL FROM users";
    assert_eq!(cell(&world, verified).await, Value::Int(1));
    let kinds =
        "SELECT GROUP_CONCAT(kind, ' ') FROM (SELECT kind FROM events ORDER BY id LIMIT 3, 3)";
    let kinds = cell(&world, kinds).await;
    assert_eq!(
        kinds,
        Value::Text("password_reset email_verified signed_in".to_owned())
    );
    // All codes of the account are void with the password that they were for.
    let stored = cell(&world, "SELECT COUNT(*) FROM codes").await;
    assert_eq!(stored, Value::Int(0));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_sends_one_mail_and_sets_one_password() {
    let (world, sent) = mailing().await;
    let form = page(&world, "/reset", "").await;
    let (browser, id) = (cookies(&form), hidden(&form.body, "id"));
    let fields = [("email", "ada@example.com"), ("id", id.as_str())];
    let both = futures::future::join(
        send(&world, "/reset", &browser, &fields),
        send(&world, "/reset", &browser, &fields),
    )
    .await;
    for answer in [both.0, both.1] {
        assert_eq!(answer.header("location"), "/reset/code");
    }
    assert_eq!(sent.mails().len(), 1);
    let (_, code) = sent.code();
    // A browser that has given up the first of two clicks may have stopped it halfway: the code is used up, and nothing is done.
    let used = "UPDATE codes SET used_at = (SELECT MAX(created_at) FROM codes), attempts = 1 \
                WHERE purpose = 'reset_password' RETURNING 1";
    cell(&world, used).await;
    for _ in 0..2 {
        let answer = set(&world, &browser, &code, NEW).await;
        let to = answer.header("location");
        assert_eq!(to, "/settings?changed=reset", "{}", answer.body);
        let settings = page(&world, "/settings", &cookies(&answer)).await;
        assert_eq!(settings.status, StatusCode::OK);
    }
    assert_eq!(sent.mails().len(), 2, "a code, and the news of it");
    let resets = "SELECT COUNT(*) FROM events WHERE kind = 'password_reset'";
    assert_eq!(cell(&world, resets).await, Value::Int(1));
    // Later, it is no way of signing in, of which nobody would be told.
    let later = "UPDATE events SET created_at = created_at - 30000 RETURNING 1";
    cell(&world, later).await;
    let answer = set(&world, &browser, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("set-cookie"), "");
    // A replay with another password does nothing.
    let answer = set(&world, &browser, &code, "another long password").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn a_code_is_good_in_its_own_browser_for_its_own_purpose() {
    let (world, sent) = mailing().await;
    let mine = browser(&world, "/reset").await;
    let theirs = browser(&world, "/reset").await;
    assert_ne!(mine, theirs);
    ask(&world, &mine, "ada@example.com").await;
    let (_, code) = sent.code();
    for other in ["", theirs.as_str(), "__Host-code=short"] {
        let answer = set(&world, other, &code, NEW).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{other}");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(
            answer.body.contains("This code is not right"),
            "{}",
            answer.body
        );
    }
    // A later code makes an earlier one void.
    ask(&world, &mine, "ada@example.com").await;
    let (_, later) = sent.code();
    let answer = set(&world, &mine, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = set(&world, &mine, &later, NEW).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_code_is_not_guessed() {
    let (world, sent) = mailing().await;
    let browser = browser(&world, "/reset").await;
    ask(&world, &browser, "ada@example.com").await;
    let (_, code) = sent.code();
    for n in 0..5 {
        let guess = format!("{:08}", 12_345_670 + n);
        assert_ne!(guess, code.replace(' ', ""));
        let answer = set(&world, &browser, &guess, NEW).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let is_void = answer.body.contains("tried 5 times, and is void");
        assert_eq!(is_void, n == 4, "{n}: {}", answer.body);
    }
    let answer = set(&world, &browser, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What is no code at all is no attempt.
    ask(&world, &browser, "ada@example.com").await;
    let (_, code) = sent.code();
    for _ in 0..6 {
        let answer = set(&world, &browser, "1234", NEW).await;
        assert!(
            answer.body.contains("A code has eight digits."),
            "{}",
            answer.body
        );
    }
    let answer = set(&world, &browser, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let failures = "SELECT COUNT(*) FROM events WHERE kind = 'sign_in_failed' AND detail = 'code' AND user_id IS NOT NULL";
    assert_eq!(cell(&world, failures).await, Value::Int(6));
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let (world, sent) = mailing().await;
    let browser = browser(&world, "/reset").await;
    let mut seen = Vec::new();
    for email in ["ada@example.com", "eve@example.com"] {
        let without_id = |mut answer: Answer| {
            // A hash of the page, in which the form has an id of its own.
            answer.headers.remove("etag");
            let id = match answer.body.contains("name=\"id\"") {
                true => hidden(&answer.body, "id"),
                false => String::new(),
            };
            let body = answer.body.replace(email, "").replace(&id, "");
            (answer.status, answer.headers, body)
        };
        let asked = ask(&world, &browser, email).await;
        let form = page(&world, "/reset/code", &browser).await;
        let fields = [("email", email), ("code", "1234 5678"), ("password", NEW)];
        let wrong = send(&world, "/reset/code", &browser, &fields).await;
        seen.push([asked, form, wrong].map(without_id));
    }
    assert_eq!(seen[0], seen[1]);
    let mails = sent.mails();
    assert_eq!(mails[1].to.as_str(), "eve@example.com");
    assert_eq!(mails[1].subject, "There is no account with this address");
    // The digits that nobody was sent lead nowhere either.
    assert!(!mails[1].text.lines().any(|line| line.starts_with("    ")));
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_loses_nothing() {
    let (world, sent) = mailing().await;
    let form = page(&world, "/reset", "").await;
    let (browser, id) = (cookies(&form), hidden(&form.body, "id"));
    sent.set_broken(true);
    for email in ["ada@example.com", "eve@example.com"] {
        let fields = [("email", email), ("id", id.as_str())];
        let answer = send(&world, "/reset", &browser, &fields).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            answer.body.contains("The mail could not be sent."),
            "{}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("value=\"{email}\"")),
            "{}",
            answer.body
        );
        assert!(!answer.body.contains("mail.internal"), "{}", answer.body);
    }
    sent.set_broken(false);
    let fields = [("email", "ada@example.com"), ("id", id.as_str())];
    let answer = send(&world, "/reset", &browser, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let (_, code) = sent.code();
    let answer = set(&world, &browser, &code, NEW).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}
