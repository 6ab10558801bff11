use std::time::Duration;

use proptest::prelude::*;

use crate::{Address, Authorities, ServerDialect, ServerOptions, Tls};

/// URLs and what becomes of them.
const CORPUS: &str = include_str!("corpus.txt");

fn parse(url: &str) -> ServerOptions {
    ServerOptions::parse(url).unwrap_or_else(|why| panic!("{url}: {why}"))
}

#[test]
fn the_corpus_is_read_as_it_says() {
    let lines = CORPUS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = Vec::new();
    for line in lines {
        let (url, expected, is_taken) = match line.split_once(" -> ") {
            Some((url, described)) => (url, described, true),
            None => {
                let (url, why) = line.split_once(" !! ").expect("an expectation");
                (url, why, false)
            }
        };
        let (found, is_right) = match Address::parse(url) {
            Ok(address) => {
                let debug = format!("{address:?}");
                let described = address.describe();
                let is_right = is_taken && described == expected && debug == described;
                (described, is_right)
            }
            Err(why) => {
                let is_right = !is_taken && why.contains(expected);
                (why, is_right)
            }
        };
        if !is_right || found.contains("SECRET") {
            wrong.push(format!("{line}\n    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_part_is_decoded() {
    let server =
        parse("postgres://m%C3%A9:p%40ss%2Fw%3Ard@db.example:6543/s%20ite?sslmode=disable");
    assert_eq!(server.user, "mé");
    assert_eq!(server.password.expose(), "p@ss/w:rd");
    assert_eq!(server.database, "s ite");
    assert_eq!((server.host.as_str(), server.port), ("db.example", 6543));
    assert_eq!(server.tls, Tls::Off);
    let server = parse("mysql://me:x@[::1]/site?sslrootcert=/c%20a.pem&connect_timeout=7");
    assert_eq!((server.host.as_str(), server.port), ("::1", 3306));
    assert_eq!(server.connect_timeout, Some(Duration::from_secs(7)));
    let root = Authorities::File("/c a.pem".to_owned());
    assert_eq!(server.tls, Tls::Verified { root });
    assert!(!format!("{server:?} {:?}", server.password).contains('x'));
}

#[test]
fn settings_of_the_session_are_kept_in_order() {
    let server = parse(
        "postgres://a:b@c/d?fallback_application_name=psql&options=-c%20search_path%3Dblog&application_name=site&schema=a+b",
    );
    let expected = [
        ("application_name", "site"),
        ("options", "-c search_path=blog"),
        ("schema", "a+b"),
    ];
    let expected = expected.map(|(name, value)| (name, value.to_owned()));
    assert_eq!(server.session, expected);
    let fallback = parse("postgres://a:b@c/d?application_name=x&fallback_application_name=y");
    assert_eq!(fallback.session, [("application_name", "x".to_owned())]);
}

/// Text with what has a meaning in a URL.
fn hostile() -> impl Strategy<Value = String> {
    "([a-z:/?#@%&=,\\[\\] +é\\\\]|%[0-9a-fA-F]{2}|%[g-z]|SECRET|\t|\n|\0){0,12}"
}

fn dialects() -> impl Strategy<Value = ServerDialect> {
    prop::sample::select(vec![ServerDialect::Postgres, ServerDialect::MySql])
}

/// Any options that a URL can say.
fn options() -> impl Strategy<Value = ServerOptions> {
    let text = "[^\0]{1,8}";
    let host = "([a-z0-9._-]{1,12}|::1|fe80::2)";
    let tls = prop_oneof![
        Just(Tls::Off),
        Just(Tls::Verified {
            root: Authorities::Public
        }),
        Just(Tls::Verified {
            root: Authorities::System
        }),
        "/[^\0]{1,8}".prop_map(|path| Tls::Verified {
            root: Authorities::File(path)
        }),
    ];
    let timeout = prop::option::of((1_u64..=600).prop_map(Duration::from_secs));
    let session = prop::option::of("[^\0]{1,8}".prop_map(|schema| ("schema", schema)));
    (
        dialects(),
        host,
        1_u16..,
        text,
        "[^\0]{0,12}",
        text,
        tls,
        timeout,
        session,
    )
        .prop_map(
            |(dialect, host, port, user, password, database, tls, connect_timeout, session)| {
                let is_postgres = dialect == ServerDialect::Postgres;
                ServerOptions {
                    dialect,
                    host,
                    port,
                    user,
                    password: password.into(),
                    database,
                    tls,
                    connect_timeout,
                    session: session.filter(|_| is_postgres).into_iter().collect(),
                }
            },
        )
}

/// Two URLs that run into each other: the second's password is in a parameter of the first.
#[test]
fn what_is_no_word_is_not_shown() {
    for (parameter, shown) in [
        ("ssl-mode=alow", "`alow`"),
        (
            "ssl-mode=REQmysql://u:SECRET%3F@h/d",
            "it can be `verify-full`",
        ),
        ("ssl-mode=REQu:SECRET%3F[::1]/d", "it can be `verify-full`"),
        ("u:SECRET%3F[::1]/d=1", "has a parameter that is not taken"),
    ] {
        let why = Address::parse(&format!("mysql://u:p@h/d?{parameter}")).expect_err(parameter);
        assert!(!why.contains("SECRET"), "{parameter}: {why}");
        let is_glued = parameter.contains('@');
        assert!(is_glued || why.contains(shown), "{parameter}: {why}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(options in options()) {
        let url = options.to_url();
        let read = ServerOptions::parse(url.expose());
        prop_assert_eq!(read.as_ref(), Ok(&options), "{}", url.expose());
        if options.password.expose().len() > 4 {
            let shown = format!("{options:?} {:?} {url:?}", options.password);
            prop_assert!(!shown.contains(options.password.expose()));
        }
    }

    #[test]
    fn a_password_is_never_shown(
        dialect in dialects(),
        before in hostile(),
        after in hostile(),
        rest in prop::sample::select(vec!["@127.0.0.1/d", "@h:5/d?sslmode=disable", "@h/d?x=y", "@", "", "@h", "/d"]),
        scheme in prop::sample::select(vec!["://", ":", ":/", ""]),
    ) {
        let url = format!("{}{scheme}u:{before}SECRET{after}{rest}", dialect.name());
        let shown = match Address::parse(&url) {
            Ok(address) => format!("{address:?} {}", address.describe()),
            Err(why) => why,
        };
        // A file's name is no secret; a host's is none either, when a whole log-in stands before it.
        let is_place = Address::parse(&url).is_ok() && url.rsplit('@').next().is_some_and(|place| place.contains("SECRET"));
        prop_assert!(is_place || !shown.contains("SECRET"), "{url}: {shown}");
    }

    #[test]
    fn any_text_is_read_or_refused(scheme in "(postgres|mysql|sqlite|d1|mariadb|x|)", text in hostile(), more in hostile()) {
        for url in [format!("{scheme}:{text}"), format!("{scheme}://{text}@{more}"), text] {
            if let Ok(Address::Server(server)) = Address::parse(&url) {
                let again = ServerOptions::parse(server.to_url().expose());
                prop_assert_eq!(again, Ok(server));
            }
        }
    }
}
