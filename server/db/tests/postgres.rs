//! The contract suite on PostgreSQL, natively; and who is let in.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::contract::Engine;
use db::drivers::native::{PoolSize, Server};
use db::drivers::target::{Target, Tls};
use db::{Connect, DbError, Need, Value, migrate};
use support::{Brand, database, native, open, pass_all, run};

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    let target = database(Brand::Postgres, "waypost_test_postgres").await;
    migrate::apply_to_server(&target, migrate::POSTGRES)
        .await
        .unwrap();
    let source = native(&target).source(PoolSize::default()).unwrap();
    pass_all(source, Engine::POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_without_tls_and_without_a_pool() {
    let mut target = database(Brand::Postgres, "waypost_test_postgres_plain").await;
    target.tls = Tls::Off;
    migrate::apply_to_server(&target, migrate::POSTGRES)
        .await
        .unwrap();
    pass_all(Server(target), Engine::POSTGRES).await;
}

#[tokio::test]
async fn the_connection_is_encrypted() {
    let target = Target::parse(&support::url(Brand::Postgres, &support::trusted())).unwrap();
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let found = run(&*open(&target).await, sql).await;
    assert_eq!(found[0].cells, [Value::Bool(true)]);
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why_without_the_password() {
    let good = Target::parse(&support::url(Brand::Postgres, &support::trusted())).unwrap();
    for (target, why) in [
        (
            Target {
                password: "hunter2".into(),
                ..good.clone()
            },
            "password",
        ),
        (
            Target {
                database: "nowhere".into(),
                ..good.clone()
            },
            "no such database",
        ),
        (
            Target {
                tls: Tls::Verified { root: None },
                ..good.clone()
            },
            "prove who it is",
        ),
        (
            Target {
                tls: Tls::Verified {
                    root: Some("/nowhere.pem".into()),
                },
                ..good.clone()
            },
            "nowhere.pem",
        ),
    ] {
        let error = Server(target).connect(Need::Fresh).await.err().unwrap();
        assert!(
            matches!(&error, DbError::Unavailable(text) if text.contains(why)),
            "{why}: {error:?}"
        );
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let nobody = Server(Target { port: 1, ..good });
    let error = nobody.connect(Need::Fresh).await.err().unwrap();
    assert!(matches!(error, DbError::Lost(_)), "{error:?}");
}
