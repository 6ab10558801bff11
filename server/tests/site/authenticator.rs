//! A browser with an authenticator in software, whose signatures are real.

use std::sync::Arc;

use app::context::{CODE_COOKIE, SESSION_COOKIE};
use db::Value;
use http::StatusCode;
use webauthn::authenticator::{Authenticator, Key};
use webauthn::{decode, encode};

use crate::accounts::{PASSWORD, cell, page, send};
use crate::mail::{Recorder, cookies, mailing};
use crate::support::{Answer, World};

pub(crate) const ORIGIN: &str = "https://site.example";
pub(crate) const RP_ID: &str = "site.example";

/// A browser: the cookies that it keeps.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) session: String,
    pub(crate) secret: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let (session, secret) = Default::default();
        Self {
            world,
            session,
            secret,
        }
    }

    pub(crate) fn cookies(&self) -> String {
        format!("{}; {}", self.session, self.secret)
    }

    pub(crate) fn keep(&mut self, answer: &Answer) {
        for cookie in cookies(answer).split("; ") {
            if cookie.starts_with(SESSION_COOKIE) {
                self.session = cookie.to_owned();
            } else if cookie.starts_with(CODE_COOKIE) {
                self.secret = cookie.to_owned();
            }
        }
    }

    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = send(self.world, path, &self.cookies(), fields).await;
        self.keep(&answer);
        answer
    }

    pub(crate) async fn page(&self, path: &str) -> Answer {
        page(self.world, path, &self.cookies()).await
    }

    pub(crate) async fn sign_in(&mut self) {
        let fields = [("login", "ada"), ("password", PASSWORD)];
        let answer = self.send("/login", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    /// A challenge, and the options around it.
    pub(crate) async fn options(&mut self, purpose: &str) -> (serde_json::Value, Vec<u8>) {
        let fields = [("purpose", purpose)];
        let answer = self.send("/fn/passkey-options", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        let options = answer.json();
        let challenge = decode(options["challenge"].as_str().unwrap()).unwrap();
        (options, challenge)
    }

    /// Adds the passkey of an authenticator, which learns whose it is.
    pub(crate) async fn add(&mut self, authenticator: &mut Authenticator, name: &str) -> Answer {
        let (options, challenge) = self.options("add").await;
        authenticator.user_handle = decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let fields = created(authenticator, &challenge, name);
        self.send("/settings/passkeys", &borrowed(&fields)).await
    }

    /// Uses the passkey of an authenticator for a challenge of its own.
    pub(crate) async fn use_passkey(
        &mut self,
        path: &str,
        authenticator: &Authenticator,
    ) -> Answer {
        let purpose = match path {
            "/confirm/passkey" => "confirm",
            _ => "sign_in",
        };
        let (_, challenge) = self.options(purpose).await;
        let fields = used(authenticator, &challenge);
        self.send(path, &borrowed(&fields)).await
    }
}

pub(crate) type Fields = Vec<(&'static str, String)>;

pub(crate) fn borrowed(fields: &Fields) -> Vec<(&str, &str)> {
    let pairs = fields.iter().map(|(name, value)| (*name, value.as_str()));
    pairs.collect()
}

/// The fields of a new passkey.
pub(crate) fn created(authenticator: &Authenticator, challenge: &[u8], name: &str) -> Fields {
    let (client_data, attestation) = authenticator.create(challenge);
    vec![
        ("name", name.to_owned()),
        ("challenge", encode(challenge)),
        ("client_data", encode(&client_data)),
        ("attestation", encode(&attestation)),
        ("transports", "internal evil hybrid".to_owned()),
    ]
}

/// The fields of a use.
pub(crate) fn used(authenticator: &Authenticator, challenge: &[u8]) -> Fields {
    let signed = authenticator.get(challenge);
    vec![
        ("next", "/posts".to_owned()),
        ("challenge", encode(challenge)),
        ("credential", encode(&authenticator.id)),
        ("client_data", encode(&signed.client_data)),
        ("authenticator_data", encode(&signed.authenticator_data)),
        ("signature", encode(&signed.signature)),
        ("user_handle", encode(&authenticator.user_handle)),
    ]
}

pub(crate) fn device(seed: u8) -> Authenticator {
    Authenticator::new(ORIGIN, RP_ID, Key::p256(seed))
}

/// The site with Ada in it, and her passkey.
pub(crate) async fn world() -> (World, Arc<Recorder>, Authenticator) {
    let (world, recorder) = mailing().await;
    let world = world.with_secret();
    let mut authenticator = device(7);
    authenticator.sign_count = 4;
    let mut ada = Browser::new(&world);
    ada.sign_in().await;
    let answer = ada.add(&mut authenticator, "My phone").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    authenticator.sign_count = 5;
    (world, recorder, authenticator)
}

pub(crate) fn refused(answer: &Answer, why: &str) {
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.body
    );
    assert!(answer.body.contains(why), "{why}: {}", answer.body);
    assert!(!cookies(answer).contains(SESSION_COOKIE), "{answer:?}");
}

pub(crate) const LATE: &str = "This took longer than five minutes, or was done before.";
pub(crate) const REFUSED: &str = "This passkey was not accepted.";
pub(crate) const UNKNOWN: &str = "This site does not know this passkey.";

pub(crate) async fn kinds(world: &World) -> String {
    let kinds = "SELECT GROUP_CONCAT(kind || detail, ' ') FROM (SELECT * FROM events ORDER BY created_at, id)";
    match cell(world, kinds).await {
        Value::Text(kinds) => kinds,
        other => panic!("{other:?}"),
    }
}

/// The session that is among the cookies of an answer.
pub(crate) fn session_of(answer: &Answer) -> String {
    let all = cookies(answer);
    let found = all
        .split("; ")
        .find(|cookie| cookie.starts_with(SESSION_COOKIE));
    found.unwrap_or_default().to_owned()
}
