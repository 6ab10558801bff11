//! Columns of each type, with their limits.

use mysql_wire::{Cell, ColumnKind, Error, Param};

use crate::{client, create_table, drop_table};

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[tokio::test]
async fn columns_of_each_type_are_decoded() {
    let mut client = client().await;
    let cases = [
        ("TINYINT(1)", "1", ColumnKind::Int, Cell::Int(1)),
        ("BOOLEAN", "FALSE", ColumnKind::Int, Cell::Int(0)),
        ("TINYINT UNSIGNED", "255", ColumnKind::Int, Cell::Int(255)),
        ("SMALLINT", "-32768", ColumnKind::Int, Cell::Int(-32768)),
        (
            "MEDIUMINT",
            "-8388608",
            ColumnKind::Int,
            Cell::Int(-8_388_608),
        ),
        (
            "INT UNSIGNED ZEROFILL",
            "42",
            ColumnKind::Int,
            Cell::Int(42),
        ),
        (
            "BIGINT",
            "-9223372036854775808",
            ColumnKind::Int,
            Cell::Int(i64::MIN),
        ),
        (
            "BIGINT",
            "9223372036854775807",
            ColumnKind::Int,
            Cell::Int(i64::MAX),
        ),
        (
            "BIGINT UNSIGNED",
            "9223372036854775807",
            ColumnKind::Int,
            Cell::Int(i64::MAX),
        ),
        ("YEAR", "2155", ColumnKind::Int, Cell::Int(2155)),
        (
            "DECIMAL(18,0)",
            "-999999999999999999",
            ColumnKind::Int,
            Cell::Int(-999_999_999_999_999_999),
        ),
        (
            "DECIMAL(10,2)",
            "-1.5",
            ColumnKind::Decimal,
            Cell::Decimal("-1.50".to_owned()),
        ),
        (
            "DOUBLE",
            "1.7976931348623157e308",
            ColumnKind::Float,
            Cell::Float(f64::MAX),
        ),
        ("DOUBLE", "0.1", ColumnKind::Float, Cell::Float(0.1)),
        ("FLOAT", "1.5", ColumnKind::Float, Cell::Float(1.5)),
        (
            "DATETIME(3)",
            "'1969-12-31 23:59:59.999'",
            ColumnKind::Time,
            Cell::Time(-1),
        ),
        (
            "DATETIME",
            "'9999-12-31 23:59:59'",
            ColumnKind::Time,
            Cell::Time(253_402_300_799_000),
        ),
        (
            "DATETIME(6)",
            "'1970-01-01 00:00:00.001999'",
            ColumnKind::Time,
            Cell::Time(1),
        ),
        (
            "TIMESTAMP(3) NULL",
            "'2038-01-19 03:14:07.123'",
            ColumnKind::Time,
            Cell::Time(2_147_483_647_123),
        ),
        ("DATE", "'2024-02-29'", ColumnKind::Text, text("2024-02-29")),
        ("TIME", "'-12:34:56'", ColumnKind::Text, text("-12:34:56")),
        (
            "CHAR(36)",
            "'\u{1f600}'",
            ColumnKind::Text,
            text("\u{1f600}"),
        ),
        (
            "VARCHAR(10) CHARACTER SET latin1",
            "'h\u{f6}rt'",
            ColumnKind::Text,
            text("h\u{f6}rt"),
        ),
        ("TINYTEXT", "''", ColumnKind::Text, text("")),
        ("LONGTEXT", "'a\u{0}b'", ColumnKind::Text, text("a\0b")),
        (
            "JSON",
            "'{\"a\": \"\u{fc}\"}'",
            ColumnKind::Text,
            text("{\"a\": \"\u{fc}\"}"),
        ),
        ("ENUM('a','b')", "'b'", ColumnKind::Text, text("b")),
        ("SET('a','b')", "'a,b'", ColumnKind::Text, text("a,b")),
        (
            "BINARY(3)",
            "x'00ff'",
            ColumnKind::Bytes,
            Cell::Bytes(vec![0, 255, 0]),
        ),
        (
            "VARBINARY(3)",
            "x''",
            ColumnKind::Bytes,
            Cell::Bytes(vec![]),
        ),
        ("TINYBLOB", "x'00'", ColumnKind::Bytes, Cell::Bytes(vec![0])),
        (
            "LONGBLOB",
            "x'ff27'",
            ColumnKind::Bytes,
            Cell::Bytes(vec![255, 0x27]),
        ),
        (
            "BIT(9)",
            "b'100000001'",
            ColumnKind::Bytes,
            Cell::Bytes(vec![1, 1]),
        ),
    ];
    for (number, (declared, literal, kind, expected)) in cases.into_iter().enumerate() {
        let table = create_table(
            &mut client,
            &format!("type_{number}"),
            &format!("a {declared}"),
        )
        .await;
        client
            .query(
                &format!("INSERT INTO {table} VALUES (NULL), ({literal})"),
                &[],
            )
            .await
            .unwrap();
        let result = client
            .query(&format!("SELECT a FROM {table} ORDER BY a IS NULL"), &[])
            .await
            .unwrap();
        assert_eq!(
            (result.columns[0].kind, result.columns[0].name.as_str()),
            (kind, "a"),
            "{declared}"
        );
        assert_eq!(result.cells, [expected, Cell::Null], "{declared} {literal}");
        drop_table(&mut client, &table).await;
    }
}

