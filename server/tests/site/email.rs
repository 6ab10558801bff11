//! Another e-mail address: who is told, what a code is good for, and nothing that tells who has an account.

use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, PASSWORD, cell, page, send};
use crate::mail::{Recorder, cookies, hidden, mailing};
use crate::support::{Answer, World};

pub(crate) const ASK: &str = "/settings/email";
pub(crate) const CODE: &str = "/settings/email/code";
pub(crate) const DONE: &str = "/settings?changed=email";
pub(crate) const NEW: &str = "countess@example.com";

/// Signs in, in a browser of its own.
pub(crate) async fn sign_in(world: &World, login: &str) -> String {
    let fields = [("login", login), ("password", PASSWORD)];
    let answer = send(world, "/login", "", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let session = cookies(&answer);
    let form = page(world, ASK, &session).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    format!("{session}; {}", cookies(&form))
}

pub(crate) async fn ask(world: &World, browser: &str, email: &str) -> Answer {
    send(world, ASK, browser, &[("email", email)]).await
}

pub(crate) async fn set(world: &World, browser: &str, code: &str) -> Answer {
    send(world, CODE, browser, &[("code", code), ("email", NEW)]).await
}

pub(crate) async fn address(world: &World) -> String {
    match cell(world, "SELECT email FROM users WHERE handle = 'ada'").await {
        Value::Text(email) => email,
        other => panic!("{other:?}"),
    }
}

/// The last mail to each of two addresses, by its subject.
fn told(sent: &Recorder) -> Vec<(String, String)> {
    let mails = sent.mails().into_iter();
    mails
        .map(|mail| (mail.to.as_str().to_owned(), mail.subject.to_owned()))
        .collect()
}

#[tokio::test]
async fn an_address_is_changed_by_a_code_to_the_new_one() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    let elsewhere = sign_in(&world, "ada@example.com").await;
    let form = page(&world, ASK, &ada).await.body;
    assert!(form.contains("<bdi>ada@example.com</bdi>"), "{form}");
    let answer = ask(&world, &ada, " Countess@Example.com ").await;
    assert_eq!(answer.header("location"), CODE, "{}", answer.body);
    let (mail, code) = sent.code();
    assert_eq!(mail.to.as_str(), NEW);
    assert_eq!(mail.subject, "Your code for a new address");
    let form = page(&world, CODE, &ada).await.body;
    assert!(form.contains("<bdi>countess@example.com</bdi>"), "{form}");
    assert!(form.contains("good for 10 minutes"), "{form}");
    assert_eq!(hidden(&form, "email"), NEW);
    // Until the code is typed, nothing has changed.
    assert_eq!(address(&world).await, "ada@example.com");
    for (wrong, sentence) in [("", "eight digits"), ("12345678", "not right")] {
        let answer = set(&world, &ada, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(sentence), "{}", answer.body);
    }
    let answer = set(&world, &ada, &code).await;
    assert_eq!(answer.header("location"), DONE, "{}", answer.body);
    assert_eq!(address(&world).await, NEW);
    let verified = "SELECT email_verified_at IS NOT NULL FROM users";
    assert_eq!(cell(&world, verified).await, Value::Int(1));
    let settings = page(&world, DONE, &ada).await.body;
    assert!(
        settings.contains("Your e-mail address was changed"),
        "{settings}"
    );
    assert!(
        settings.contains("<bdi>countess@example.com</bdi>"),
        "{settings}"
    );
    // Both are told. No mail says the other address.
    let mails = sent.mails();
    assert_eq!(
        told(&sent)[1..],
        [
            (
                "ada@example.com".to_owned(),
                "Your account has another address now".to_owned()
            ),
            (
                NEW.to_owned(),
                "This is the address of your account now".to_owned()
            ),
        ]
    );
    assert!(!mails[1].text.contains("countess") && !mails[2].text.contains("ada@"));
    // Whoever is signed in stays so, and signs in by the new address.
    assert_eq!(
        page(&world, "/settings", &elsewhere).await.status,
        StatusCode::OK
    );
    for (login, status) in [("ada@example.com", 422), (NEW, 303), ("ada", 303)] {
        let fields = [("login", login), ("password", PASSWORD)];
        let answer = send(&world, "/login", "", &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{login}");
    }
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'email_changed' AND session_id IS NOT NULL AND detail = ''";
    assert_eq!(cell(&world, events).await, Value::Int(1));
    // The code is used up.
    let replayed = send(&world, CODE, &ada, &[("code", &code)]).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn codes_that_went_to_the_old_address_are_void() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    let thief = crate::mail::browser(&world, "/reset").await;
    crate::mail::ask(&world, &thief, "ada@example.com").await;
    let (_, old) = sent.code();
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    assert_eq!(set(&world, &ada, &code).await.header("location"), DONE);
    let fields = [
        ("email", "ada@example.com"),
        ("code", old.as_str()),
        ("password", "quiet copper thistle"),
    ];
    let answer = send(&world, "/reset/code", &thief, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let (world, sent) = mailing().await;
    let mut bea = ADA;
    (bea[0].1, bea[2].1) = ("bea", "bea@example.com");
    send(&world, "/signup", "", &bea).await;
    let ada = sign_in(&world, "ada").await;
    let mut seen = Vec::new();
    for email in ["bea@example.com", "eve@example.com"] {
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
        let asked = ask(&world, &ada, email).await;
        assert_eq!(asked.header("location"), CODE);
        let form = page(&world, CODE, &ada).await;
        let fields = [("email", email), ("code", "1234 5678")];
        let wrong = send(&world, CODE, &ada, &fields).await;
        seen.push([asked, form, wrong].map(without_id));
    }
    assert_eq!(seen[0], seen[1]);
    let mails = sent.mails();
    let taken = &mails[mails.len() - 2];
    assert_eq!(taken.to.as_str(), "bea@example.com");
    assert_eq!(
        taken.subject,
        "There is an account with this address already"
    );
    assert!(
        !taken.text.lines().any(|line| line.starts_with("    ")),
        "{}",
        taken.text
    );
    assert_eq!(
        mails[mails.len() - 1].subject,
        "Your code for a new address"
    );
    // One's own address is no secret.
    let own = ask(&world, &ada, "ADA@example.com").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        own.body.contains("This is your address already."),
        "{}",
        own.body
    );
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_whose_it_is() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    let mut bea = ADA;
    (bea[0].1, bea[2].1) = ("bea", NEW);
    send(&world, "/signup", "", &bea).await;
    let answer = set(&world, &ada, &code).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer
            .body
            .contains("Another account has this address by now."),
        "{}",
        answer.body
    );
    assert_eq!(address(&world).await, "ada@example.com");
}

