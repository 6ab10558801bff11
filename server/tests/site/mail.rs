//! Mail and codes: what is sent, to whom, and what a code is good for. The mail goes to a list, as a mail server would take it.

use std::sync::{Arc, Mutex};

use app::context::CODE_COOKIE;
use app::mail::{Mail, MailError, Mailer};
use db::{BoxFuture, Value};
use http::StatusCode;

pub(crate) use crate::accounts::cookies;
use crate::accounts::{ADA, PASSWORD, cell, empty, page, send};
use crate::support::{Answer, World};

/// The mails that were sent, oldest first; or none is taken.
#[derive(Default)]
pub(crate) struct Recorder {
    mails: Mutex<Vec<Mail>>,
    is_broken: Mutex<bool>,
}

impl Mailer for Recorder {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        let is_broken = *self.is_broken.lock().unwrap();
        if !is_broken {
            self.mails.lock().unwrap().push(mail.clone());
        }
        Box::pin(async move {
            match is_broken {
                true => Err(MailError("mail.internal refuses".to_owned())),
                false => Ok(()),
            }
        })
    }
}

impl Recorder {
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// The last mail, with its code.
    pub(crate) fn code(&self) -> (Mail, String) {
        let mail = self.mails().pop().expect("a mail");
        let code = mail.text.lines().find(|line| line.starts_with("    "));
        let code = code.unwrap_or_default().trim().to_owned();
        assert!(mail.html.contains(&format!(">{code}</p>")), "{mail:?}");
        (mail, code)
    }

    pub(crate) fn set_broken(&self, is_broken: bool) {
        *self.is_broken.lock().unwrap() = is_broken;
    }
}

/// An empty site that sends mail.
pub(crate) async fn empty_mailing() -> (World, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::default());
    let world = empty().await.with_mailer(Arc::clone(&recorder) as _);
    (world, recorder)
}

/// A site that sends mail, with Ada in it, whose mails are forgotten.
pub(crate) async fn mailing() -> (World, Arc<Recorder>) {
    let (world, recorder) = empty_mailing().await;
    let answer = send(&world, "/signup", "", &ADA).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    recorder.mails.lock().unwrap().clear();
    (world, recorder)
}

/// A browser, which keeps its cookies.
pub(crate) async fn browser(world: &World, path: &str) -> String {
    let answer = page(world, path, "").await;
    let cookie = cookies(&answer);
    assert!(cookie.starts_with(&format!("{CODE_COOKIE}=")), "{answer:?}");
    cookie
}

/// The value of a hidden field.
pub(crate) fn hidden(body: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = body
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name}: {body}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Asks for a new password.
pub(crate) async fn ask(world: &World, browser: &str, email: &str) -> Answer {
    send(world, "/reset", browser, &[("email", email)]).await
}

#[tokio::test]
async fn an_address_is_sent_few_codes() {
    let (world, sent) = mailing().await;
    // The sign-up has sent one.
    for n in 1..9 {
        let browser = browser(&world, "/reset").await;
        let answer = ask(&world, &browser, "ada@example.com").await;
        let expected = if n < 8 { 303 } else { 429 };
        assert_eq!(answer.status.as_u16(), expected, "{n}: {}", answer.body);
        if expected == 429 {
            assert_eq!(answer.header("retry-after"), "3600");
            assert!(
                answer.body.contains("Try again in 60 minutes."),
                "{}",
                answer.body
            );
            assert!(
                answer.body.contains("value=\"ada@example.com\""),
                "{}",
                answer.body
            );
        }
    }
    assert_eq!(sent.mails().len(), 7);
    let other = ask(&world, "", "bea@example.com").await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn no_field_becomes_a_header() {
    let (world, sent) = mailing().await;
    for email in [
        "ada@example.com\r\nBcc: all@example.com",
        "ada@example.com, eve@example.com",
        "\"Ada\" <ada@example.com>",
        "",
    ] {
        let answer = ask(&world, "", email).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{email:?}");
        assert!(
            answer.body.contains("id=\"email-error\""),
            "{}",
            answer.body
        );
    }
    assert_eq!(sent.mails(), []);
}

#[tokio::test]
async fn a_site_without_mail_says_so() {
    let world = empty().await;
    let answer = send(&world, "/signup", "", &ADA).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let login = page(&world, "/login", "").await.body;
    assert!(
        !login.contains("/reset"),
        "no link that leads nowhere: {login}"
    );
    let form = page(&world, "/reset", "").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(
        form.body.contains("cannot send mail at the moment"),
        "{}",
        form.body
    );
    assert!(
        !form.body.contains("<form class=\"account-form\""),
        "{}",
        form.body
    );
    let answer = ask(&world, "", "ada@example.com").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        cell(&world, "SELECT COUNT(*) FROM codes").await,
        Value::Int(0)
    );
}

