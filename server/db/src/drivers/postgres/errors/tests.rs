use super::*;

#[test]
fn codes_are_mapped() {
    let mapped = |code| {
        Fields {
            code,
            message: "m",
            detail: "Key (email)=(a@b) already exists.",
            table: "users",
            column: "name",
            constraint: "users_email_key",
        }
        .to_error("SELECT 1")
    };
    assert_eq!(
        mapped("23505"),
        DbError::Unique {
            table: "users".into(),
            column: "email".into()
        }
    );
    assert_eq!(mapped("23502"), DbError::Check("users.name".into()));
    assert!(
        matches!(mapped("42P01"), DbError::Unavailable(why) if why.contains("cargo x db migrate"))
    );
    assert!(matches!(mapped("57P01"), DbError::Lost(_)));
    assert!(matches!(mapped("57014"), DbError::Timeout(_)));
    for code in [
        "25006", "55P03", "55006", "53100", "53200", "42501", "42883", "57P04", "58030", "XX000",
        "XX001", "HV000", "72000", "28000",
    ] {
        assert!(
            matches!(
                mapped(code),
                DbError::Unavailable(_) | DbError::Refused { .. }
            ),
            "{code}"
        );
    }
    for code in ["40001", "40P01"] {
        assert!(matches!(mapped(code), DbError::Conflict(_)), "{code}");
    }
    for code in [
        "53300", "57P03", "57P05", "25P03", "08006", "08P01", "58000",
    ] {
        assert!(matches!(mapped(code), DbError::Lost(_)), "{code}");
    }
    for code in ["22012", "42601", "0A000", "P0001", "25P02"] {
        assert_eq!(mapped(code), DbError::Driver(format!("{code} m")));
    }
}

#[test]
fn a_missing_right_is_named() {
    for (message, sql, expected) in [
        (
            "permission denied for table posts",
            "SELECT 1",
            "SELECT on the table posts",
        ),
        (
            "permission denied for relation posts",
            "SELECT 1",
            "SELECT on the relation posts",
        ),
        (
            "permission denied for view v",
            "WITH a AS (SELECT 1) SELECT 1",
            "SELECT on the view v",
        ),
        (
            "permission denied for table posts",
            "insert into posts",
            "INSERT on the table posts",
        ),
        (
            "permission denied for schema blog",
            "SELECT 1",
            "USAGE on the schema blog",
        ),
        (
            "permission denied for schema blog",
            "CREATE TABLE x",
            "CREATE on the schema blog",
        ),
        (
            "permission denied for function f",
            "SELECT f()",
            "EXECUTE on the function f",
        ),
        (
            "must be owner of table posts",
            "DROP TABLE posts",
            "lacks a right",
        ),
        (
            "keine Berechtigung f\u{fc}r Tabelle posts",
            "SELECT 1",
            "lacks a right",
        ),
    ] {
        let fields = Fields {
            code: "42501",
            message,
            ..Fields::default()
        };
        let error = fields.to_error(sql);
        assert!(error.is_unavailable(), "{message}: {error:?}");
        assert!(error.to_string().contains(expected), "{message}: {error}");
    }
}

#[test]
fn a_refused_log_in_is_never_a_failure_of_the_site() {
    let on = Tls::Inside;
    for (code, message, tls, expected) in [
        (
            "28P01",
            "password authentication failed for user \"u\"",
            &on,
            "refused the user or the password",
        ),
        (
            "3D000",
            "database \"d\" does not exist",
            &on,
            "no such database",
        ),
        (
            "XX000",
            "Tenant or user not found",
            &on,
            "refused the connection",
        ),
        ("", "", &on, "refused the connection"),
        ("99999", "what", &on, "refused the connection"),
        (
            "08P01",
            "unsupported startup parameter: search_path",
            &on,
            "refused the connection",
        ),
        (
            "22023",
            "invalid value for parameter",
            &on,
            "refused the connection",
        ),
        (
            "42501",
            "permission denied for database \"d\"",
            &on,
            "CONNECT on the database d",
        ),
        (
            "28000",
            "no pg_hba.conf entry for host \"10.0.0.9\", user \"u\", no encryption",
            &Tls::Off,
            "only encrypted connections",
        ),
        (
            "28000",
            "no pg_hba.conf entry for host \"10.0.0.9\", user \"u\", SSL off",
            &Tls::Off,
            "only encrypted connections",
        ),
        (
            "28000",
            "connection is insecure (try using `sslmode=require`)",
            &Tls::Off,
            "only encrypted connections",
        ),
        (
            "08P01",
            "SSL required",
            &Tls::Off,
            "only encrypted connections",
        ),
        (
            "28000",
            "no pg_hba.conf entry for host \"10.0.0.9\", user \"u\", SSL on",
            &on,
            "pg_hba.conf",
        ),
    ] {
        let error = at_log_in(code, message, tls);
        let shown = match &error {
            DbError::Unavailable(why) | DbError::Refused { reason: why, .. } => why,
            other => panic!("{code}: {other:?}"),
        };
        assert!(shown.contains(expected), "{code}: {shown}");
        assert!(
            !shown.contains("10.0.0.9") && !shown.contains("Tenant"),
            "{shown}"
        );
    }
    for code in ["53300", "57P03", "08006"] {
        assert!(
            matches!(at_log_in(code, "m", &on), DbError::Lost(_)),
            "{code}"
        );
    }
}

#[test]
fn the_missing_table_is_found_in_any_language() {
    for message in [
        "relation \"posts\" does not exist",
        "relation \"blog.posts\" does not exist",
        "Relation \u{bb}posts\u{ab} existiert nicht",
        "la relation \u{ab}\u{a0}posts\u{a0}\u{bb} n'existe pas",
        "\u{201e}posts\u{201d}",
    ] {
        assert_eq!(quoted(message), Some("posts"), "{message}");
    }
    assert_eq!(quoted("nothing"), None);
}
