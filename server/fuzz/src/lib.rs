//! Fuzz targets: each parser that reads bytes from outside, with what must hold for every input.
//!
//! `cargo test` runs them over their corpora and over inputs made from these (`tests/bounded.rs`); `cargo x test --fuzz`
//! searches on with libFuzzer. An input that broke something is added to its target's corpus, as `corpora.txt` lists them.
//! Absent: the parsers.

use database_url::Address;
use db::Dialect;
use domain::{Cursor, Search, highlight};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use webauthn::{
    Assertion, Credential, Expected, Registration, verify_assertion, verify_registration,
};

/// The challenge and the origin in the target `passkey`.
const CHALLENGE: &[u8] = b"a challenge of thirty-two bytes.";
const ORIGIN: &str = "https://site.example";

/// A parser under test.
pub struct Target {
    /// Its name in `corpora.txt`.
    pub name: &'static str,
    /// Gives the parser an input, and panics if what must hold does not.
    pub run: fn(&str),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "accept",
        run: accept,
    },
    Target {
        name: "cookies",
        run: cookies,
    },
    Target {
        name: "cursor",
        run: cursor,
    },
    Target {
        name: "database-url",
        run: database_url,
    },
    Target {
        name: "markdown",
        run: markdown,
    },
    Target {
        name: "migration-mysql",
        run: |sql| migration(Dialect::MySql, sql),
    },
    Target {
        name: "migration-postgres",
        run: |sql| migration(Dialect::Postgres, sql),
    },
    Target {
        name: "migration-sqlite",
        run: |sql| migration(Dialect::Sqlite, sql),
    },
    Target {
        name: "passkey",
        run: passkey,
    },
    Target {
        name: "search",
        run: search,
    },
];

/// Two fields say what one with both says, whatever their form.
fn accept(input: &str) {
    let accepts = |fields: &[&str]| {
        let values = fields.iter().map(|text| HeaderValue::from_str(text));
        let values: Result<Vec<_>, _> = values.collect();
        let headers = values.ok()?.into_iter().map(|value| (ACCEPT, value));
        Some(server::accepts_json(&headers.collect::<HeaderMap>()))
    };
    let one = accepts(&[input]);
    if !input.is_ascii() {
        // A field that is no text says nothing, alone.
        return;
    }
    if let Some((first, second)) = input.split_once('\n') {
        let both = format!("{first},{second}");
        assert_eq!(accepts(&[first, second]), accepts(&[&both]));
    } else if one == Some(true) {
        let also = format!("{input},application/json;q=1");
        assert_eq!(accepts(&[&also]), Some(true));
    }
}

/// A value that is found stands in the header.
fn cookies(header: &str) {
    for name in ["theme", app::context::SESSION_COOKIE, ""] {
        if let Some(value) = app::context::cookie(header, name) {
            assert!(header.contains(value));
        }
    }
}

/// A cursor that is taken is written as it was read.
fn cursor(text: &str) {
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.to_string(), text);
    }
}

/// A database that is described is read again from its own URL, and no sentence shows a password.
fn database_url(url: &str) {
    let secret = "SECRET";
    match Address::parse(url) {
        Ok(Address::Server(server)) => {
            let again = Address::parse(server.to_url().expose());
            assert_eq!(again, Ok(Address::Server(server)));
        }
        Ok(address) => _ = address.describe(),
        Err(why) => assert!(!why.contains(secret), "{why}"),
    }
}

/// A file is cut or refused, and its line ends decide nothing about which.
fn migration(dialect: Dialect, sql: &str) {
    let cut = |sql: &str| db::migrate::check(dialect, "0001_fuzz.sql", sql).ok();
    let found = cut(sql);
    if !sql.contains('\r') && !sql.starts_with('\u{feff}') {
        assert_eq!(cut(&format!("\u{feff}{sql}")), found);
    }
}

/// HTML holds no script and no handler, and text no character that XML excludes.
fn markdown(source: &str) {
    let post = markdown::render_post(source);
    for html in [&post.html, &markdown::render_comment(source)] {
        assert!(!html.to_ascii_lowercase().contains("<script"), "{html}");
    }
    for text in [&post.html, &post.text, &post.excerpt] {
        let illegal = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
        assert!(!text.contains(illegal), "{text:?}");
    }
}

/// A passkey is refused, or was made for what was asked: the challenge and the origin are in what the browser says. The input is what a
/// browser sends, a line each: client data, and the rest in base64url.
fn passkey(input: &str) {
    let mut lines = input.lines();
    let client_data = lines.next().unwrap_or_default();
    let mut bytes = || webauthn::decode(lines.next().unwrap_or_default()).unwrap_or_default();
    let (data, signature, key) = (bytes(), bytes(), bytes());
    let expected = Expected {
        challenge: CHALLENGE,
        origin: ORIGIN,
        rp_id: "site.example",
    };
    let registration = Registration {
        client_data: client_data.as_bytes(),
        attestation: &data,
    };
    let assertion = Assertion {
        client_data: client_data.as_bytes(),
        authenticator_data: &data,
        signature: &signature,
        user_handle: None,
    };
    let credential = Credential {
        user_handle: &[],
        public_key: &key,
        sign_count: 0,
        is_backup_eligible: false,
    };
    let made = verify_registration(&registration, &expected).is_ok();
    if made || verify_assertion(&assertion, &expected, &credential).is_ok() {
        let said: Value = serde_json::from_str(client_data).expect("it was read");
        assert_eq!(said["challenge"], webauthn::encode(CHALLENGE));
        assert_eq!(said["origin"], ORIGIN);
    }
}

/// The pieces of a text join to the text.
fn search(input: &str) {
    let (typed, text) = input.split_once('\n').unwrap_or((input, input));
    let search = Search::parse(typed);
    let joined: String = highlight(text, &search)
        .iter()
        .map(|piece| piece.text)
        .collect();
    assert_eq!(joined, text);
}
