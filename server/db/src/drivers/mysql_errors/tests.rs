use super::*;

fn unique(table: &str, column: &str) -> DbError {
    DbError::Unique {
        table: table.into(),
        column: column.into(),
    }
}

#[test]
fn unique_violations_of_mysql_and_mariadb() {
    for (message, expected) in [
        (
            "Duplicate entry 'a@b.cz' for key 'users.users_email_key'",
            unique("users", "email"),
        ),
        (
            "Duplicate entry 'a@b.cz' for key 'users_email_key'",
            unique("users", "email"),
        ),
        (
            "Duplicate entry 'x' for key 'api_tokens_token_hash_key'",
            unique("api_tokens", "token_hash"),
        ),
        (
            "Duplicate entry 'x for key 'posts_slug_key'' for key 'users_handle_key'",
            unique("users", "handle"),
        ),
        (
            "Duplicate entry 'one' for key 'scratch_text_key'",
            unique("scratch", "text"),
        ),
    ] {
        assert_eq!(from_code(1062, "23000", message), expected, "{message}");
    }
    let keys = from_code(1062, "23000", "Duplicate entry 'x' for key 'PRIMARY'");
    assert_eq!(
        in_statement(keys, "INSERT INTO `post_slugs` (`slug`) VALUES (?)"),
        unique("post_slugs", "slug")
    );
    let keys = from_code(1062, "23000", "Duplicate entry 'x' for key 'users.PRIMARY'");
    assert_eq!(
        in_statement(keys, "INSERT INTO `users` (`id`) VALUES (?)"),
        unique("users", "id")
    );
}

#[test]
fn other_violations_name_their_constraint() {
    for (code, message, expected) in [
        (
            1452,
            "Cannot add or update a child row: a foreign key constraint fails (`db`.`c`, CONSTRAINT `c_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `p` (`id`))",
            DbError::ForeignKey("c_parent_id_fkey".into()),
        ),
        (
            3819,
            "Check constraint 'posts_status_check' is violated.",
            DbError::Check("posts_status_check".into()),
        ),
        (
            4025,
            "CONSTRAINT `posts_status_check` failed for `db`.`posts`",
            DbError::Check("posts_status_check".into()),
        ),
        (
            1048,
            "Column 'text' cannot be null",
            DbError::Check("text".into()),
        ),
        (
            1364,
            "Field 'text' doesn't have a default value",
            DbError::Check("text".into()),
        ),
        (
            1366,
            "Incorrect integer value: 'it's mine' for column `db`.`users`.`post_count` at row 1",
            DbError::Check("post_count".into()),
        ),
        (
            1406,
            "Data too long for column 'name' at row 1",
            DbError::TooLarge("a value for name".into()),
        ),
    ] {
        assert_eq!(from_code(code, "", message), expected, "{message}");
    }
    let null = from_code(1048, "", "Column 'text' cannot be null");
    assert_eq!(
        in_statement(null, "INSERT INTO `scratch` VALUES (?)"),
        DbError::Check("scratch.text".into())
    );
}

#[test]
fn errors_say_what_to_do_and_show_no_secret() {
    let missing = from_code(1146, "42S02", "Table 'site.posts' doesn't exist");
    assert!(matches!(missing, DbError::Unavailable(text)
        if text.contains("no table posts:") && text.contains("cargo x db migrate")));
    let refused = from_code(
        1045,
        "28000",
        "Access denied for user 'w'@'h' (using password: YES)",
    );
    assert!(matches!(refused, DbError::Unavailable(text) if text.contains("password")));
    assert!(
        matches!(from_code(1049, "42000", "Unknown database 'nowhere'"),
        DbError::Unavailable(text) if text.contains("no such database"))
    );
}

#[test]
fn any_message_is_mapped() {
    for code in [1062, 1048, 1146, 1366, 1406, 1452, 3819, 4025] {
        for message in [
            "",
            "'",
            "`",
            "é column é",
            "for key '",
            " for key '_key'",
            "Column ",
        ] {
            let _ = in_statement(from_code(code, "", message), "UPDATE ");
        }
    }
}

