//! Rights that are missing, locks that are held, databases that take no writes: a sentence names what to mend, and none is a
//! failure of the site.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::sync::Arc;

use db::drivers::native::ServerConnector;
use db::drivers::server_options::ServerOptions;
use db::queries::{fingerprints, health, posts};
use db::{Connector, Consistency, Db, DbError, Driver, Statement, migrate};
use domain::{Handle, PageRequest, Slug};
use support::{Brand, assert_says, database, open, run};

fn server(brand: Brand) -> ServerOptions {
    ServerOptions::parse(&support::url(brand, &support::trusted())).unwrap()
}

/// The error of connecting.
async fn refusal(server: ServerOptions) -> DbError {
    let connected = ServerConnector(server).connect(Consistency::Strong).await;
    connected.err().expect("no connection")
}

/// The error of a read.
async fn failure(driver: &dyn Driver, sql: &str) -> DbError {
    driver.read(&[Statement::plain(sql)]).await.unwrap_err()
}

/// A migrated database, and a user without rights on it.
async fn with_user(brand: Brand, name: &str) -> (Arc<dyn Driver>, ServerOptions) {
    let owner = database(brand, name).await;
    let migrations = match brand {
        Brand::Postgres => migrate::POSTGRES,
        Brand::MySql => migrate::MYSQL,
    };
    migrate::apply_to_server(&owner, migrations).await.unwrap();
    let driver = open(&owner).await;
    let password = "a-password-nobody-sees";
    let make = match brand {
        Brand::Postgres => vec![
            format!("DROP ROLE IF EXISTS {name}"),
            format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
        ],
        Brand::MySql => vec![
            format!("DROP USER IF EXISTS {name}"),
            format!("CREATE USER {name} IDENTIFIED BY '{password}'"),
        ],
    };
    for sql in make {
        run(&*driver, &sql).await;
    }
    let user = ServerOptions {
        user: name.to_owned(),
        password: password.into(),
        ..owner
    };
    (driver, user)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named_on_postgres() {
    let (owner, user) = with_user(Brand::Postgres, "site_test_rights").await;
    run(&*owner, "GRANT SELECT ON users TO site_test_rights").await;
    let driver = open(&user).await;
    let select = |table: &str| format!("SELECT count(*) FROM {table}");
    driver
        .read(&[Statement::plain(select("users"))])
        .await
        .unwrap();
    assert_says(
        &failure(&*driver, &select("posts")).await,
        "SELECT on the table posts",
    );
    let insert = [Statement::plain("INSERT INTO posts (id) VALUES (NULL)")];
    assert_says(
        &driver.write(&insert).await.unwrap_err(),
        "INSERT on the table posts",
    );
    // One of a batch.
    let both = [
        Statement::plain(select("users")),
        Statement::plain(select("comments")),
    ];
    assert_says(
        &driver.read(&both).await.unwrap_err(),
        "SELECT on the table comments",
    );
    assert_says(
        &health::check(&Db::new(ServerConnector(user)))
            .await
            .unwrap_err(),
        "SELECT on the table",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named_on_mariadb() {
    let (owner, user) = with_user(Brand::MySql, "site_test_rights").await;
    run(
        &*owner,
        "GRANT SELECT ON site_test_rights.users TO site_test_rights",
    )
    .await;
    run(
        &*owner,
        "GRANT SELECT (id) ON site_test_rights.comments TO site_test_rights",
    )
    .await;
    let driver = open(&user).await;
    run(&*driver, "SELECT COUNT(*) FROM users").await;
    for (sql, right) in [
        ("SELECT COUNT(*) FROM posts", "SELECT on the table posts"),
        ("DELETE FROM users", "DELETE on the table users"),
        (
            "SELECT body FROM comments",
            "SELECT on the column body of the table comments",
        ),
        ("SET GLOBAL max_connections = 100", "on the server"),
        ("SELECT 1 FROM mysql.user", "SELECT on the table user"),
    ] {
        assert_says(&failure(&*driver, sql).await, right);
    }
    assert_says(
        &health::check(&Db::new(ServerConnector(user.clone())))
            .await
            .unwrap_err(),
        "SELECT on the table",
    );
    // Without any right on it, the log-in to the database is refused.
    for sql in [
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM site_test_rights",
        "FLUSH PRIVILEGES",
    ] {
        run(&*owner, sql).await;
    }
    assert_says(&refusal(user).await, "the database site_test_rights");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_may_not_be_used_is_named() {
    let (owner, user) = with_user(Brand::Postgres, "site_test_schema").await;
    let driver = open(&user).await;
    let found = driver
        .read(&[Statement::plain("SELECT 'users'::regclass::text")])
        .await;
    assert!(found.is_ok(), "{found:?}");
    for sql in [
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO site_test_schema",
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
    ] {
        run(&*owner, sql).await;
    }
    let db = Db::new(ServerConnector(user.clone()));
    assert_says(
        &health::check(&db).await.unwrap_err(),
        "USAGE on the schema public",
    );
    assert_says(
        &failure(&*driver, "SELECT 1 FROM public.users").await,
        "USAGE on the schema public",
    );
    assert_says(
        &failure(&*driver, "SELECT 1 FROM nowhere").await,
        "migrations are not applied",
    );
    // Another's schema with such a table is not in the search path: it is not the reason.
    for sql in [
        "GRANT USAGE ON SCHEMA public TO PUBLIC",
        "CREATE SCHEMA another",
        "CREATE TABLE another.guests (id int)",
    ] {
        run(&*owner, sql).await;
    }
    assert_says(
        &failure(&*driver, "SELECT 1 FROM guests").await,
        "migrations are not applied",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_too_long_is_no_failure_of_the_site() {
    let (owner, user) = with_user(Brand::Postgres, "site_test_locks").await;
    for sql in [
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO site_test_locks",
        "ALTER ROLE site_test_locks SET lock_timeout = '100ms'",
    ] {
        run(&*owner, sql).await;
    }
    let holder = owner.begin().unwrap().await.unwrap();
    holder
        .run(&[Statement::plain(
            "LOCK TABLE posts IN ACCESS EXCLUSIVE MODE",
        )])
        .await
        .unwrap();
    let driver = open(&user).await;
    assert_says(
        &failure(&*driver, "SELECT 1 FROM posts").await,
        "locks what this needs",
    );
    holder.roll_back().await.unwrap();

    let (owner, _) = with_user(Brand::MySql, "site_test_locks").await;
    run(&*owner, "CREATE TABLE one (n INT PRIMARY KEY)").await;
    run(&*owner, "INSERT INTO one VALUES (1)").await;
    let other = open(&ServerOptions {
        database: "site_test_locks".into(),
        ..server(Brand::MySql)
    })
    .await;
    run(&*other, "SET innodb_lock_wait_timeout = 1").await;
    let holder = owner.begin().unwrap().await.unwrap();
    holder
        .run(&[Statement::plain("SELECT n FROM one FOR UPDATE")])
        .await
        .unwrap();
    for sql in [
        "SELECT n FROM one FOR UPDATE",
        "SELECT n FROM one FOR UPDATE NOWAIT",
    ] {
        assert_says(&failure(&*other, sql).await, "locks what this needs");
    }
    holder.roll_back().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_says_so() {
    let (owner, user) = with_user(Brand::Postgres, "site_test_standby").await;
    run(&*owner, "GRANT ALL ON users TO site_test_standby").await;
    run(
        &*owner,
        "ALTER ROLE site_test_standby SET default_transaction_read_only = on",
    )
    .await;
    let driver = open(&user).await;
    let delete = [Statement::plain("DELETE FROM users")];
    assert_says(&driver.write(&delete).await.unwrap_err(), "read-only");

    let (owner, _) = with_user(Brand::MySql, "site_test_standby").await;
    run(&*owner, "SET SESSION TRANSACTION READ ONLY").await;
    assert_says(&owner.write(&delete).await.unwrap_err(), "read-only");
}

/// The last good page is shown where the version of a page cannot be read: so that must fail, and for the same reason, wherever
/// the page itself would.
async fn a_page_and_its_version_fail_alike(brand: Brand, name: &str) {
    let (owner, user) = with_user(brand, name).await;
    let (slug, handle) = (
        Slug::parse("a-post").unwrap(),
        Handle::parse("ada").unwrap(),
    );
    let page = PageRequest::first(1);
    let mut failed = 0;
    for missing in [
        "users",
        "posts",
        "post_slugs",
        "comments",
        "profile_links",
        "user_handles",
        "sessions",
    ] {
        let change = async |what: &str, table: &str, user: &str| {
            let table = match brand {
                Brand::Postgres => table.to_owned(),
                Brand::MySql => format!("{name}.{table}"),
            };
            run(&*owner, &format!("{what} ON {table} {user} {name}")).await;
        };
        for table in [
            "users",
            "posts",
            "post_slugs",
            "comments",
            "profile_links",
            "user_handles",
            "sessions",
        ] {
            change("GRANT SELECT", table, "TO").await;
        }
        change("REVOKE SELECT", missing, "FROM").await;
        let db = Db::new(ServerConnector(user.clone()));
        for (page, version) in [
            (
                posts::read(&db, &slug, &page).await.map(drop),
                fingerprints::post(&db, &slug, &page).await.map(drop),
            ),
            (
                posts::by_author(&db, &handle, &page).await.map(drop),
                fingerprints::user(&db, &handle, &page).await.map(drop),
            ),
            (
                posts::feed(&db).await.map(drop),
                fingerprints::feed(&db, None).await.map(drop),
            ),
            (
                posts::feed_of(&db, &handle).await.map(drop),
                fingerprints::feed(&db, Some(&handle)).await.map(drop),
            ),
        ] {
            assert_eq!(page.is_err(), version.is_err(), "{missing}: {version:?}");
            if let Err(error) = version {
                failed += 1;
                let right = match brand {
                    Brand::Postgres => "SELECT on the table",
                    Brand::MySql => "SELECT on the",
                };
                assert_says(&error, right);
                assert_says(&error, missing);
            }
        }
    }
    // users and posts: every page; post_slugs and comments: that of a post; profile_links: that of an
    // author; user_handles: that and the feed of one.
    assert_eq!(failed, 4 + 4 + 1 + 1 + 1 + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_its_version_fail_alike_on_postgres() {
    a_page_and_its_version_fail_alike(Brand::Postgres, "site_test_versions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_its_version_fail_alike_on_mariadb() {
    a_page_and_its_version_fail_alike(Brand::MySql, "site_test_versions").await;
}
