//! The forms of another e-mail address: what they refuse, what they need, and that nothing typed is lost.

use http::StatusCode;

use crate::accounts::{ADA, cell, page, send};
use crate::confirm::age;
use crate::email::{ASK, CODE, DONE, NEW, address, ask, set, sign_in};
use crate::mail::{hidden, mailing};

#[tokio::test]
async fn no_address_becomes_another_header_or_another_reader() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    for injected in [
        "",
        "eve",
        "eve@example.com\r\nBcc: all@example.com",
        "eve@example.com\nSubject: Hello",
        "eve@example.com%0aBcc:all@example.com",
        "eve@example.com,all@example.com",
        "Eve <eve@example.com>",
        "\"a b\"@example.com",
        "eve@example.com\0",
        "\u{435}ve@example.com",
    ] {
        let answer = ask(&world, &ada, injected).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{injected:?}"
        );
        assert!(
            answer.body.contains("id=\"email-error\""),
            "{injected:?}: {}",
            answer.body
        );
    }
    assert_eq!(sent.mails().len(), 0);
}

#[tokio::test]
async fn it_needs_a_late_proof_and_loses_nothing_on_the_way() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    age(&world).await;
    for path in [ASK, CODE] {
        let form = page(&world, path, &ada).await;
        let to = format!("/confirm?next={}", path.replace('/', "%2F"));
        assert_eq!(form.header("location"), to);
    }
    let fields = [
        ("email", NEW),
        ("user_id", "bea"),
        ("email_verified_at", "1"),
    ];
    let held = send(&world, ASK, &ada, &fields).await;
    assert_eq!(held.status, StatusCode::FORBIDDEN);
    assert_eq!(hidden(&held.body, "email"), NEW);
    let held = send(&world, ASK, "", &fields).await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hidden(&held.body, "email"), NEW);
    assert_eq!(sent.mails().len(), 0);

    // The proof becomes too old between the two forms: the code is kept, and is good afterwards.
    let ada = sign_in(&world, "ada").await;
    ask(&world, &ada, NEW).await;
    let (_, code) = sent.code();
    age(&world).await;
    let held = set(&world, &ada, &code).await;
    assert_eq!(held.status, StatusCode::FORBIDDEN);
    assert_eq!(hidden(&held.body, "code"), code);
    assert_eq!(address(&world).await, "ada@example.com");
    cell(
        &world,
        "UPDATE sessions SET confirmed_at = confirmed_at + 600000 RETURNING 1",
    )
    .await;
    assert_eq!(set(&world, &ada, &code).await.header("location"), DONE);
}

#[tokio::test]
async fn mail_that_cannot_be_sent_loses_nothing() {
    let (world, sent) = mailing().await;
    let ada = sign_in(&world, "ada").await;
    sent.set_broken(true);
    for email in [NEW, "ada.king@example.com"] {
        let answer = ask(&world, &ada, email).await;
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
    }
    sent.set_broken(false);
    assert_eq!(ask(&world, &ada, NEW).await.header("location"), CODE);
    let (_, code) = sent.code();
    // The news cannot be sent, and the address is changed.
    sent.set_broken(true);
    assert_eq!(set(&world, &ada, &code).await.header("location"), DONE);
    assert_eq!(address(&world).await, NEW);
}

#[tokio::test]
async fn without_mail_the_page_says_so() {
    let world = crate::accounts::empty().await;
    let ada = crate::accounts::sign_up(&world, &ADA).await;
    let form = page(&world, ASK, &ada).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(
        form.body.contains("cannot send mail at the moment"),
        "{}",
        form.body
    );
    assert!(!form.body.contains("name=\"email\""), "{}", form.body);
    let answer = ask(&world, &ada, NEW).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
