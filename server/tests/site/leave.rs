//! Leaving: an account is closed by its owner, and kept by them.

use std::sync::Arc;

use app::context::{OWNER_COOKIE, SESSION_COOKIE};
use db::{Value, clean_up};
use domain::Timestamp;
use domain::lifetimes::ERASURE_DELAY;
use http::{Method, StatusCode};

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, session, sign_up};
use crate::confirm::age;
use crate::data::{BEA, id_of};
use crate::mail::{Recorder, browser, cookies};
use crate::support::{Answer, World};

const LEAVE: &str = "/settings/delete";
const KEEP: &str = "/settings/keep";

async fn mailing() -> (World, Arc<Recorder>) {
    let sent = Arc::new(Recorder::default());
    let world = empty()
        .await
        .with_secret()
        .with_mailer(Arc::clone(&sent) as _);
    (world, sent)
}

pub(crate) async fn leave(world: &World, cookie: &str, what: &str, handle: &str) -> Answer {
    send(world, LEAVE, cookie, &[("what", what), ("handle", handle)]).await
}

pub(crate) async fn sign_in(world: &World, handle: &str) -> Answer {
    let fields = [("login", handle), ("password", PASSWORD)];
    send(world, "/login", "", &fields).await
}

/// The proof that an answer gives the browser, which gets no session.
pub(crate) fn proof(answer: &Answer) -> String {
    assert_eq!(answer.header("location"), KEEP, "{}", answer.body);
    let all = cookies(answer);
    let mut proofs = all.split("; ").filter(|one| one.starts_with(OWNER_COOKIE));
    let sessions = all
        .split("; ")
        .filter(|one| one.starts_with(SESSION_COOKIE));
    assert!(sessions.clone().all(|one| one.ends_with('=')), "{all}");
    proofs.next().expect("a proof").to_owned()
}

async fn count(world: &World, kind: &str) -> Value {
    cell(
        world,
        &format!("SELECT COUNT(*) FROM events WHERE kind = '{kind}'"),
    )
    .await
}

