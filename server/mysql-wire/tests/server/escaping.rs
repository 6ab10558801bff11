//! No value leaves its literal: property tests, and the corpus stored and read back in every mode.

use mysql_wire::{Answer, Cell, Client, Param};
use proptest::prelude::*;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::corpus::{BYTES, TEXTS};
use crate::{client, drop_table, table};

/// Waits for what another connection of this test is still doing.
async fn count(client: &mut Client<TcpStream>, sql: &str, expected: i64) {
    for _ in 0..100 {
        if client.query(sql, &[]).await.unwrap().cells == [Cell::Int(expected)] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never {expected}: {sql}");
}

/// The tables whose names begin as this test's do.
async fn tables_like(client: &mut Client<TcpStream>, table: &str) -> Vec<Cell> {
    let sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND LEFT(table_name, ?) = ?";
    let params = [Param::Int(table.len() as i64), Param::Text(table)];
    client.query(sql, &params).await.unwrap().cells
}

fn stored(answer: &Answer) -> Vec<Vec<u8>> {
    answer
        .cells
        .iter()
        .map(|cell| match cell {
            Cell::Bytes(bytes) => bytes.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn the_corpus_comes_back_from_a_table() {
    assert!(TEXTS.len() >= 60);
    let mut client = client().await;
    let table = table(
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
        let answer = client.query(&select, &params).await.unwrap();
        assert_eq!(
            answer.cells,
            [
                Cell::Text((*text).to_owned()),
                Cell::Bytes(text.as_bytes().to_vec())
            ],
            "{text:?}"
        );
    }
    // As a condition they find themselves alone, and as values of an update they change one row.
    // A comparison does not see blanks at the end.
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
        let answer = client
            .query("SELECT ?", &[Param::Bytes(bytes)])
            .await
            .unwrap();
        assert_eq!(answer.cells, [Cell::Bytes(bytes.to_vec())]);
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

/// The client refuses a session in which a backslash is a letter. Should it ever be in one without knowing, because a
/// pool has put it there, its literals are still what they were.
#[tokio::test]
async fn literals_do_not_depend_on_the_mode() {
    let mut client = client().await;
    let table = table(&mut client, "modes", "id INT PRIMARY KEY, raw LONGBLOB").await;
    let insert = format!("INSERT INTO {table} (id, raw) VALUES (?, ?)");
    let select = format!("SELECT raw FROM {table} ORDER BY id");
    let counted = format!("SELECT COUNT(*) FROM {table}");
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
        // The server runs them all, whatever the client thinks of the first answer.
        let answers = other.pipeline(&statements).await;
        assert_eq!(
            answers.is_err(),
            setting.contains("NO_BACKSLASH"),
            "{setting}"
        );
        assert_eq!(other.is_broken(), answers.is_err());
        count(&mut client, &counted, TEXTS.len() as i64).await;
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

/// Text of which every second letter is one that means something.
fn texts() -> impl Strategy<Value = String> {
    let meaning = prop::sample::select(vec![
        '\'', '"', '`', '\\', '\0', '\n', '\r', '\u{1a}', '%', '_', ';', '-', '#', '/', '*', '?',
        'x', '\u{ff}', '\u{8868}',
    ]);
    prop::collection::vec(prop_oneof![meaning, any::<char>()], 0..60)
        .prop_map(|letters| letters.into_iter().collect())
}

fn moments() -> impl Strategy<Value = i64> {
    -30_610_224_000_000_i64..=253_402_300_799_999
}

#[test]
fn every_value_comes_back() {
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
            moments(),
            any::<u128>().prop_map(Uuid::from_u128),
            any::<bool>(),
        ),
    );
    proptest!(ProptestConfig::with_cases(3000), |(((text, bytes), (int, float), (moment, uuid, truth)) in values)| {
        let params = [
            Param::Text(&text),
            Param::Bytes(&bytes),
            Param::Int(int),
            Param::Float(float),
            Param::Time(moment),
            Param::Uuid(uuid),
            Param::Bool(truth),
            Param::Null,
        ];
        let asked = "SELECT ?, ?, ?, ?, CAST(? AS DATETIME(3)), ?, ?, ?";
        let answer = runtime.block_on(client.borrow_mut().query(asked, &params)).unwrap();
        prop_assert_eq!(answer.rows().len(), 1);
        prop_assert_eq!(answer.cells, [
            Cell::Text(text),
            Cell::Bytes(bytes),
            Cell::Int(int),
            Cell::Float(float),
            Cell::Time(moment),
            Cell::Text(uuid.to_string()),
            Cell::Int(i64::from(truth)),
            Cell::Null,
        ]);
    });
}
