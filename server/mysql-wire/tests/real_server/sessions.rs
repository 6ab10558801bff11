//! Login, sessions, errors, transactions, pipelines and disconnects.

use std::time::Duration;

use mysql_wire::{Cell, Config, Error, Param, Tls};
use tokio::net::TcpStream;

use crate::{Server, client, create_table, drop_table};

#[tokio::test]
async fn the_session_is_in_strict_mode_and_utc() {
    let sql = "SELECT @@sql_mode, @@time_zone, @@character_set_client, @@character_set_results, DATABASE()";
    let result = client().await.query(sql, &[]).await.unwrap();
    let [Cell::Text(mode), rest @ ..] = &result.cells[..] else {
        panic!("{result:?}");
    };
    for expected in [
        "STRICT_TRANS_TABLES",
        "STRICT_ALL_TABLES",
        "NO_ZERO_DATE",
        "ONLY_FULL_GROUP_BY",
        "NO_ENGINE_SUBSTITUTION",
    ] {
        assert!(mode.contains(expected), "{mode}");
    }
    assert!(
        !mode.contains("NO_BACKSLASH_ESCAPES") && !mode.contains("ANSI_QUOTES"),
        "{mode}"
    );
    let expected = ["+00:00", "utf8mb4", "utf8mb4", &Server::from_env().database]
        .map(|text| Cell::Text(text.to_owned()));
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn a_failed_login_is_the_servers_error() {
    let server = Server::from_env();
    let wrong_password = Server {
        password: "not it".to_owned(),
        ..server.clone()
    };
    let error = wrong_password.connect().await.unwrap_err();
    assert!(matches!(error, Error::Server { code: 1045, .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("not it"));
    let wrong_database = Server {
        database: "there_is_none".to_owned(),
        ..server.clone()
    };
    let error = wrong_database.connect().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Server {
                code: 1049 | 1044,
                ..
            }
        ),
        "{error}"
    );
    let config = Config::new(&server.user, &server.password, None);
    let stream = TcpStream::connect(&server.address).await.unwrap();
    let mut client = mysql_wire::Client::connect(stream, &config, Tls::Off)
        .await
        .unwrap();
    assert_eq!(
        client.query("SELECT DATABASE()", &[]).await.unwrap().cells,
        [Cell::Null]
    );
}

#[tokio::test]
async fn errors_have_code_and_sqlstate() {
    let mut client = client().await;
    let table = create_table(
        &mut client,
        "errors",
        "id INT PRIMARY KEY, name VARCHAR(3) NOT NULL CHECK (name <> 'no')",
    )
    .await;
    let insert = format!("INSERT INTO {table} (id, name) VALUES (?, ?)");
    client
        .query(&insert, &[Param::Int(1), Param::Text("a")])
        .await
        .unwrap();
    for (id, name, number, sqlstate) in [
        (Param::Int(1), Param::Text("b"), vec![1062], b"23000"),
        (Param::Int(2), Param::Null, vec![1048], b"23000"),
        (Param::Int(2), Param::Text("long"), vec![1406], b"22001"),
        // MariaDB and MySQL have different codes for a failed check.
        (Param::Int(2), Param::Text("no"), vec![4025, 3819], b"23000"),
        (Param::Text("x"), Param::Text("a"), vec![1366], b"22007"),
    ] {
        let Err(Error::Server { code, state, .. }) = client.query(&insert, &[id, name]).await
        else {
            panic!("{number:?}");
        };
        assert!(number.contains(&code), "{code}");
        assert!(&state == sqlstate || state == *b"HY000", "{code}");
    }
    for (sql, number) in [
        ("SELEC 1", 1064),
        ("SELECT 1; SELECT 2", 1064),
        ("SELECT * FROM there_is_none", 1146),
    ] {
        let result = client.query(sql, &[]).await;
        assert!(
            matches!(result, Err(Error::Server { code, .. }) if code == number),
            "{sql}"
        );
    }
    let load = format!("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE {table}");
    assert!(matches!(
        client.query(&load, &[]).await,
        Err(Error::Server { .. })
    ));
    assert!(!client.is_broken());
    drop_table(&mut client, &table).await;
}

#[tokio::test]
async fn updates_count_matched_rows() {
    let mut client = client().await;
    let table = create_table(
        &mut client,
        "changes",
        "id INT PRIMARY KEY AUTO_INCREMENT, n INT",
    )
    .await;
    let inserted = client
        .query(
            &format!("INSERT INTO {table} (n) VALUES (1), (1), (2)"),
            &[],
        )
        .await
        .unwrap();
    assert_eq!((inserted.affected, inserted.last_insert_id), (3, 1));
    let updated = client
        .query(
            &format!("UPDATE {table} SET n = 1 WHERE n = ?"),
            &[Param::Int(1)],
        )
        .await
        .unwrap();
    assert_eq!(updated.affected, 2);
    let warned = client
        .query(&format!("INSERT IGNORE INTO {table} (id) VALUES (1)"), &[])
        .await
        .unwrap();
    assert_eq!((warned.affected, warned.warnings), (0, 1));
    let none = client
        .query(&format!("SELECT n FROM {table} WHERE n > 5"), &[])
        .await
        .unwrap();
    assert_eq!((none.rows().len(), none.columns.len()), (0, 1));
    drop_table(&mut client, &table).await;
}

#[tokio::test]
async fn the_status_shows_open_transactions() {
    let mut client = client().await;
    let table = create_table(&mut client, "transactions", "id INT PRIMARY KEY").await;
    let insert = format!("INSERT INTO {table} VALUES (1)");
    let results = client
        .pipeline(&[
            ("START TRANSACTION", &[]),
            (&insert, &[]),
            (&insert, &[]),
            ("ROLLBACK", &[]),
        ])
        .await
        .unwrap();
    let open: Vec<Option<bool>> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .ok()
                .map(mysql_wire::QueryResult::is_in_transaction)
        })
        .collect();
    assert_eq!(open, [Some(true), Some(true), None, Some(false)]);
    let left = client
        .query(&format!("SELECT COUNT(*) FROM {table}"), &[])
        .await
        .unwrap();
    assert_eq!(left.cells, [Cell::Int(0)]);
    drop_table(&mut client, &table).await;
}

