//! Mapping of MySQL's and MariaDB's errors to [`DbError`], natively and in a Worker.
//!
//! Codes: dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and mariadb.com/kb/en/mariadb-error-codes.
//! A message may contain values of a row; only names are read from it here.

use super::sentences;
use super::server_options::Tls;
use crate::DbError;
use crate::schema::TABLES;

/// Maps an error packet: its code, its SQL state and its message.
pub(super) fn from_code(code: u16, state: &str, message: &str) -> DbError {
    match code {
        1062 | 1586 => unique(message),
        1216 | 1217 | 1451 | 1452 => DbError::ForeignKey(
            after(message, "CONSTRAINT `")
                .and_then(|rest| rest.split('`').next())
                .unwrap_or("a row refers to one that does not exist, or is referred to by one that remains")
                .to_owned(),
        ),
        // 3819 is MySQL's, 4025 MariaDB's.
        3819 | 4025 => DbError::Check(first_name(message)),
        // NULL, no value, or a value of another type.
        1048 | 1263 | 1265 | 1292 | 1364 | 1366 => DbError::Check(column(message)),
        1264 | 1406 => DbError::TooLarge(format!("a value for {}", column(message))),
        1118 | 1153 | 1301 | 1390 => {
            DbError::TooLarge("a row or a statement is larger than the database allows".to_owned())
        }
        1146 => sentences::no_table(
            first_name(message).rsplit('.').next().unwrap_or_default(),
        ),
        1054 => sentences::no_column(&first_name(message)),
        1142 | 1143 | 1370 => missing_right(message),
        1227 => missing_privilege(message),
        1044 => database_denied(message),
        // A view or a routine whose definer lacks a right or is gone.
        1356 | 1449 => sentences::missing_some_right(),
        1049 => DbError::Unavailable(
            "The MySQL server has no such database: create it, or correct the name at the end of the database's URL."
                .to_owned(),
        ),
        1045 | 1698 | 1820 | 1862 | 3118 | 4151 => DbError::Unavailable(
            "The database refused the user: check user and password in the database's URL, and the user's privileges."
                .to_owned(),
        ),
        1040 | 1203 => DbError::Lost("the server has too many connections".to_owned()),
        // So many connections or statements an hour: the next try is refused too.
        1226 => DbError::Unavailable(
            "The database's user has used up what it may ask for in this hour: raise its limit (ALTER USER … WITH …)."
                .to_owned(),
        ),
        1205 | 3572 => sentences::locked(),
        // The server has rolled back the whole transaction: nothing was done.
        1213 | 1020 | 1412 => sentences::conflict(),
        1290 | 1792 | 1836 | 1874 | 3989 => sentences::read_only(),
        1021 | 1037 | 1038 | 1041 | 1114 | 1135 | 3675 => sentences::no_space(),
        // The storage engine's own error 28 is a full disk.
        1030 if message.contains("28") => sentences::no_space(),
        // Files, tables and logs that are damaged or cannot be used.
        1016 | 1017 | 1023..=1028 | 1030 | 1033..=1036 | 1194 | 1195 | 1877 => {
            sentences::broken(&code.to_string())
        }
        // A node of a cluster that is not ready, a server that is starting, and TiDB's regions.
        1047 | 3032 | 9001..=9007 => sentences::busy(),
        1317 | 1969 | 3024 => DbError::Timeout("the server ended the statement".to_owned()),
        // 1105 comes from a pooler that has no free connection.
        1053 | 1077 | 1079 | 1105 | 1080 | 1152 | 1154..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031 => {
            DbError::Lost(format!("the server closed it ({code})"))
        }
        _ => DbError::Driver(format!("{code} {state} {message}")),
    }
}

/// Maps a refusal of the log-in. It is never a failure of the site, whatever the code.
pub(super) fn at_log_in(code: u16, message: &str, tls: &Tls) -> DbError {
    let says_so = message.contains("insecure transport") || message.contains("SSL");
    match code {
        3159 => sentences::encrypted_only("MySQL"),
        _ if *tls == Tls::Off && says_so => sentences::encrypted_only("MySQL"),
        // A user that must connect by TLS is refused in the same words as one with a wrong password.
        1045 if *tls == Tls::Off => DbError::Unavailable(
            "The database refused the user: check user and password in the database's URL, and the user's privileges. A user \
             that takes only encrypted connections is refused in the same words: then remove `sslmode=disable` from the URL."
                .to_owned(),
        ),
        1129 | 1130 => DbError::Refused {
            reason: "The MySQL server accepts no connection from this host: allow it there.".to_owned(),
            detail: format!("{code} {message}"),
        },
        1251 | 1275 | 1524 | 1862 | 1820 | 3118 | 3955 | 4151 => DbError::Refused {
            reason: "The MySQL server does not let the user log in: the user's password has expired, the account is locked, \
                     or its authentication plugin cannot be used."
                .to_owned(),
            detail: format!("{code} {message}"),
        },
        _ => match from_code(code, "", message) {
            DbError::Driver(_) => sentences::refused("MySQL", format!("{code} {message}")),
            error => error,
        },
    }
}

/// The error for an authentication plugin that is not supported.
pub(super) fn unknown_plugin(name: &str) -> DbError {
    sentences::unknown_log_in(
        "MySQL",
        &format!("the plugin {name}"),
        "the plugin caching_sha2_password or mysql_native_password",
    )
}

