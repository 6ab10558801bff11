//! Every engine's rows on every engine.

use db::{Db, Dialect, Statement};
use db_cli::dump::Existing;

use super::support::{Folder, client, database, everything, exported, fill, native, restored};

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_same_on_every_pair_of_engines() {
    let folder = Folder::new("pairs");
    let (mut sources, mut targets) = (Vec::new(), Vec::new());
    for dialect in Dialect::ALL {
        let source = database(dialect, &folder, &format!("from_{}", dialect.name())).await;
        fill(&source).await;
        sources.push((dialect, source));
        targets.push(database(dialect, &folder, &format!("to_{}", dialect.name())).await);
    }
    let original = everything(&sources[0].1).await;
    assert!(original.iter().all(|rows| !rows.is_empty()), "{original:?}");
    for (from, source) in &sources {
        let file = folder.path(&format!("{}.zip", from.name()));
        let summary = exported(source, &file, false).await.unwrap();
        assert_eq!(summary.tables[1], ("posts", 420));
        for target in &targets {
            restored(target, &file, Existing::Replace).await.unwrap();
            let there = everything(target).await;
            for (there, original) in there.iter().zip(&original) {
                assert!(
                    there == original,
                    "{from:?} to {target}:\n{there:?}\n{original:?}"
                );
            }
        }
    }
    // The indexes for searches follow later writes, too.
    for target in &targets {
        let db: Db = client(target);
        let hide = "UPDATE users SET search_text = 'nobody'";
        db.run(&Statement::plain(hide)).await.unwrap();
        assert_eq!(everything(target).await[14], ["Some(0)"], "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_rows_is_replaced_only_on_request() {
    let folder = Folder::new("refused");
    let file = folder.path("dump.zip");
    for (n, dialect) in Dialect::ALL.into_iter().enumerate() {
        let url = database(dialect, &folder, &format!("refused_{}", dialect.name())).await;
        if n == 0 {
            fill(&url).await;
            exported(&url, &file, false).await.unwrap();
        } else {
            restored(&url, &file, Existing::Refuse).await.unwrap();
        }
        let refused = restored(&url, &file, Existing::Refuse).await.unwrap_err();
        assert!(
            refused.ends_with(
                "the database is not empty: users has rows. `--replace` deletes all its rows first"
            ),
            "{refused}"
        );
        // A row that the database does not take, after thousands that it took: nothing of them stays.
        let trap = match dialect {
            Dialect::Sqlite => "ALTER TABLE api_tokens ADD COLUMN trap INTEGER CHECK (name = '')",
            Dialect::Postgres => {
                "ALTER TABLE api_tokens ADD CONSTRAINT trap CHECK (false) NOT VALID"
            }
            Dialect::MySql => {
                "CREATE TRIGGER trap BEFORE INSERT ON api_tokens FOR EACH ROW SIGNAL SQLSTATE '45000'"
            }
        };
        for sql in ["DELETE FROM api_tokens", trap] {
            client(&url).run(&Statement::plain(sql)).await.unwrap();
        }
        let before = everything(&url).await;
        let refused = restored(&url, &file, Existing::Replace).await.unwrap_err();
        assert!(
            refused.starts_with("nothing was changed: writing api_tokens: "),
            "{refused}"
        );
        assert!(everything(&url).await == before, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_its_migrations_is_refused() {
    let folder = Folder::new("unmigrated");
    let migrated = database(Dialect::Sqlite, &folder, "migrated").await;
    let file = folder.path("dump.zip");
    exported(&migrated, &file, false).await.unwrap();
    let empty = format!("sqlite:{}", folder.path("empty").display());
    let words = "the database lacks migrations (0001_initial.sql, ";
    let refused = restored(&empty, &file, Existing::Refuse).await.unwrap_err();
    assert!(refused.contains(words), "{refused}");
    let refused = exported(&empty, &folder.path("other"), false)
        .await
        .unwrap_err();
    assert!(refused.contains(words), "{refused}");
    assert!(!folder.path("other").exists());
    // Nothing is written over a file.
    let refused = exported(&migrated, &file, false).await.unwrap_err();
    assert!(refused.contains("dump.zip exists"), "{refused}");
    assert_eq!(native(&empty).file().map(|file| file.exists()), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_one_moment() {
    let folder = Folder::new("moment");
    for dialect in Dialect::ALL {
        let url = database(dialect, &folder, &format!("moment_{}", dialect.name())).await;
        fill(&url).await;
        let before = everything(&url).await;
        if dialect == Dialect::Sqlite {
            // As D1 keeps its files: writers do not wait for readers.
            let wal = [Statement::plain("PRAGMA journal_mode = WAL")];
            client(&url).read(&wal).await.unwrap();
        }
        let file = folder.path(&format!("{}.zip", dialect.name()));
        // Somebody deletes a post, whose comments go with it, while users are read.
        let writes = std::sync::atomic::AtomicU32::new(0);
        let line = |line: &str| {
            if line.starts_with("reading posts")
                && writes.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0
            {
                let url = url.clone();
                std::thread::scope(|scope| {
                    scope.spawn(move || {
                        let runtime = tokio::runtime::Builder::new_current_thread()
                            .enable_all()
                            .build()
                            .unwrap();
                        let delete = "DELETE FROM comments";
                        runtime.block_on(async {
                            client(&url).run(&Statement::plain(delete)).await.unwrap()
                        });
                    });
                });
            }
        };
        let wanted = db_cli::dump::Export {
            url: &native(&url),
            tables: super::support::tables(),
            file: &file,
            form: db_cli::dump::Form::Dump,
            anonymise: false,
        };
        let reporter = db_cli::dump::Reporter {
            interval: std::time::Duration::ZERO,
            line: &line,
        };
        db_cli::dump::export(&wanted, reporter).await.unwrap();
        assert!(everything(&url).await[3].is_empty());
        restored(&url, &file, Existing::Replace).await.unwrap();
        assert!(everything(&url).await == before, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_database_makes_of_rows_is_compared() {
    let folder = Folder::new("compared");
    let source = database(Dialect::Sqlite, &folder, "compared_source").await;
    fill(&source).await;
    let file = folder.path("dump.zip");
    exported(&source, &file, false).await.unwrap();
    let url = database(Dialect::MySql, &folder, "compared").await;
    let trigger = "CREATE TRIGGER tidy BEFORE INSERT ON comments FOR EACH ROW SET NEW.body = TRIM(NEW.body), NEW.created_at = '2000-01-01'";
    client(&url).run(&Statement::plain(trigger)).await.unwrap();
    let refused = restored(&url, &file, Existing::Refuse).await.unwrap_err();
    assert_eq!(
        refused,
        "nothing was changed: comments does not hold what the dump does: 614 rows were written and 614 are there, or values differ"
    );
    assert!(everything(&url).await[..14].iter().all(Vec::is_empty));
}