#[tokio::test]
async fn a_large_pipeline_succeeds() {
    let mut client = client().await;
    let text = "x".repeat(200_000);
    let params = [Param::Text(&text)];
    let statements: Vec<(&str, &[Param<'_>])> =
        (0..200).map(|_| ("SELECT ?", &params[..])).collect();
    let call = client.pipeline(&statements);
    let results = tokio::time::timeout(Duration::from_secs(60), call)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(results.len(), 200);
    assert!(
        results
            .into_iter()
            .all(|result| result.unwrap().cells == [Cell::Text(text.clone())])
    );
}

/// MariaDB accepts 16 MiB by default, MySQL 64. A larger statement must be an error and must not hang.
#[tokio::test]
async fn a_statement_above_the_servers_limit_is_an_error() {
    let mut client = client().await;
    let result = client
        .query("SELECT @@max_allowed_packet", &[])
        .await
        .unwrap();
    let [Cell::Int(max_packet)] = result.cells[..] else {
        panic!("{result:?}");
    };
    let text = "x".repeat((max_packet as usize + 1).min(33 << 20));
    let params = [Param::Text(&text)];
    let call = client.query("SELECT ?", &params);
    let error = tokio::time::timeout(Duration::from_secs(30), call)
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Server { code: 1153, .. } | Error::Io(_) | Error::TooLarge
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_killed_connection_is_an_error_and_then_closed() {
    let mut client = client().await;
    assert!(client.query("KILL CONNECTION_ID()", &[]).await.is_err());
    assert!(client.query("SELECT 1", &[]).await.is_err());
    assert!(matches!(
        client.query("SELECT 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn a_cancelled_query_leaves_the_client_closed() {
    let mut client = client().await;
    let call = client.query("SELECT SLEEP(2)", &[]);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), call)
            .await
            .is_err()
    );
    assert!(matches!(
        client.query("SELECT 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn quitting_and_dropping_close_the_connection() {
    let mut watch = client().await;
    for quits in [true, false] {
        let mut client = client().await;
        let result = client.query("SELECT CONNECTION_ID()", &[]).await.unwrap();
        let [Cell::Int(id)] = result.cells[..] else {
            panic!("{result:?}");
        };
        match quits {
            true => client.quit().await.unwrap(),
            false => drop(client),
        }
        let sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?";
        let mut left = i64::MAX;
        for _ in 0..100 {
            if let [Cell::Int(count)] = watch.query(sql, &[Param::Int(id)]).await.unwrap().cells[..]
            {
                left = count;
            }
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(left, 0);
    }
}
