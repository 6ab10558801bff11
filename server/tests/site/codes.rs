//! Codes that sign in, and codes that prove an address.

use std::sync::Arc;

use app::context::SESSION_COOKIE;
use app::visitor::{RateLimiter, Visitor};
use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, Counting, PASSWORD, cell, empty, page, send};
use crate::mail::{browser, cookies, empty_mailing, hidden, mailing};
use crate::support::{Answer, World};
use crate::tokens::get_me;

const IS_VERIFIED: &str = "SELECT email_verified_at IS NOT NULL FROM users WHERE handle = 'ada'";

async fn ask(world: &World, browser: &str, email: &str) -> Answer {
    let fields = [("email", email), ("next", "/posts?q=a b")];
    send(world, "/login/code/send", browser, &fields).await
}

async fn sign_in(world: &World, browser: &str, code: &str) -> Answer {
    let fields = [
        ("code", code),
        ("email", "ada@example.com"),
        ("next", "/posts?q=a b"),
    ];
    send(world, "/login/code", browser, &fields).await
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let (world, sent) = mailing().await;
    let login = page(&world, "/login?next=/posts", "").await.body;
    assert!(
        login.contains("href=\"/login/code?next=%2Fposts\""),
        "{login}"
    );
    let browser = browser(&world, "/login/code").await;
    let answer = ask(&world, &browser, "ADA@example.com").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let to = answer.header("location");
    assert_eq!(to, "/login/code?next=%2Fposts%3Fq%3Da+b");
    let form = page(&world, to, &browser).await.body;
    assert!(form.contains("<bdi>ada@example.com</bdi>"), "{form}");
    assert_eq!(hidden(&form, "next"), "/posts?q=a b");
    let (mail, code) = sent.code();
    assert_eq!(mail.subject, "Your code for signing in");

    let answer = sign_in(&world, &browser, "12345678").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("value=\"12345678\""),
        "{}",
        answer.body
    );
    let answer = sign_in(&world, &browser, &code).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/posts?q=a b");
    let session = cookies(&answer);
    assert!(session.starts_with(SESSION_COOKIE), "{session}");
    assert_eq!(
        page(&world, "/settings", &session).await.status,
        StatusCode::OK
    );
    assert_eq!(cell(&world, IS_VERIFIED).await, Value::Int(1));

    // A second click is no second use, and whoever comes later comes too late.
    let twice = sign_in(&world, &browser, &code).await;
    assert_eq!(twice.header("location"), "/posts?q=a b");
    let elsewhere = sign_in(&world, "", &code).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    let later = "UPDATE codes SET used_at = used_at - 30000 WHERE purpose = 'sign_in' RETURNING 1";
    cell(&world, later).await;
    let replay = sign_in(&world, &browser, &code).await;
    assert_eq!(replay.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(replay.header("set-cookie"), "");
    // Used up, so that the page asks for an address again.
    let form = page(&world, "/login/code", &browser).await.body;
    assert!(form.contains("action=\"/login/code/send\""), "{form}");
    assert!(!form.contains("name=\"code\""), "{form}");
}

#[tokio::test]
async fn a_code_is_for_one_purpose() {
    let (world, sent) = mailing().await;
    let browser = browser(&world, "/login/code").await;
    ask(&world, &browser, "ada@example.com").await;
    let (_, code) = sent.code();
    let password = "quiet copper thistle";
    let fields = [
        ("email", "ada@example.com"),
        ("code", &code),
        ("password", password),
    ];
    let answer = send(&world, "/reset/code", &browser, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let login = send(
        &world,
        "/login",
        "",
        &[("login", "ada"), ("password", PASSWORD)],
    )
    .await;
    let both = format!("{browser}; {}", cookies(&login));
    let answer = send(&world, "/verify", &both, &[("code", &code)]).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.body
    );
    // It is still good for its own.
    let answer = sign_in(&world, &browser, &code).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn a_code_opens_no_account_that_is_closed_and_leads_to_no_other_site() {
    let (world, sent) = mailing().await;
    let browser = browser(&world, "/login/code").await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
    ] {
        let fields = [("email", "ada@example.com"), ("next", next)];
        let answer = send(&world, "/login/code/send", &browser, &fields).await;
        assert_eq!(
            answer.header("location"),
            "/login/code?next=%2Fsettings",
            "{next}"
        );
    }
    let (_, code) = sent.code();
    let suspend = "UPDATE users SET suspended_at = 1, suspended_reason = 'Spam.' RETURNING 1";
    cell(&world, suspend).await;
    let fields = [("code", code.as_str()), ("next", "//evil.example")];
    let answer = send(&world, "/login/code", &browser, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("This account is suspended: Spam."),
        "{}",
        answer.body
    );
    assert_eq!(answer.header("set-cookie"), "");
}

