//! `--sql`: statements that bring the rows back into a database of the same engine.

use db::{Dialect, Statement};
use db_cli::dump::{Export, Form, export};

use rusqlite::Connection;

use super::support::{Folder, SILENT, client, database, everything, fill, native, tables};

#[tokio::test(flavor = "multi_thread")]
async fn statements_bring_every_row_back() {
    let folder = Folder::new("sql");
    for dialect in Dialect::ALL {
        let source = database(dialect, &folder, &format!("sql_from_{}", dialect.name())).await;
        fill(&source).await;
        let file = folder.path(&format!("{}.sql", dialect.name()));
        let wanted = Export {
            url: &native(&source),
            tables: tables(),
            file: &file,
            form: Form::Sql,
            anonymise: false,
        };
        export(&wanted, SILENT).await.unwrap();
        let sql = std::fs::read_to_string(&file).unwrap();
        // The shells of SQLite and MySQL take it for a line feed.
        assert_eq!(sql.contains('\r'), dialect == Dialect::Postgres);
        // wrangler takes these out of the file, wherever they stand.
        if dialect == Dialect::Sqlite {
            assert_eq!(sql.matches("BEGIN TRANSACTION").count(), 1);
            assert_eq!(sql.matches("COMMIT;").count(), 1);
        }
        let target = database(dialect, &folder, &format!("sql_to_{}", dialect.name())).await;
        match native(&target).file() {
            Some(file) => Connection::open(file).unwrap().execute_batch(&sql).unwrap(),
            None => {
                let inserts = sql.split("\nINSERT ").skip(1);
                let inserts = inserts.map(|rest| {
                    rest.trim_end_matches("COMMIT;\n")
                        .trim_end()
                        .trim_end_matches(';')
                });
                let inserts: Vec<Statement> = inserts
                    .map(|rest| Statement::plain(format!("INSERT {rest}")))
                    .collect();
                client(&target).write(&inserts).await.unwrap();
            }
        }
        assert!(
            everything(&target).await == everything(&source).await,
            "{dialect:?}"
        );
    }
}