#[test]
fn states_of_a_server_are_not_failures_of_the_site() {
    for (code, message, says) in [
        (
            1142,
            "SELECT command denied to user 'u'@'10.0.0.9' for table `site`.`posts`",
            "SELECT on the table posts",
        ),
        (
            1142,
            "SELECT command denied to user 'u'@'10.0.0.9' for table 'posts'",
            "SELECT on the table posts",
        ),
        (
            1142,
            "INSERT, UPDATE command denied to user 'for '@'h' for table `a.b`.`posts`",
            "INSERT, UPDATE on the table posts",
        ),
        (
            1143,
            "SELECT command denied to user 'u'@'10.0.0.9' for column 'name' in table 'users'",
            "SELECT on the column name of the table users",
        ),
        (
            1370,
            "execute command denied to user 'u'@'10.0.0.9' for routine 'site.f'",
            "EXECUTE on the routine f",
        ),
        (
            1227,
            "Access denied; you need (at least one of) the SUPER privilege(s) for this operation",
            "SUPER on the server",
        ),
        (
            1044,
            "Access denied for user 'u'@'10.0.0.9' to database 'site'",
            "the database site",
        ),
        (1142, "SELECT verweigert", "lacks a right"),
        (
            1356,
            "View 'site.v' references invalid table(s)",
            "lacks a right",
        ),
        (1205, "Lock wait timeout exceeded", "locks what this needs"),
        (3572, "NOWAIT is set", "locks what this needs"),
        (1213, "Deadlock found", "same rows at the same time"),
        (1290, "running with the --read-only option", "read-only"),
        (1836, "Running in read-only mode", "read-only"),
        (1021, "Disk full", "no space"),
        (
            1030,
            "Got error 28 \"No space left on device\" from storage engine InnoDB",
            "no space",
        ),
        (1030, "Got error 168 from storage engine", "failed inside"),
        (1194, "Table 'posts' is marked as crashed", "failed inside"),
        (
            1047,
            "WSREP has not yet prepared node for application use",
            "busy",
        ),
        (9005, "Region is unavailable", "busy"),
        (
            1226,
            "User 'u' has exceeded the 'max_queries_per_hour' resource",
            "used up",
        ),
        (
            1969,
            "Query execution was interrupted (max_statement_time exceeded)",
            "ended the statement",
        ),
        (1040, "Too many connections", "too many connections"),
        (1053, "Server shutdown in progress", "closed it"),
    ] {
        let error = from_code(code, "", message);
        assert!(error.is_unavailable(), "{code}: {error:?}");
        assert!(error.to_string().contains(says), "{code}: {error}");
        if let DbError::Unavailable(why) | DbError::Refused { reason: why, .. } = &error {
            assert!(!why.contains("10.0.0.9"), "{why}");
        }
    }
    for code in [1064, 1305, 1365] {
        assert!(!from_code(code, "", "m").is_unavailable(), "{code}");
    }
}

#[test]
fn a_refused_log_in_is_never_a_failure_of_the_site() {
    for (code, message, tls, says) in [
        (
            1045,
            "Access denied for user 'u'@'10.0.0.9' (using password: YES)",
            Tls::Off,
            "only encrypted connections",
        ),
        (
            1045,
            "Access denied for user 'u'@'10.0.0.9' (using password: YES)",
            Tls::Inside,
            "check user and password",
        ),
        (
            3159,
            "Connections using insecure transport are prohibited",
            Tls::Off,
            "only encrypted connections",
        ),
        (
            1835,
            "SSL connection error",
            Tls::Off,
            "only encrypted connections",
        ),
        (
            1049,
            "Unknown database 'site'",
            Tls::Inside,
            "no such database",
        ),
        (
            1130,
            "Host '10.0.0.9' is not allowed to connect",
            Tls::Inside,
            "from this host",
        ),
        (
            1524,
            "Plugin 'x' is not loaded",
            Tls::Inside,
            "authentication plugin",
        ),
        (
            4151,
            "Access denied, this account is locked",
            Tls::Inside,
            "locked",
        ),
        (1064, "what", Tls::Inside, "refused the connection"),
        (60_000, "what", Tls::Inside, "refused the connection"),
    ] {
        let error = at_log_in(code, message, &tls);
        let why = match &error {
            DbError::Unavailable(why) | DbError::Refused { reason: why, .. } => why,
            other => panic!("{code}: {other:?}"),
        };
        assert!(
            why.contains(says) && !why.contains("10.0.0.9"),
            "{code}: {why}"
        );
    }
    for name in ["client_ed25519", "dialog", "auth_gssapi_client", "parsec"] {
        let error = unknown_plugin(name);
        assert!(
            error.is_unavailable() && error.to_string().contains(name),
            "{error}"
        );
    }
}
