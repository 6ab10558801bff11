//! Passkeys through the whole site, by an authenticator in software whose signatures are real; and what is refused.

use app::context::SESSION_COOKIE;
use db::Value;
use http::{Method, StatusCode};
use webauthn::authenticator::Authenticator;
use webauthn::encode;

use crate::accounts::{ADA, PASSWORD, cell, page, send, session};
use crate::authenticator::*;
use crate::mail::{hidden, mailing};

#[tokio::test]
async fn a_passkey_signs_in_without_a_name() {
    let (world, sent, phone) = world().await;
    let mail = sent.mails().pop().unwrap();
    assert_eq!(mail.subject, "A passkey was added to your account");
    let mut browser = Browser::new(&world);
    let (options, _) = browser.options("sign_in").await;
    assert_eq!(options["rpId"], RP_ID);
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    let answer = browser.use_passkey("/login/passkey", &phone).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/posts");
    assert!(session_of(&answer).starts_with(SESSION_COOKIE));
    // Signing in is a proof of who it is, so that the list is shown at once.
    let list = browser.page("/settings/passkeys").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("value=\"My phone\""), "{}", list.body);
    assert!(list.body.contains("last used"), "{}", list.body);
    let row = cell(
        &world,
        "SELECT sign_count || transports || algorithm FROM passkeys",
    )
    .await;
    assert_eq!(row, Value::Text("5hybrid internal-7".to_owned()));
    let kinds = kinds(&world).await;
    assert!(
        kinds.ends_with("passkey_addedMy phone signed_inA browser without a name"),
        "{kinds}"
    );
}

#[tokio::test]
async fn an_answer_is_taken_once() {
    let (world, _, mut phone) = world().await;
    // One that does not count, so that only the challenge tells.
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    let mut uncounted = device(9);
    let answer = ada.add(&mut uncounted, "Laptop").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut browser = Browser::new(&world);
    let (_, challenge) = browser.options("sign_in").await;
    let fields = used(&uncounted, &challenge);
    let first = browser.send("/login/passkey", &borrowed(&fields)).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let replay = browser.send("/login/passkey", &borrowed(&fields)).await;
    refused(&replay, LATE);
    // Signing out forgets the session, and not that the challenge was used.
    browser.send("/logout", &[]).await;
    let replay = browser.send("/login/passkey", &borrowed(&fields)).await;
    refused(&replay, LATE);
    // Two answers to one challenge are two uses of it, too.
    phone.sign_count = 6;
    let other = used(&phone, &challenge);
    refused(
        &browser.send("/login/passkey", &borrowed(&other)).await,
        LATE,
    );

    let (_, challenge) = ada.options("add").await;
    let fields = created(&device(11), &challenge, "Key");
    let first = ada.send("/settings/passkeys", &borrowed(&fields)).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let fields = created(&device(13), &challenge, "Another");
    let replay = ada.send("/settings/passkeys", &borrowed(&fields)).await;
    refused(&replay, "This passkey was added before.");
}

