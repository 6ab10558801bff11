#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;

fn environment(section: &str) -> Environment {
    let text = format!("// A comment.\n{{ \"env\": {{ \"staging\": {section}, }}, }}");
    Environment::parse(&text, Deployed::Staging).unwrap()
}

fn d1(id: &str) -> Environment {
    environment(&format!(
        r#"{{ "d1_databases": [{{ "binding": "DB", "database_name": "site", "database_id": "{id}" }}] }}"#
    ))
}

fn driver(name: &str) -> Environment {
    environment(&format!(
        r#"{{ "vars": {{ "DB_DRIVER": "{name}", "SITE_URL": "https://a.example/" }} }}"#
    ))
}

/// Settings that hold these.
fn given(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let all: BTreeMap<String, String> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    move |name| all.get(name).cloned()
}

const CLOUDFLARE: [(&str, &str); 2] = [
    ("CLOUDFLARE_ACCOUNT_ID", "account"),
    ("CLOUDFLARE_API_TOKEN", "token"),
];

#[test]
fn a_d1_is_reached_by_account_and_id() {
    let source = d1("0a1b").database(&given(&CLOUDFLARE)).unwrap();
    assert_eq!(source.url, "d1:account/0a1b");
    assert_eq!(source.shown, "the D1 site");
    assert_eq!(d1("0a1b").migration(), Migration::D1("site".to_owned()));
}

#[test]
fn each_missing_thing_is_one_sentence() {
    let missing = d1("00000000-0000-4000-8000-000000000002")
        .database(&given(&[]))
        .unwrap_err();
    for (line, start) in missing.iter().zip([
        "the D1 site of env.staging has a placeholder for its id: run `npx wrangler d1 create site`",
        "CLOUDFLARE_ACCOUNT_ID is not set: ",
        "CLOUDFLARE_API_TOKEN is not set: ",
    ]) {
        assert!(line.starts_with(start), "{line}");
    }
    assert_eq!(missing.len(), 3);
    let missing = environment("{}").database(&given(&CLOUDFLARE)).unwrap_err();
    assert!(
        missing[0].starts_with("the D1 binding DB is missing"),
        "{missing:?}"
    );
    let missing = driver("mysql").database(&given(&[])).unwrap_err();
    assert!(
        missing[0].starts_with("DATABASE_URL is not set"),
        "{missing:?}"
    );
    let missing = driver("oracle").database(&given(&[])).unwrap_err();
    assert!(
        missing[0].contains("DB_DRIVER of env.staging is oracle"),
        "{missing:?}"
    );
}

#[test]
fn an_address_suits_the_driver_and_is_shown_without_its_password() {
    let postgres = given(&[("DATABASE_URL", "postgres://u:secret@h/d")]);
    for name in ["postgres", "hyperdrive"] {
        let source = driver(name).database(&postgres).unwrap();
        assert_eq!(source.url, "postgres://u:secret@h/d");
        assert_eq!(source.shown, "postgres://u@h/d");
        assert_eq!(driver(name).migration(), Migration::Served);
    }
    let wrong = driver("mysql").database(&postgres).unwrap_err();
    assert!(wrong[0].contains("begins with mysql://"), "{wrong:?}");
    assert!(!wrong[0].contains("secret"), "{wrong:?}");
}

#[test]
fn a_deployment_is_refused_for_each_thing_once() {
    let refusals = d1("00000000-0000-4000-8000-000000000002").refusals(&given(&CLOUDFLARE));
    assert_eq!(refusals.len(), 2, "{refusals:?}");
    assert!(refusals[0].contains("placeholder"), "{refusals:?}");
    assert!(
        refusals[1].starts_with("SITE_URL is missing"),
        "{refusals:?}"
    );
    // The Worker is bound to a D1 that it does not use: Cloudflare would still refuse it.
    let bound = environment(
        r#"{ "vars": { "DB_DRIVER": "hyperdrive", "SITE_URL": "https://a.example" },
            "d1_databases": [{ "binding": "DB", "database_name": "site", "database_id": "" }],
            "hyperdrive": [{ "binding": "HYPERDRIVE_DIRECT", "id": "00000000000000000000000000000000" }] }"#,
    );
    let refusals = bound.refusals(&given(&[("DATABASE_URL", "mysql://h/d")]));
    assert_eq!(refusals.len(), 2, "{refusals:?}");
    assert!(
        refusals[1].contains("Hyperdrive binding HYPERDRIVE_DIRECT"),
        "{refusals:?}"
    );
    let none = environment("{}").refusals(&given(&CLOUDFLARE));
    assert!(
        none[0].starts_with("the D1 binding DB is missing"),
        "{none:?}"
    );
    assert_eq!(
        driver("postgres").refusals(&given(&[("DATABASE_URL", "postgres://h/d")])),
        [""; 0]
    );
}

#[test]
fn the_sites_address_has_no_slash_at_its_end() {
    assert_eq!(driver("mysql").site_url().unwrap(), "https://a.example");
}

#[test]
fn an_environment_that_is_not_there_is_named() {
    let error = Environment::parse("{}", Deployed::Production)
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("no environment `production`"),
        "{error}"
    );
}

#[test]
fn the_repositorys_own_environments_are_read() {
    let text = include_str!("../../../wrangler.jsonc");
    for which in [Deployed::Staging, Deployed::Production] {
        Environment::parse(text, which).unwrap();
    }
}
