//! Logging in: what a URL asks for, and what a server refuses. What a real server cannot be made to say comes from a listener.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use db::drivers::native::ServerConnector;
use db::drivers::server_options::{Authorities, ServerDialect, ServerOptions, Tls};
use db::{Connector, Consistency, Db, DbError, Statement, Value};
use support::{Brand, assert_says, database, open, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn server(brand: Brand) -> ServerOptions {
    ServerOptions::parse(&support::url(brand, &support::trusted())).unwrap()
}

/// The error of connecting.
async fn refusal(server: ServerOptions) -> DbError {
    let connected = ServerConnector(server).connect(Consistency::Strong).await;
    connected.err().expect("no connection")
}

#[tokio::test]
async fn the_settings_of_a_url_reach_postgres() {
    let target = database(Brand::Postgres, "site_test_settings").await;
    run(&*open(&target).await, "CREATE SCHEMA \"Blog, \"\"2\"\"\"").await;
    run(&*open(&target).await, "CREATE SCHEMA blog").await;
    let url = target.to_url();
    for (parameters, sql, expected) in [
        (
            "options=-c%20search_path%3Dblog",
            "SELECT current_schema()::text",
            "blog",
        ),
        (
            "options=-c search_path=blog -c work_mem=77kB",
            "SHOW work_mem",
            "77kB",
        ),
        ("schema=blog", "SELECT current_schema()::text", "blog"),
        (
            "schema=Blog%2C%20%222%22",
            "SELECT current_schema()::text",
            "Blog, \"2\"",
        ),
        (
            "application_name=a%20site",
            "SHOW application_name",
            "a site",
        ),
        ("fallback_application_name=b", "SHOW application_name", "b"),
        ("connect_timeout=9", "SELECT 'x'::text", "x"),
    ] {
        let server = ServerOptions::parse(&format!("{}&{parameters}", url.expose())).unwrap();
        let found = run(&*open(&server).await, sql).await;
        assert_eq!(
            found[0].cells,
            [Value::Text(expected.into())],
            "{parameters}"
        );
    }
    let wrong = format!("{}&options=-c%20nonsense%3D1", url.expose());
    let error = refusal(ServerOptions::parse(&wrong).unwrap()).await;
    assert!(
        matches!(&error, DbError::Refused { detail, .. } if detail.contains("nonsense")),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_authorities_of_the_system_are_the_usual_ones() {
    for brand in [Brand::Postgres, Brand::MySql] {
        let target = ServerOptions {
            tls: Tls::Verified {
                root: Authorities::System,
            },
            ..server(brand)
        };
        let error = refusal(target).await;
        let says = error.to_string();
        // The test's server has an authority of its own; a system may have none at all.
        assert!(
            says.contains("certificate cannot be verified") || says.contains("there are none"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn users_of_mariadb_log_in_by_their_plugins() {
    let target = database(Brand::MySql, "site_test_plugins").await;
    let owner = open(&target).await;
    // The next statement says whether it is there, installed before or now.
    let _ = owner
        .write(&[Statement::plain("INSTALL SONAME 'auth_ed25519'")])
        .await;
    for (name, via) in [
        (
            "site_test_ed25519",
            "ed25519 USING PASSWORD('correct hörse')",
        ),
        (
            "site_test_native",
            "mysql_native_password USING PASSWORD('correct hörse')",
        ),
    ] {
        run(&*owner, &format!("DROP USER IF EXISTS {name}")).await;
        run(&*owner, &format!("CREATE USER {name} IDENTIFIED VIA {via}")).await;
        run(
            &*owner,
            &format!("GRANT SELECT ON site_test_plugins.* TO {name}"),
        )
        .await;
        let user = ServerOptions {
            user: name.into(),
            password: "correct hörse".into(),
            ..target.clone()
        };
        run(&*open(&user).await, "SELECT 1").await;
        let wrong = ServerOptions {
            password: "hunter2".into(),
            ..user
        };
        assert_says(&refusal(wrong).await, "check user and password");
    }
    // The system's own users cannot come over a network.
    run(&*owner, "DROP USER IF EXISTS site_test_socket").await;
    run(
        &*owner,
        "CREATE USER site_test_socket IDENTIFIED VIA unix_socket",
    )
    .await;
    let user = ServerOptions {
        user: "site_test_socket".into(),
        ..target
    };
    assert_says(&refusal(user).await, "refused the user");
}

#[tokio::test]
async fn a_user_that_needs_encryption_is_told_so() {
    let target = database(Brand::MySql, "site_test_encrypted").await;
    let owner = open(&target).await;
    for sql in [
        "DROP USER IF EXISTS site_test_encrypted",
        "CREATE USER site_test_encrypted IDENTIFIED BY 'x' REQUIRE SSL",
        "GRANT SELECT ON site_test_encrypted.* TO site_test_encrypted",
    ] {
        run(&*owner, sql).await;
    }
    let user = ServerOptions {
        user: "site_test_encrypted".into(),
        password: "x".into(),
        ..target
    };
    run(&*open(&user).await, "SELECT 1").await;
    let plain = ServerOptions {
        tls: Tls::Off,
        ..user
    };
    assert_says(&refusal(plain).await, "only encrypted connections");
}

/// Listens, answers the first bytes of each client with `answer`, and keeps the connection open.
async fn listener(answer: Vec<u8>, waits: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                if waits {
                    let _ = client.read(&mut [0; 1024]).await;
                }
                let _ = client.write_all(&answer).await;
                while client
                    .read(&mut [0; 1024])
                    .await
                    .is_ok_and(|length| length > 0)
                {}
            });
        }
    });
    (port, count)
}

fn at(dialect: ServerDialect, port: u16) -> ServerOptions {
    let url = format!(
        "{}://u:a-password-nobody-sees@127.0.0.1:{port}/d?sslmode=disable&connect_timeout=1",
        dialect.name()
    );
    ServerOptions::parse(&url).unwrap()
}

/// PostgreSQL's refusal of a log-in.
fn fatal(code: &str, message: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    [b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()
}

/// MySQL's refusal before its greeting.
fn refused(code: u16, message: &str) -> Vec<u8> {
    let body = [&[0xff][..], &code.to_le_bytes(), message.as_bytes()].concat();
    [&[u8::try_from(body.len()).unwrap(), 0, 0, 0][..], &body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_before_the_log_in_is_not_the_sites_failure() {
    let postgres = |code: &str, message: &str| (ServerDialect::Postgres, fatal(code, message));
    let mysql = |code, message: &str| (ServerDialect::MySql, refused(code, message));
    for ((dialect, answer), says, attempts) in [
        (
            postgres("XX000", "Tenant or user not found"),
            "refused the connection",
            1,
        ),
        (
            postgres("08P01", "no such database: d"),
            "refused the connection",
            1,
        ),
        (postgres("ZZ999", "who knows"), "refused the connection", 1),
        (
            postgres(
                "28000",
                "no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", database \"d\", no encryption",
            ),
            "takes only encrypted connections",
            1,
        ),
        (
            postgres("53300", "sorry, too many clients already"),
            "too many clients",
            3,
        ),
        (
            postgres("57P03", "the database system is starting up"),
            "starting up",
            3,
        ),
        (
            mysql(1040, "Too many connections"),
            "too many connections",
            3,
        ),
        (
            mysql(1129, "Host '127.0.0.1' is blocked"),
            "accepts no connection from this host",
            1,
        ),
        (
            mysql(1130, "Host '127.0.0.1' is not allowed to connect"),
            "accepts no connection from this host",
            1,
        ),
        (mysql(4999, "who knows"), "refused the connection", 1),
        (
            mysql(
                3159,
                "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
            ),
            "takes only encrypted connections",
            1,
        ),
    ] {
        let (port, count) = listener(answer, dialect == ServerDialect::Postgres).await;
        let db = Db::new(ServerConnector(at(dialect, port)));
        let error = db.read(&[Statement::plain("SELECT 1")]).await.unwrap_err();
        assert_says(&error, says);
        assert_eq!(count.load(SeqCst), attempts, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_named() {
    let (silent, _) = listener(Vec::new(), false).await;
    let (other, _) = listener(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), true).await;
    for dialect in [ServerDialect::Postgres, ServerDialect::MySql] {
        for port in [1, silent, other] {
            let error = refusal(at(dialect, port)).await;
            assert_says(&error, &format!("127.0.0.1:{port}"));
            let shown = format!("{error:?} {error}");
            assert!(!shown.contains("a-password-nobody-sees"), "{shown}");
        }
    }
    // Each waits for the other to begin.
    let postgres = server(Brand::Postgres);
    let error = refusal(at(ServerDialect::MySql, postgres.port)).await;
    assert_says(&error, &format!("127.0.0.1:{}", postgres.port));
    assert_says(&error, "Is it a MySQL server?");
    let mysql = server(Brand::MySql);
    for tls in [
        Tls::Off,
        Tls::Verified {
            root: Authorities::Public,
        },
    ] {
        let target = ServerOptions {
            tls,
            ..at(ServerDialect::Postgres, mysql.port)
        };
        assert_says(
            &refusal(target).await,
            "does not speak the PostgreSQL protocol",
        );
    }
    let quick = ServerOptions {
        connect_timeout: Some(Duration::from_secs(1)),
        ..at(ServerDialect::MySql, silent)
    };
    assert_says(&refusal(quick).await, "within 1 s");
}
