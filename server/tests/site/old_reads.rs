//! Reads that lag behind: writes are known at once all the same; and a database that is away, while nothing typed is lost.

use std::sync::Arc;

use db::drivers::sqlite::Sqlite;
use db::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, Timeouts, Value,
    migrate,
};
use domain::Timestamp;
use http::StatusCode;

use crate::accounts::{ADA, cell, send, sign_up};
use crate::mail::hidden;
use crate::profile::{PATH, is_saved, opened};
use crate::support::World;

/// A database whose replica is as it was when it was copied, and does not answer after that if `is_away`.
struct Lagging {
    replica: Arc<Sqlite>,
    primary: Arc<Sqlite>,
    is_away: bool,
}

impl Connector for Lagging {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let driver = match consistency {
            Consistency::Eventual => &self.replica,
            Consistency::Strong => &self.primary,
        };
        let driver: Result<Arc<dyn Driver>, DbError> = match self.is_away {
            true => Err(DbError::Unavailable("the cable is cut".to_owned())),
            false => Ok(Arc::clone(driver) as _),
        };
        Box::pin(std::future::ready(driver))
    }

    fn is_split(&self) -> bool {
        true
    }

    fn token_after_write(&self, _: &dyn Driver) -> Option<ConsistencyToken> {
        Some(ConsistencyToken::Until(Timestamp::now()))
    }

    fn timeouts(&self) -> Option<Timeouts> {
        None
    }
}

/// A site with Ada in it, and her session, whose eventual reads see nothing that is written from now on; and its database when it is
/// away.
async fn lagging(name: &str) -> (World, String, Lagging) {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    let world = World::on(Arc::clone(&sqlite)).open();
    let session = sign_up(&world, &ADA).await;
    let copy = format!("site-{name}-{}.sqlite", std::process::id());
    let copy = std::env::temp_dir().join(copy);
    let _ = std::fs::remove_file(&copy);
    let into = format!("VACUUM INTO '{}'", copy.display());
    sqlite.script(&into).unwrap();
    let replica = Arc::new(Sqlite::open(&copy).unwrap());
    let lagging = |is_away| Lagging {
        replica: Arc::clone(&replica),
        primary: Arc::clone(&sqlite),
        is_away,
    };
    let world = World::over(Arc::new(lagging(false))).open().with_secret();
    (world, session, lagging(true))
}

#[tokio::test]
async fn what_was_written_is_known_behind_old_reads() {
    let (world, ada, _) = lagging("profile").await;
    let opened = opened(&world, &ada).await;
    let first = [("opened", opened.as_str()), ("name", "First")];
    let saved = send(&world, PATH, &ada, &first).await;
    assert!(is_saved(&saved), "{}", saved.body);
    let cookies = crate::mail::cookies(&saved);
    assert!(cookies.contains("__Host-seen=until."), "{cookies}");
    // The second of two clicks, and a second form, are compared with what is stored, not with what a replica has.
    assert!(is_saved(&send(&world, PATH, &ada, &first).await));
    let second = [("opened", opened.as_str()), ("name", "Second")];
    let answer = send(&world, PATH, &ada, &second).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let stored = "<p class=\"name\"><bdi>First</bdi></p>";
    assert!(answer.body.contains(stored), "{}", answer.body);
    let newer = hidden(&answer.body, "opened");
    let again = [("opened", newer.as_str()), ("name", "Second")];
    assert!(is_saved(&send(&world, PATH, &ada, &again).await));
}

#[tokio::test]
async fn what_was_typed_outlives_the_database() {
    let (world, ada, away) = lagging("away").await;
    let opened = opened(&world, &ada).await;
    let fields = [
        ("opened", opened.as_str()),
        ("name", "Ada"),
        ("bio", "Typed for an hour."),
        ("url-1", "https://ada.example"),
    ];
    let away = World::over(Arc::new(away)).open();
    let answer = send(&away, PATH, &ada, &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(hidden(&answer.body, "opened"), opened);
    for text in [
        ">Typed for an hour.</textarea>",
        "value=\"https://ada.example\"",
        "value=\"Ada\"",
    ] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    assert!(!answer.body.contains("cable"), "{}", answer.body);
    assert!(is_saved(&send(&world, PATH, &ada, &fields).await));
}

#[tokio::test]
async fn a_handle_is_changed_behind_old_reads() {
    let (world, ada, _) = lagging("handle").await;
    let profile = [("opened", "0"), ("name", "Ada"), ("bio", "Engines.")];
    let answer = send(&world, PATH, &ada, &profile).await;
    let opened = hidden(&answer.body, "opened");
    let profile = [
        ("opened", opened.as_str()),
        ("name", "Ada"),
        ("bio", "Engines."),
    ];
    send(&world, PATH, &ada, &profile).await;
    for _ in 0..2 {
        let answer = send(&world, "/settings/handle", &ada, &[("handle", "ada-king")]).await;
        assert_eq!(
            answer.header("location"),
            "/settings?changed=handle",
            "{}",
            answer.body
        );
    }
    // The words that are searched for are those of the profile as it is, not as a replica has it.
    let words = cell(&world, "SELECT search_text FROM users").await;
    let Value::Text(words) = words else {
        panic!("{words:?}")
    };
    assert!(
        words.contains("engines") && words.contains("king"),
        "{words}"
    );
}