#[tokio::test]
async fn the_outbox_is_for_development_alone() {
    let production = empty().await;
    for path in ["/dev/outbox", "/dev/outbox/0"] {
        let answer = page(&production, path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let outbox = app::mail::outbox::mailer().expect("a build for development");
    let world = production.in_development().with_mailer(outbox);
    ask(&world, "", "outbox@example.com").await;
    let list = page(&world, "/dev/outbox", "").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("to outbox@example.com"), "{}", list.body);
    let one = page(&world, "/dev/outbox/0", "").await;
    assert!(
        one.header("content-security-policy")
            .contains("style-src 'unsafe-inline'")
    );
    assert!(
        one.body.contains("no account with this address"),
        "{}",
        one.body
    );
    assert_eq!(
        page(&world, "/dev/outbox/999", "").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        page(&world, "/dev/outbox/x", "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_sign_in_in_a_new_browser_is_told_by_mail() {
    let (world, sent) = mailing().await;
    let world = world.with_secret();
    let sign_in = async |cookie: &str, count: usize| {
        let fields = [("login", "ada"), ("password", PASSWORD)];
        let answer = send(&world, "/login", cookie, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(sent.mails().len(), count, "{cookie}");
        cookies(&answer)
            .split("; ")
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    let known = sign_in("", 1).await;
    let mail = sent.mails().remove(0);
    assert_eq!(mail.subject, "A new sign-in to your account");
    assert_eq!(mail.to.as_str(), "ada@example.com");
    assert!(
        mail.text.contains("\nhttps://site.example/reset\n"),
        "{}",
        mail.text
    );
    assert!(known.starts_with("__Host-known="), "{known}");
    sign_in(&known, 1).await;
    // Nobody makes one for themselves, or takes another's.
    let wrong = send(
        &world,
        "/login",
        "",
        &[("login", "ada"), ("password", "wrong")],
    )
    .await;
    assert_eq!(cookies(&wrong), "");
    let bea = [
        ("handle", "bea"),
        ("name", "Bea"),
        ("email", "bea@example.com"),
        ("password", PASSWORD),
    ];
    let bea = cookies(&send(&world, "/signup", "", &bea).await);
    let of_bea = bea.split("; ").find(|one| one.starts_with("__Host-known="));
    sign_in(of_bea.expect("one from the sign-up"), 3).await;
    sign_in("__Host-known=00", 4).await;
    // A mail that is not sent keeps nobody out.
    sent.set_broken(true);
    sign_in("", 4).await;
}

#[tokio::test]
async fn a_changed_password_is_told_by_mail() {
    let (world, sent) = mailing().await;
    let login = send(
        &world,
        "/login",
        "",
        &[("login", "ada"), ("password", PASSWORD)],
    )
    .await;
    for (password, count) in [("short", 0), ("quiet copper thistle", 1)] {
        let fields = [("password", password)];
        send(&world, "/settings/password", &cookies(&login), &fields).await;
        assert_eq!(sent.mails().len(), count, "{password}");
    }
    let mail = sent.mails().remove(0);
    assert_eq!(mail.subject, "Your password was changed");
    assert_eq!(mail.to.as_str(), "ada@example.com");
}