#[tokio::test]
async fn values_out_of_range_are_errors_that_name_their_column() {
    let mut client = client().await;
    for (sql, name) in [
        ("SELECT 1, 18446744073709551615 AS large", "large"),
        ("SELECT CAST(1e18 AS DECIMAL(30,0)) * 100 AS total", "total"),
        (
            "SELECT CAST(9223372036854775808 AS UNSIGNED) AS one_more",
            "one_more",
        ),
    ] {
        let result = client.query(sql, &[]).await;
        assert!(
            matches!(result, Err(Error::Decode { column, .. }) if column == name),
            "{sql}"
        );
    }
    assert_eq!(
        client.query("SELECT 1", &[]).await.unwrap().cells,
        [Cell::Int(1)]
    );
}

#[tokio::test]
async fn functions_return_values_of_the_expected_kind() {
    let mut client = client().await;
    let sql = "SELECT COUNT(*), SUM(a), MAX(a), AVG(b), LENGTH('\u{fc}'), CONCAT('a', ?), COALESCE(NULL, ?), 1 = 1, NULL \
        FROM (SELECT 1 AS a, 1.5e0 AS b UNION ALL SELECT 2, 2.5e0) AS t";
    let result = client
        .query(sql, &[Param::Text("\\"), Param::Text("'")])
        .await
        .unwrap();
    assert_eq!(
        result.cells,
        [
            Cell::Int(2),
            Cell::Int(3),
            Cell::Int(2),
            Cell::Float(2.0),
            Cell::Int(2),
            text("a\\"),
            text("'"),
            Cell::Int(1),
            Cell::Null
        ]
    );
}

#[tokio::test]
async fn large_values_are_read_back() {
    let mut client = client().await;
    let table = create_table(&mut client, "large", "body LONGTEXT, raw LONGBLOB").await;
    let body = "\u{fc}'\\".repeat(1 << 18);
    let raw: Vec<u8> = (0..1 << 20).map(|at| (at % 256) as u8).collect();
    let insert = format!("INSERT INTO {table} VALUES (?, ?)");
    let params = [Param::Text(&body), Param::Bytes(&raw)];
    client.query(&insert, &params).await.unwrap();
    let result = client
        .query(&format!("SELECT * FROM {table}"), &[])
        .await
        .unwrap();
    assert!(result.cells == [Cell::Text(body), Cell::Bytes(raw)]);
    drop_table(&mut client, &table).await;
}
