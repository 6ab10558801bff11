//! The contract suite on PostgreSQL, natively, and its log-in.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::contract::EngineTraits;
use db::drivers::native::{PoolSize, ServerConnector};
use db::drivers::server_options::{Authorities, ServerOptions, Tls};
use db::{Connector, Consistency, DbError, Value, migrate};
use support::{Brand, database, native, open, pass_all, run};

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    let target = database(Brand::Postgres, "site_test_postgres").await;
    migrate::apply_to_server(&target, migrate::POSTGRES)
        .await
        .unwrap();
    let source = native(&target).connector(PoolSize::default()).unwrap();
    pass_all(source, EngineTraits::POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_without_tls_and_without_a_pool() {
    let mut target = database(Brand::Postgres, "site_test_postgres_plain").await;
    target.tls = Tls::Off;
    migrate::apply_to_server(&target, migrate::POSTGRES)
        .await
        .unwrap();
    pass_all(ServerConnector(target), EngineTraits::POSTGRES).await;
}

#[tokio::test]
async fn the_connection_is_encrypted() {
    let target = ServerOptions::parse(&support::url(Brand::Postgres, &support::trusted())).unwrap();
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let found = run(&*open(&target).await, sql).await;
    assert_eq!(found[0].cells, [Value::Bool(true)]);
}

#[tokio::test]
async fn a_failed_log_in_says_why_without_the_password() {
    let good = ServerOptions::parse(&support::url(Brand::Postgres, &support::trusted())).unwrap();
    for (target, why) in [
        (
            ServerOptions {
                password: "hunter2".into(),
                ..good.clone()
            },
            "password",
        ),
        (
            ServerOptions {
                database: "nowhere".into(),
                ..good.clone()
            },
            "no such database",
        ),
        (
            ServerOptions {
                tls: Tls::Verified {
                    root: Authorities::Public,
                },
                ..good.clone()
            },
            "certificate cannot be verified",
        ),
        (
            ServerOptions {
                tls: Tls::Verified {
                    root: Authorities::File("/nowhere.pem".into()),
                },
                ..good.clone()
            },
            "nowhere.pem",
        ),
    ] {
        let error = ServerConnector(target)
            .connect(Consistency::Strong)
            .await
            .err()
            .unwrap();
        assert!(
            matches!(&error, DbError::Unavailable(text) if text.contains(why)),
            "{why}: {error:?}"
        );
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let nobody = ServerConnector(ServerOptions { port: 1, ..good });
    let error = nobody.connect(Consistency::Strong).await.err().unwrap();
    assert!(matches!(error, DbError::Lost(_)), "{error:?}");
}
