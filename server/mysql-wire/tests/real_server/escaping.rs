//! No value breaks out of its literal: property tests, and the known injections in every SQL mode.

use mysql_wire::{Cell, Client, Param, QueryResult};
use proptest::prelude::*;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::injections::{BYTES, TEXTS};
use crate::{client, create_table, drop_table};

/// Waits until another connection of the same test has written everything.
async fn wait_for_count(client: &mut Client<TcpStream>, sql: &str, expected: i64) {
    for _ in 0..100 {
        if client.query(sql, &[]).await.unwrap().cells == [Cell::Int(expected)] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{sql} never returned {expected}");
}

/// Returns the tables whose names begin with `table`.
async fn tables_like(client: &mut Client<TcpStream>, table: &str) -> Vec<Cell> {
    let sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND LEFT(table_name, ?) = ?";
    let params = [Param::Int(table.len() as i64), Param::Text(table)];
    client.query(sql, &params).await.unwrap().cells
}

fn stored(result: &QueryResult) -> Vec<Vec<u8>> {
    result
        .cells
        .iter()
        .map(|cell| match cell {
            Cell::Bytes(bytes) => bytes.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn injections_are_stored_and_read_back() {
    assert!(TEXTS.len() >= 60);
    let mut client = client().await;
    let table = create_table(
        &mut client,
        "corpus",
        "id INT PRIMARY KEY, body LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, raw LONGBLOB",
    )
    .await;
    let insert = format!("INSERT INTO {table} (id, body, raw) VALUES (?, ?, ?)");
    for (id, text) in TEXTS.iter().enumerate() {
        let params = [
            Param::Int(id as i64),
            Param::Text(text),
            Param::Bytes(text.as_bytes()),
        ];
        assert_eq!(
            client.query(&insert, &params).await.unwrap().affected,
            1,
            "{text:?}"
        );
    }
    let select = format!("SELECT body, raw FROM {table} WHERE id = ? AND body = ? AND raw = ?");
    for (id, text) in TEXTS.iter().enumerate() {
        let params = [
            Param::Int(id as i64),
            Param::Text(text),
            Param::Bytes(text.as_bytes()),
        ];
        let result = client.query(&select, &params).await.unwrap();
        assert_eq!(
            result.cells,
            [
                Cell::Text((*text).to_owned()),
                Cell::Bytes(text.as_bytes().to_vec())
            ],
            "{text:?}"
        );
    }
    // As a condition each text matches only itself, and as the value of an update it changes one row.
    // A comparison ignores trailing spaces.
    let find = format!("SELECT COUNT(*) FROM {table} WHERE CONCAT(body, '.') = CONCAT(?, '.')");
    let change = format!("UPDATE {table} SET body = ? WHERE id = 0");
    for text in TEXTS {
        let found = client.query(&find, &[Param::Text(text)]).await.unwrap();
        assert_eq!(found.cells, [Cell::Int(1)], "{text:?}");
    }
    for text in TEXTS {
        assert_eq!(
            client
                .query(&change, &[Param::Text(text)])
                .await
                .unwrap()
                .affected,
            1
        );
    }
    for bytes in BYTES {
        let result = client
            .query("SELECT ?", &[Param::Bytes(bytes)])
            .await
            .unwrap();
        assert_eq!(result.cells, [Cell::Bytes(bytes.to_vec())]);
    }
    let rows = client
        .query(&format!("SELECT COUNT(*) FROM {table}"), &[])
        .await
        .unwrap();
    assert_eq!(rows.cells, [Cell::Int(TEXTS.len() as i64)]);
    assert_eq!(
        tables_like(&mut client, &table).await,
        [Cell::Text(table.clone())]
    );
    drop_table(&mut client, &table).await;
}

/// The client refuses a session in which a backslash is an ordinary character. If a pool puts it into such a session
/// without its knowledge, its literals still keep their meaning.
#[tokio::test]
async fn literals_do_not_depend_on_the_sql_mode() {
    let mut client = client().await;
    let table = create_table(&mut client, "modes", "id INT PRIMARY KEY, raw LONGBLOB").await;
    let insert = format!("INSERT INTO {table} (id, raw) VALUES (?, ?)");
    let select = format!("SELECT raw FROM {table} ORDER BY id");
    let count = format!("SELECT COUNT(*) FROM {table}");
    for setting in [
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = 'ANSI'",
        "SET NAMES gbk",
        "SET NAMES big5",
        "SET NAMES sjis",
        "SET NAMES latin1",
    ] {
        let mut other = crate::client().await;
        let params: Vec<[Param<'_>; 2]> = TEXTS
            .iter()
            .enumerate()
            .map(|(id, text)| [Param::Int(id as i64), Param::Text(text)])
            .collect();
        let mut statements: Vec<(&str, &[Param<'_>])> = vec![(setting, &[])];
        statements.extend(params.iter().map(|params| (insert.as_str(), &params[..])));
        // The server runs them all, even if the client rejects the first result.
        let results = other.pipeline(&statements).await;
        assert_eq!(
            results.is_err(),
            setting.contains("NO_BACKSLASH"),
            "{setting}"
        );
        assert_eq!(other.is_broken(), results.is_err());
        wait_for_count(&mut client, &count, TEXTS.len() as i64).await;
        let stored = stored(&client.query(&select, &[]).await.unwrap());
        for (text, bytes) in TEXTS.iter().zip(stored) {
            assert_eq!(bytes, text.as_bytes(), "{setting}: {text:?}");
        }
        client
            .query(&format!("DELETE FROM {table}"), &[])
            .await
            .unwrap();
    }
    assert_eq!(
        tables_like(&mut client, &table).await,
        [Cell::Text(table.clone())]
    );
    drop_table(&mut client, &table).await;
}

/// Text in which every second character has a meaning in SQL.
fn texts() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '\'', '"', '`', '\\', '\0', '\n', '\r', '\u{1a}', '%', '_', ';', '-', '#', '/', '*', '?',
        'x', '\u{ff}', '\u{8868}',
    ]);
    prop::collection::vec(prop_oneof![special, any::<char>()], 0..60)
        .prop_map(|characters| characters.into_iter().collect())
}

fn timestamps() -> impl Strategy<Value = i64> {
    -30_610_224_000_000_i64..=253_402_300_799_999
}

#[test]
fn every_value_survives_a_round_trip() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = std::cell::RefCell::new(runtime.block_on(client()));
    let values = (
        (texts(), prop::collection::vec(any::<u8>(), 0..80)),
        (
            any::<i64>(),
            prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        ),
        (
            timestamps(),
            any::<u128>().prop_map(Uuid::from_u128),
            any::<bool>(),
        ),
    );
    proptest!(ProptestConfig::with_cases(3000), |(((text, bytes), (int, float), (timestamp, uuid, boolean)) in values)| {
        let params = [
            Param::Text(&text),
            Param::Bytes(&bytes),
            Param::Int(int),
            Param::Float(float),
            Param::Time(timestamp),
            Param::Uuid(uuid),
            Param::Bool(boolean),
            Param::Null,
        ];
        let sql = "SELECT ?, ?, ?, ?, CAST(? AS DATETIME(3)), ?, ?, ?";
        let result = runtime.block_on(client.borrow_mut().query(sql, &params)).unwrap();
        prop_assert_eq!(result.rows().len(), 1);
        prop_assert_eq!(result.cells, [
            Cell::Text(text),
            Cell::Bytes(bytes),
            Cell::Int(int),
            Cell::Float(float),
            Cell::Time(timestamp),
            Cell::Text(uuid.to_string()),
            Cell::Int(i64::from(boolean)),
            Cell::Null,
        ]);
    });
}