/// Names the right and its object from `SELECT command denied to user 'x'@'y' for table 'posts'`, where MariaDB writes
/// `` `db`.`posts` ``, or from `… for column 'name' in table 'users'`.
fn missing_right(message: &str) -> DbError {
    let right = message.split_once(" command denied to ");
    let object = right.and_then(|(_, rest)| rest.rsplit_once("' for ")?.1.split_once(' '));
    let (Some((right, _)), Some((kind, name))) = (right, object) else {
        return sentences::missing_some_right();
    };
    let plain = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        last.trim_matches(['\'', '`', ' ']).to_owned()
    };
    let object = match name.split_once(" in table ") {
        Some((column, table)) => {
            format!("the column {} of the table {}", plain(column), plain(table))
        }
        None => format!("the {kind} {}", plain(name)),
    };
    sentences::missing_right(&right.to_ascii_uppercase(), &object)
}

/// Names the privilege from `Access denied; you need (at least one of) the SUPER privilege(s) for this operation`.
fn missing_privilege(message: &str) -> DbError {
    let name = message
        .split_once(" the ")
        .and_then(|(_, rest)| rest.split_once(" privilege"));
    match name {
        Some((name, _)) => sentences::missing_right(name, "the server"),
        None => sentences::missing_some_right(),
    }
}

/// Names the database from `Access denied for user 'x'@'y' to database 'd'`.
fn database_denied(message: &str) -> DbError {
    match message.rsplit_once(" to database ") {
        Some((_, name)) => sentences::missing_right(
            "SELECT",
            &format!("the database {}", name.trim_matches('\'')),
        ),
        None => sentences::missing_some_right(),
    }
}

/// Completes an error by its statement: MariaDB's message has `PRIMARY` for any table's key, and no table for a column.
pub(super) fn in_statement(error: DbError, sql: &str) -> DbError {
    match (error, written_table(sql)) {
        (DbError::Unique { table, column }, Some(written))
            if table.is_empty() || column == "PRIMARY" =>
        {
            let table = if table.is_empty() { written } else { &table };
            DbError::Unique {
                table: table.to_owned(),
                column: key_of(table).to_owned(),
            }
        }
        (DbError::Check(name), Some(table)) if is_column(table, &name) => {
            DbError::Check(format!("{table}.{name}"))
        }
        (error, _) => error,
    }
}

/// `Duplicate entry 'x' for key 'users.users_email_key'`; MariaDB leaves the table out. The value may be anything, so
/// the key is searched from the end.
fn unique(message: &str) -> DbError {
    let key = message
        .rsplit_once(" for key '")
        .map_or(message, |(_, key)| key)
        .trim_end_matches('\'');
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let (table, column) = match name.strip_suffix("_key") {
        Some(both) => {
            declared(both).unwrap_or_else(|| both.split_once('_').unwrap_or((table, both)))
        }
        None => (table, name),
    };
    DbError::Unique {
        table: table.to_owned(),
        column: column.to_owned(),
    }
}

/// Splits a constraint's name into table and column. Both may have underscores, so the schema decides.
fn declared(both: &str) -> Option<(&'static str, &'static str)> {
    TABLES
        .iter()
        .flat_map(|table| table.columns)
        .find(|column| {
            both.strip_prefix(column.table)
                .and_then(|rest| rest.strip_prefix('_'))
                == Some(column.name)
        })
        .map(|column| (column.table, column.name))
}

fn key_of(table: &str) -> &'static str {
    TABLES
        .iter()
        .find(|declared| declared.name == table)
        .and_then(|declared| declared.columns.iter().find(|column| column.is_key))
        .map_or("id", |column| column.name)
}

/// True if the name is a column of that table, and not a constraint.
fn is_column(table: &str, name: &str) -> bool {
    let is_constraint = name.starts_with(table) && name.ends_with("_check");
    !is_constraint && !name.contains('.')
}

/// The table that a statement writes to.
fn written_table(sql: &str) -> Option<&str> {
    ["INSERT INTO ", "UPDATE ", "REPLACE INTO "]
        .iter()
        .find_map(|verb| sql.trim_start().strip_prefix(verb))
        .map(|rest| rest.trim_start_matches('`'))
        .and_then(|rest| rest.split(['`', ' ', '(']).next())
        .filter(|table| !table.is_empty())
}

/// `… column 'text' at row 1`, ``… for column `db`.`table`.`text` at row 1``, `Field 'text' doesn't have …`.
fn column(message: &str) -> String {
    let from = message
        .rfind("olumn ")
        .or_else(|| message.rfind("Field "))
        .map_or(message, |at| &message[at + "olumn ".len()..]);
    let path = from.split(" at row").next().unwrap_or(from);
    let last = path.rsplit('.').next().unwrap_or(path);
    first_name(last)
}

/// The first name between quotes of either kind, or the first word.
fn first_name(message: &str) -> String {
    let quoted = message
        .find(['\'', '`'])
        .map(|at| &message[at + 1..])
        .and_then(|rest| rest.split(['\'', '`']).next());
    quoted
        .unwrap_or_else(|| message.split_whitespace().next().unwrap_or_default())
        .to_owned()
}

fn after<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    message.split_once(marker).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
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
}