/// Signs Ada up in a browser. Returns its cookies.
async fn sign_up(world: &World) -> String {
    let form = page(world, "/signup", "").await;
    let (browser, id) = (cookies(&form), hidden(&form.body, "id"));
    let fields: Vec<_> = ADA.into_iter().chain([("id", id.as_str())]).collect();
    let mut all = String::new();
    for _ in 0..2 {
        let answer = send(world, "/signup", &browser, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        all = cookies(&answer);
        assert!(all.ends_with(&browser), "{all} is not of {browser}");
    }
    all
}

#[tokio::test]
async fn an_address_is_proved_by_the_code_of_the_sign_up() {
    let (world, sent) = empty_mailing().await;
    let ada = sign_up(&world).await;
    assert_eq!(
        sent.mails().len(),
        1,
        "a form that is sent twice sends one mail"
    );
    let (mail, code) = sent.code();
    assert_eq!(mail.subject, "Your code to confirm your address");
    assert!(!mail.text.contains("Lovelace"), "{}", mail.text);
    let settings = page(&world, "/settings", &ada).await.body;
    assert!(settings.contains("href=\"/verify\""), "{settings}");
    let form = page(&world, "/verify", &ada).await.body;
    assert!(form.contains("good for 24 hours"), "{form}");

    let wrong = send(&world, "/verify", &ada, &[("code", "12345678")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let none = send(&world, "/verify", &ada, &[("code", "1234")]).await;
    assert!(
        none.body.contains("A code has eight digits."),
        "{}",
        none.body
    );
    for _ in 0..2 {
        let answer = send(&world, "/verify", &ada, &[("code", &code)]).await;
        let to = answer.header("location");
        assert_eq!(to, "/settings?changed=verified", "{}", answer.body);
    }
    assert_eq!(cell(&world, IS_VERIFIED).await, Value::Int(1));
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'email_verified'";
    assert_eq!(cell(&world, events).await, Value::Int(1));
    let settings = page(&world, "/settings?changed=verified", &ada).await.body;
    assert!(settings.contains("Your e-mail address is confirmed."));
    assert!(!settings.contains("href=\"/verify\""), "{settings}");
    // Nothing is left to send.
    let answer = send(&world, "/verify/send", &ada, &[]).await;
    assert_eq!(answer.header("location"), "/settings?changed=verified");
    assert_eq!(sent.mails().len(), 1);
}

#[tokio::test]
async fn a_sign_up_does_not_wait_for_mail_and_another_code_can_be_sent() {
    let (world, sent) = empty_mailing().await;
    sent.set_broken(true);
    let ada = cookies(&send(&world, "/signup", "", &ADA).await);
    assert_eq!(page(&world, "/settings", &ada).await.status, StatusCode::OK);
    let answer = send(&world, "/verify/send", &ada, &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.body.contains("The mail could not be sent."),
        "{}",
        answer.body
    );
    sent.set_broken(false);
    // The address is that of the account, whatever a form says.
    let fields = [("email", "eve@example.com")];
    let answer = send(&world, "/verify/send", &ada, &fields).await;
    assert_eq!(answer.header("location"), "/verify", "{}", answer.body);
    let all = format!("{ada}; {}", cookies(&answer));
    let (mail, code) = sent.code();
    assert_eq!(mail.to.as_str(), "ada@example.com");

    // It is good for who asked for it, signed in.
    for path in ["/verify", "/verify/send"] {
        let nobody = send(&world, path, &cookies(&answer), &[("code", &code)]).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let nobody = page(&world, "/verify", "").await;
    assert_eq!(nobody.header("location"), "/login?next=%2Fverify");
    let bea = [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", PASSWORD),
    ];
    let bea = cookies(&send(&world, "/signup", "", &bea).await);
    let bea = bea.split("; ").next().unwrap();
    let shared = format!("{bea}; {}", cookies(&answer));
    assert!(!page(&world, "/verify", &shared).await.body.contains("ada@"));
    let theirs = send(&world, "/verify", &shared, &[("code", &code)]).await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    let verified = "SELECT COUNT(email_verified_at) FROM users";
    assert_eq!(cell(&world, verified).await, Value::Int(0));
    // Another person's attempt in this browser has used it up; the next one is good.
    let answer = send(&world, "/verify/send", &all, &[]).await;
    assert_eq!(answer.header("location"), "/verify", "{}", answer.body);
    let (_, code) = sent.code();
    let answer = send(&world, "/verify", &all, &[("code", &code)]).await;
    let to = answer.header("location");
    assert_eq!(to, "/settings?changed=verified", "{}", answer.body);
}

#[tokio::test]
async fn without_mail_nothing_is_asked_for_that_cannot_be_sent() {
    let world = empty().await;
    let ada = cookies(&send(&world, "/signup", "", &ADA).await);
    assert!(
        ada.starts_with(SESSION_COOKIE) && !ada.contains(';'),
        "{ada}"
    );
    for path in ["/verify", "/login/code"] {
        let answer = page(&world, path, &ada).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.body.contains("cannot send mail at the moment"),
            "{}",
            answer.body
        );
        assert!(
            !answer.body.contains("class=\"account-form\""),
            "{}",
            answer.body
        );
    }
    let settings = page(&world, "/settings?changed=verified", &ada).await.body;
    assert!(settings.contains("Your e-mail address is confirmed."));
    assert!(!settings.contains("href=\"/verify\""), "{settings}");
    let login = page(&world, "/login", "").await.body;
    assert!(!login.contains("/login/code"), "{login}");
}

#[tokio::test]
async fn whoever_guesses_passwords_does_not_lock_the_owner_out() {
    let (world, sent) = mailing().await;
    let limiter: Arc<dyn RateLimiter> = Arc::new(Counting::new(3));
    let from = |address: &str| {
        world.with_visitor(Visitor {
            address: Some(address.to_owned()),
            user_agent: "Browser/1".to_owned(),
            limiter: Arc::clone(&limiter),
        })
    };
    let wrong = [
        ("login", "ada@example.com"),
        ("password", "a wrong password"),
    ];
    for (n, status) in [(0, 422), (1, 422), (2, 422), (3, 429)] {
        let guess = send(&from(&format!("192.0.2.{n}")), "/login", "", &wrong).await;
        assert_eq!(guess.status.as_u16(), status, "{n}");
    }
    // Nor is a password guessed on the page of a code.
    let other = [
        ("email", "ada@example.com"),
        ("code", "12345678"),
        ("password", "a wrong password"),
    ];
    let guess = send(&from("192.0.2.4"), "/reset/code", "", &other).await;
    assert_eq!(guess.status, StatusCode::TOO_MANY_REQUESTS);

    let owner = from("198.51.100.1");
    let browser = browser(&owner, "/login/code").await;
    assert_eq!(
        ask(&owner, &browser, "ada@example.com").await.status,
        StatusCode::SEE_OTHER
    );
    let answer = sign_in(&owner, &browser, &sent.code().1).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);

    // Whoever has many codes sent is stopped, wherever they are for.
    for (n, status) in [(0, 303), (1, 303), (2, 303), (3, 429)] {
        let email = format!("eve{n}@example.com");
        let answer = ask(&from("203.0.113.1"), "", &email).await;
        assert_eq!(answer.status.as_u16(), status, "{n}");
    }
}

/// Anybody can make an account with somebody else's address, and wait until its owner comes.
#[tokio::test]
async fn who_proves_an_address_by_a_code_shuts_out_whoever_made_the_account() {
    let (world, sent) = mailing().await;
    let login = async |password: &str| {
        let fields = [("login", "ada"), ("password", password)];
        send(&world, "/login", "", &fields).await
    };
    let earlier = cookies(&login(PASSWORD).await);
    // What they leave behind to come back by.
    let token = crate::tokens::token(&world, &earlier, "write").await;
    cell(
        &world,
        "INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, sign_count, name, transports, backup_eligible, \
         backed_up, created_at) SELECT 'theirs', id, x'00', x'00', -7, 0, 'Theirs', '', 0, 0, 0 FROM users WHERE handle = 'ada' RETURNING 1",
    )
    .await;
    for is_first in [true, false] {
        let browser = browser(&world, "/login/code").await;
        ask(&world, &browser, "ada@example.com").await;
        let (_, code) = sent.code();
        let session = cookies(&sign_in(&world, &browser, &code).await);
        let status = async |cookie: &str| page(&world, "/settings", cookie).await.status;
        assert_eq!(status(&session).await, StatusCode::OK);
        assert_eq!(status(&earlier).await, StatusCode::SEE_OTHER);
        let last = sent.mails().pop().expect("a mail");
        if is_first {
            assert_eq!(get_me(&world, &token).await.status, 401);
            let keys = cell(&world, "SELECT COUNT(*) FROM passkeys").await;
            assert_eq!(keys, Value::Int(0));
            assert_eq!(
                login(PASSWORD).await.status,
                StatusCode::UNPROCESSABLE_ENTITY
            );
            assert_eq!(last.subject, "Your earlier password no longer counts");
            assert!(last.text.contains("/reset\n"), "{}", last.text);
            // The owner sets one, and is asked for nothing the next time.
            let browser = crate::mail::browser(&world, "/reset").await;
            send(&world, "/reset", &browser, &[("email", "ada@example.com")]).await;
            let (_, code) = sent.code();
            let fields = [
                ("email", "ada@example.com"),
                ("code", &code),
                ("password", "quiet copper thistle"),
            ];
            send(&world, "/reset/code", &browser, &fields).await;
        } else {
            assert_eq!(
                login("quiet copper thistle").await.status,
                StatusCode::SEE_OTHER
            );
            assert_eq!(last.subject, "Your code for signing in");
        }
    }
}