#[tokio::test]
async fn a_code_is_good_for_its_user_in_its_browser_for_its_purpose() {
    let (world, sent) = mailing().await;
    let mut bea = ADA;
    (bea[0].1, bea[2].1) = ("bea", "bea@example.com");
    send(&world, "/signup", "", &bea).await;
    let (ada, elsewhere) = (sign_in(&world, "ada").await, sign_in(&world, "ada").await);
    let bea = sign_in(&world, "bea").await;
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    let code_of = |cookies: &str| {
        let mut all = cookies
            .split("; ")
            .filter(|one| one.starts_with("__Host-code="));
        all.next().unwrap().to_owned()
    };
    let session_of = |cookies: &str| cookies.split("; ").next().unwrap().to_owned();
    let refused = async |browser: &str| {
        let answer = set(&world, browser, &code).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{browser}");
        assert_eq!(address(&world).await, "ada@example.com");
    };
    // In another browser of the same person.
    refused(&elsewhere).await;
    refused(&session_of(&ada)).await;
    // For another purpose.
    for (path, fields) in [
        ("/login/code", vec![("code", code.as_str()), ("email", NEW)]),
        ("/verify", vec![("code", code.as_str())]),
        (
            "/reset/code",
            vec![
                ("code", code.as_str()),
                ("email", NEW),
                ("password", "quiet copper thistle"),
            ],
        ),
    ] {
        let answer = send(&world, path, &ada, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    // Who signs in in the browser after Ada does not get her address, and does not see it.
    let after = format!("{}; {}", session_of(&bea), code_of(&ada));
    let form = page(&world, CODE, &after).await.body;
    assert!(!form.contains(NEW), "{form}");
    refused(&after).await;
    let all = "SELECT GROUP_CONCAT(email, ' ') FROM (SELECT email FROM users ORDER BY id)";
    let all = cell(&world, all).await;
    assert_eq!(
        all,
        Value::Text("ada@example.com bea@example.com".to_owned())
    );
}

#[tokio::test]
async fn a_code_expires_and_is_not_guessed() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    cell(
        &world,
        "UPDATE codes SET expires_at = created_at WHERE purpose = 'change_email' RETURNING 1",
    )
    .await;
    let answer = set(&world, &ada, &code).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("has expired. Have another one sent."),
        "{}",
        answer.body
    );
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    for n in 0..5 {
        set(&world, &ada, &format!("{:08}", 12_345_670 + n)).await;
    }
    let answer = set(&world, &ada, &code).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("tried 5 times, and is void"),
        "{}",
        answer.body
    );
    assert_eq!(address(&world).await, "ada@example.com");
}

#[tokio::test]
async fn two_clicks_send_one_mail_and_change_it_once() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    let id = hidden(&page(&world, ASK, &ada).await.body, "id");
    let fields = [("email", NEW), ("id", id.as_str())];
    let both = futures::future::join(
        send(&world, ASK, &ada, &fields),
        send(&world, ASK, &ada, &fields),
    )
    .await;
    for answer in [both.0, both.1] {
        assert_eq!(answer.header("location"), CODE);
    }
    assert_eq!(sent.mails().len(), 1);
    let (_, code) = sent.code();
    let both = futures::future::join(set(&world, &ada, &code), set(&world, &ada, &code)).await;
    for answer in [both.0, both.1, set(&world, &ada, &code).await] {
        assert_eq!(answer.header("location"), DONE, "{}", answer.body);
    }
    assert_eq!(sent.mails().len(), 3, "a code, and the news to both");
    let events = "SELECT COUNT(*) FROM events WHERE kind = 'email_changed'";
    assert_eq!(cell(&world, events).await, Value::Int(1));
}