#[tokio::test]
async fn a_challenge_is_of_one_browser_one_purpose_and_five_minutes() {
    let (world, _, phone) = world().await;
    let mut browser = Browser::new(&world);
    let mut other = Browser::new(&world);
    let (_, challenge) = browser.options("sign_in").await;
    other.options("sign_in").await;
    let fields = used(&phone, &challenge);
    for cookies in [other.cookies(), String::new()] {
        let answer = send(&world, "/login/passkey", &cookies, &borrowed(&fields)).await;
        refused(&answer, LATE);
    }
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    for purpose in ["confirm", "add"] {
        let (_, challenge) = ada.options(purpose).await;
        let fields = used(&phone, &challenge);
        refused(&ada.send("/login/passkey", &borrowed(&fields)).await, LATE);
    }
    let foreign = used(&phone, b"a challenge of another site");
    refused(
        &browser.send("/login/passkey", &borrowed(&foreign)).await,
        LATE,
    );
    // The browser signed another challenge than the form says.
    let mut mixed = used(&phone, b"a challenge of another site");
    mixed[1].1 = encode(&challenge);
    refused(
        &browser.send("/login/passkey", &borrowed(&mixed)).await,
        REFUSED,
    );
    // It is still good in its browser.
    let answer = browser.send("/login/passkey", &borrowed(&fields)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn what_an_authenticator_should_not_say_is_refused() {
    type Change = fn(&mut Authenticator);
    let changes: [(&str, Change); 7] = [
        ("another origin", |it| {
            it.origin = "https://evil.example".to_owned()
        }),
        ("a subdomain", |it| {
            it.origin = "https://evil.site.example".to_owned()
        }),
        ("another relying party", |it| {
            it.rp_id = "evil.example".to_owned()
        }),
        ("a frame of another site", |it| it.is_framed = true),
        ("a user who was not verified", |it| it.flags &= !0b100),
        ("nobody's presence", |it| it.flags &= !0b1),
        ("another user", |it| it.user_handle[15] ^= 1),
    ];
    let (world, _, phone) = world().await;
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    for (why, change) in changes {
        if why != "another user" {
            let mut changed = device(9);
            change(&mut changed);
            let answer = ada.add(&mut changed, "Changed").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
            refused(&answer, REFUSED);
            assert!(answer.body.contains("value=\"Changed\""), "{why}");
        }
        let mut changed = device(7);
        (changed.sign_count, changed.user_handle) = (5, phone.user_handle.clone());
        change(&mut changed);
        let mut browser = Browser::new(&world);
        let answer = browser.use_passkey("/login/passkey", &changed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        refused(&answer, REFUSED);
        assert!(kinds(&world).await.ends_with("sign_in_failedpasskey"));
    }
    // The same one without any change is taken.
    let mut browser = Browser::new(&world);
    let answer = browser.use_passkey("/login/passkey", &phone).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn a_count_that_does_not_rise_is_refused() {
    let (world, _, mut phone) = world().await;
    for (count, is_taken) in [(5, true), (5, false), (4, false), (0, false), (6, true)] {
        phone.sign_count = count;
        let mut browser = Browser::new(&world);
        let answer = browser.use_passkey("/login/passkey", &phone).await;
        match is_taken {
            true => assert_eq!(answer.status, StatusCode::SEE_OTHER, "{count}"),
            false => refused(&answer, REFUSED),
        }
    }
}

#[tokio::test]
async fn a_passkey_belongs_to_one_account() {
    let (world, _, mut phone) = world().await;
    let mut bea = Browser::new(&world);
    let fields = [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", PASSWORD),
    ];
    bea.send("/signup", &fields).await;
    refused(
        &bea.add(&mut phone, "Stolen").await,
        "This passkey was added before.",
    );
    let mut own = device(9);
    bea.add(&mut own, "Own").await;

    // Nobody confirms who they are by the passkey of somebody else, or by a challenge of somebody else.
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    let list = ada.page("/settings/passkeys").await.body;
    let id = hidden(&list, "passkey");
    let set = async |at: &str| {
        let set = format!("UPDATE sessions SET confirmed_at = {at} RETURNING 1");
        cell(&world, &set).await;
    };
    set("0").await;
    refused(&ada.use_passkey("/confirm/passkey", &own).await, UNKNOWN);
    let (options, challenge) = bea.options("confirm").await;
    assert_eq!(options["allowCredentials"][0]["id"], encode(&own.id));
    ada.secret = bea.secret.clone();
    let fields = used(&own, &challenge);
    refused(
        &ada.send("/confirm/passkey", &borrowed(&fields)).await,
        LATE,
    );

    set("last_seen_at").await;
    let fields = [("passkey", id.as_str()), ("passkey-name", "Mine")];
    let answer = bea.send("/settings/passkeys/rename", &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    bea.send("/settings/passkeys/remove", &fields).await;
    let nobody = send(&world, "/settings/passkeys/remove", "", &fields).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let names = "SELECT GROUP_CONCAT(name) FROM (SELECT name FROM passkeys ORDER BY name)";
    assert_eq!(
        cell(&world, names).await,
        Value::Text("My phone,Own".to_owned())
    );
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed() {
    let (world, sent, phone) = world().await;
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    let list = ada.page("/settings/passkeys").await.body;
    let id = hidden(&list, "passkey");
    let rename = [("passkey", id.as_str()), ("passkey-name", " ")];
    let answer = ada.send("/settings/passkeys/rename", &rename).await;
    refused(&answer, "Please give a name that people can read.");
    let rename = [("passkey", id.as_str()), ("passkey-name", " Дом  2 ")];
    let answer = ada.send("/settings/passkeys/rename", &rename).await;
    assert_eq!(
        answer.header("location"),
        "/settings/passkeys?changed=renamed"
    );
    let list = ada.page(answer.header("location")).await.body;
    assert!(list.contains("value=\"Дом 2\""), "{list}");

    let fields = [("passkey", id.as_str())];
    let mails = sent.mails().len();
    for _ in 0..2 {
        let answer = ada.send("/settings/passkeys/remove", &fields).await;
        assert_eq!(
            answer.header("location"),
            "/settings/passkeys?changed=removed"
        );
    }
    let mails: Vec<_> = sent.mails().split_off(mails);
    assert_eq!(mails.len(), 1, "two clicks are one removal");
    assert_eq!(mails[0].subject, "A passkey was removed from your account");
    assert!(kinds(&world).await.ends_with("passkey_removed"));
    let mut browser = Browser::new(&world);
    refused(
        &browser.use_passkey("/login/passkey", &phone).await,
        UNKNOWN,
    );
}

#[tokio::test]
async fn a_passkey_proves_again_who_somebody_is() {
    let (world, ..) = world().await;
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    // One that does not count, so that only the challenge tells.
    let mut laptop = device(11);
    ada.add(&mut laptop, "Laptop").await;
    let long_ago = "UPDATE sessions SET confirmed_at = 0 RETURNING 1";
    cell(&world, long_ago).await;
    let list = ada.page("/settings/passkeys").await;
    assert_eq!(
        list.header("location"),
        "/confirm?next=%2Fsettings%2Fpasskeys"
    );
    let confirm = ada.page("/confirm").await.body;
    assert!(confirm.contains("data-passkey=\"confirm\""), "{confirm}");
    assert!(confirm.contains("<noscript>"), "{confirm}");
    let before = ada.session.clone();
    // What is sent without a late proof is held, and does nothing.
    let answer = ada.add(&mut device(9), "Key").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("value=\"Key\""), "{}", answer.body);

    let (_, challenge) = ada.options("confirm").await;
    let fields = used(&laptop, &challenge);
    let answer = ada.send("/confirm/passkey", &borrowed(&fields)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/posts");
    assert_ne!(ada.session, before, "the session has another token");
    assert_eq!(ada.page("/settings/passkeys").await.status, StatusCode::OK);
    let old = page(&world, "/settings", &before).await;
    assert_eq!(old.status, StatusCode::SEE_OTHER);
    assert!(kinds(&world).await.ends_with("confirmed"));
    cell(&world, long_ago).await;
    refused(
        &ada.send("/confirm/passkey", &borrowed(&fields)).await,
        LATE,
    );
    // Whoever is signed out is asked to sign in.
    let mut nobody = Browser::new(&world);
    let answer = nobody.send("/confirm/passkey", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_passkey_opens_no_account_that_is_closed() {
    let (world, _, phone) = world().await;
    let suspend = "UPDATE users SET suspended_at = 1, suspended_reason = 'Spam.' RETURNING 1";
    cell(&world, suspend).await;
    let mut browser = Browser::new(&world);
    let answer = browser.use_passkey("/login/passkey", &phone).await;
    refused(&answer, "This account is suspended: Spam.");
}

#[tokio::test]
async fn options_are_for_who_may_have_them() {
    let (world, _, phone) = world().await;
    let mut browser = Browser::new(&world);
    for purpose in ["confirm", "add"] {
        let fields = [("purpose", purpose)];
        let answer = browser.send("/fn/passkey-options", &fields).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let fields = [("purpose", "other")];
    let answer = browser.send("/fn/passkey-options", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    let foreign = world
        .ask(
            Method::POST,
            "/fn/passkey-options",
            &headers,
            "purpose=sign_in",
        )
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);

    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    let (options, _) = ada.options("add").await;
    assert_eq!(options["rp"]["id"], RP_ID);
    assert_eq!(options["user"]["name"], "ada");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["pubKeyCredParams"][0]["alg"], -7);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let excluded = &options["excludeCredentials"][0];
    assert_eq!(excluded["id"], encode(&phone.id));
    assert_eq!(
        excluded["transports"],
        serde_json::json!(["hybrid", "internal"])
    );
}

#[tokio::test]
async fn a_site_that_signs_nothing_has_no_passkeys_and_says_so() {
    let (world, _) = mailing().await;
    let login = page(&world, "/login", "").await.body;
    assert!(!login.contains("data-passkey"), "{login}");
    let fields = [("purpose", "sign_in")];
    let answer = send(&world, "/fn/passkey-options", "", &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("takes no passkeys"), "{}", answer.body);
    let answer = send(&world, "/login/passkey", "", &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let login = send(&world, "/login", "", &[ADA[0], ("password", PASSWORD)]).await;
    assert_eq!(login.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("login", "ada"), ("password", PASSWORD)];
    let ada = session(&send(&world, "/login", "", &fields).await);
    let list = page(&world, "/settings/passkeys", &ada).await.body;
    assert!(
        list.contains("No passkey can be added at the moment."),
        "{list}"
    );

    let world = world.with_secret();
    let login = page(&world, "/login", "").await.body;
    assert!(login.contains("data-passkey=\"sign_in\""), "{login}");
    assert!(login.contains("<noscript>"), "{login}");
    assert!(login.contains("autocomplete=\"username webauthn\""));
}