#[tokio::test]
async fn an_account_is_closed_and_kept() {
    let (world, sent) = mailing().await;
    let here = sign_up(&world, &ADA).await;
    let there = session(&sign_in(&world, "ada").await);
    let form = page(&world, LEAVE, &here).await.body;
    assert!(form.contains("after 14 days"), "{form}");
    assert!(!form.contains("checked"), "nothing is chosen: {form}");
    for (what, handle, why) in [
        ("", "ada", "Choose what is to be erased."),
        ("all", "ada", "Choose what is to be erased."),
        ("everything", "", "This is not your handle."),
        ("everything", "bea", "This is not your handle."),
    ] {
        let answer = leave(&world, &here, what, handle).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what} {handle}"
        );
        assert!(answer.body.contains(why), "{}", answer.body);
        assert!(
            answer.body.contains(&format!("value=\"{handle}\"")),
            "{}",
            answer.body
        );
        assert_eq!(answer.body.contains("checked"), what == "everything");
    }
    assert_eq!(page(&world, "/users/ada", "").await.status, StatusCode::OK);

    let answer = leave(&world, &here, "everything", " Ada ").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let owner = proof(&answer);
    for over in [&here, &there] {
        assert_eq!(
            page(&world, "/settings", over).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(
        page(&world, "/users/ada", "").await.status,
        StatusCode::GONE
    );
    let day = (Timestamp::now() + ERASURE_DELAY).day();
    let waiting = page(&world, KEEP, &owner).await;
    assert_eq!(waiting.header("cache-control"), "private, no-store");
    assert!(waiting.body.contains(&day), "{}", waiting.body);
    let mail = sent.mails().pop().unwrap();
    assert_eq!(mail.subject, "Your account is to be erased");
    assert!(mail.text.contains(&day), "{}", mail.text);
    assert!(
        mail.text.contains("https://site.example/settings/keep"),
        "{}",
        mail.text
    );

    // By a password, and nothing else: the account is closed to everybody.
    let wrong = send(
        &world,
        "/login",
        "",
        &[("login", "ada"), ("password", "not it at all")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let owner = proof(&sign_in(&world, "ada").await);
    for path in ["/settings", LEAVE, "/settings/data"] {
        let page = page(&world, path, &owner).await;
        assert!(
            page.header("location").starts_with("/login?next="),
            "{path}"
        );
    }
    let kept = send(&world, KEEP, &owner, &[]).await;
    assert_eq!(kept.header("location"), "/login?kept=1", "{}", kept.body);
    assert_eq!(sent.mails().pop().unwrap().subject, "Your account is kept");
    let form = page(&world, "/login?kept=1", "").await.body;
    assert!(form.contains("Your account is kept"), "{form}");
    assert_eq!(page(&world, "/users/ada", "").await.status, StatusCode::OK);
    let cookie = session(&sign_in(&world, "ada").await);
    assert_eq!(
        page(&world, "/settings", &cookie).await.status,
        StatusCode::OK
    );
    assert_eq!(
        page(&world, KEEP, &cookie).await.header("location"),
        "/settings"
    );
    clean_up::run(&world.db(), Timestamp::now() + ERASURE_DELAY)
        .await
        .unwrap();
    assert_eq!(page(&world, "/users/ada", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_leads_to_the_closed_account_too() {
    let (world, sent) = mailing().await;
    let ada = sign_up(&world, &ADA).await;
    proof(&leave(&world, &ada, "account", "ada").await);
    for (form, ask, path) in [
        ("/login/code", "/login/code/send", "/login/code"),
        ("/reset", "/reset", "/reset/code"),
    ] {
        let browser = browser(&world, form).await;
        send(&world, ask, &browser, &[("email", "ada@example.com")]).await;
        let (_, code) = sent.code();
        let fields = [
            ("email", "ada@example.com"),
            ("code", code.as_str()),
            ("password", "copper thistle window"),
        ];
        proof(&send(&world, path, &browser, &fields).await);
    }
}

#[tokio::test]
async fn forms_that_are_sent_twice_act_once() {
    let (world, sent) = mailing().await;
    let ada = sign_up(&world, &ADA).await;
    let before = sent.mails().len();
    let (first, second) = futures::future::join(
        leave(&world, &ada, "account", "ada"),
        leave(&world, &ada, "account", "ada"),
    )
    .await;
    // The second click of two may find nobody signed in any more.
    assert!(
        [&first, &second]
            .iter()
            .any(|answer| answer.header("location") == KEEP)
    );
    assert_eq!(count(&world, "erasure_scheduled").await, Value::Int(1));
    assert_eq!(sent.mails().len(), before + 1);
    let owner = proof(&sign_in(&world, "ada").await);
    let both = futures::future::join(
        send(&world, KEEP, &owner, &[]),
        send(&world, KEEP, &owner, &[]),
    )
    .await;
    for answer in [both.0, both.1, send(&world, KEEP, &owner, &[]).await] {
        assert_eq!(
            answer.header("location"),
            "/login?kept=1",
            "{}",
            answer.body
        );
    }
    assert_eq!(count(&world, "erasure_undone").await, Value::Int(1));
    assert_eq!(sent.mails().len(), before + 2);
}

#[tokio::test]
async fn an_account_is_closed_and_kept_by_its_owner_alone() {
    let (world, _) = mailing().await;
    let ada = sign_up(&world, &ADA).await;
    let bea = sign_up(&world, &BEA).await;
    let ada_id = id_of(&world, "ada").await;
    // A field that names somebody else is none.
    let id = ada_id.0.to_string();
    let fields = [
        ("what", "account"),
        ("handle", "bea"),
        ("user_id", &id),
        ("id", &id),
    ];
    let of_bea = proof(&send(&world, LEAVE, &bea, &fields).await);
    assert_eq!(page(&world, "/settings", &ada).await.status, StatusCode::OK);
    let of_ada = proof(&leave(&world, &ada, "account", "ada").await);

    let forged = of_bea.replace(
        &id_of(&world, "bea").await.0.simple().to_string(),
        &ada_id.0.simple().to_string(),
    );
    for cookie in ["", forged.as_str(), "__Host-owner=x"] {
        let form = page(&world, KEEP, cookie).await;
        assert_eq!(form.header("location"), "/login?next=%2Fsettings%2Fkeep");
        let answer = send(&world, KEEP, cookie, &[("user_id", &id)]).await;
        assert_eq!(answer.header("location"), "/login?next=%2Fsettings%2Fkeep");
    }
    send(
        &world,
        KEEP,
        &of_bea,
        &[("user_id", &id), ("handle", "ada")],
    )
    .await;
    assert_eq!(count(&world, "erasure_undone").await, Value::Int(1));
    assert_eq!(page(&world, KEEP, &of_ada).await.status, StatusCode::OK);

    // Somebody who was suspended meanwhile does nothing any more.
    let suspend = format!("UPDATE users SET suspended_at = 1 WHERE id = '{id}' RETURNING 1");
    cell(&world, &suspend).await;
    let answer = send(&world, KEEP, &of_ada, &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    let answer = sign_in(&world, "ada").await;
    assert!(
        answer.body.contains("This account is suspended."),
        "{}",
        answer.body
    );
    assert_eq!(count(&world, "erasure_undone").await, Value::Int(1));

    for path in [LEAVE, KEEP, "/settings/data"] {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-site"),
            ("cookie", &bea),
        ];
        let answer = world.ask(Method::POST, path, &headers, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn closing_needs_a_late_proof_another_administrator_and_a_secret() {
    let (world, sent) = mailing().await;
    let ada = sign_up(&world, &ADA).await;
    let bea = sign_up(&world, &BEA).await;
    let before = sent.mails().len();
    cell(
        &world,
        "UPDATE users SET role = 'admin' WHERE handle = 'ada' RETURNING 1",
    )
    .await;
    let last = leave(&world, &ada, "account", "ada").await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        last.body.contains("the only administrator"),
        "{}",
        last.body
    );
    assert_eq!(page(&world, "/settings", &ada).await.status, StatusCode::OK);

    age(&world).await;
    let old = page(&world, LEAVE, &ada).await;
    assert_eq!(old.header("location"), "/confirm?next=%2Fsettings%2Fdelete");
    for cookie in ["", ada.as_str(), bea.as_str()] {
        let held = leave(&world, cookie, "account", "ada").await;
        assert!(held.status.is_client_error(), "{}", held.status);
    }
    assert_eq!(count(&world, "erasure_scheduled").await, Value::Int(0));
    assert_eq!(sent.mails().len(), before);

    cell(&world, "UPDATE users SET role = 'admin' RETURNING 1").await;
    let ada = session(&sign_in(&world, "ada").await);
    proof(&leave(&world, &ada, "account", "ada").await);

    let without = empty().await;
    let ada = sign_up(&without, &ADA).await;
    let answer = leave(&without, &ada, "account", "ada").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let people_read = answer
        .body
        .contains("No account can be closed at the moment.");
    assert!(people_read, "{}", answer.body);
    assert!(!answer.body.contains("SECRET"), "{}", answer.body);
    assert_eq!(
        page(&without, "/settings", &ada).await.status,
        StatusCode::OK
    );
}
