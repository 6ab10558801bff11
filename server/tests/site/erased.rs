//! Erasing: after its time nothing is left of an account, in any table of any engine, but what its owner left to the site.

use db::queries::dump::{NextRows, next_rows};
use db::queries::insert;
use db::schema::TABLES;
use db::schema::tables::{
    ApiToken, Code, IdempotencyKey, Invite, Passkey, PostSlug, ProfileLink, UserHandle,
};
use db::{Value, clean_up};
use domain::lifetimes::ERASURE_DELAY;
use domain::{CodeId, CodePurpose, InviteId, LinkId, Role, Timestamp, TokenId, UserId};
use http::StatusCode;

use crate::accounts::{PASSWORD, empty, page, sign_up};
use crate::data::{BEA, download, id_of, members, write_comment, write_post};
use crate::engines::empty_on;
use crate::leave::{leave, proof, sign_in};
use crate::support::World;

const QUILL: [(&str, &str); 4] = [
    ("handle", "quillfeather"),
    ("name", "Quentin Oakshott"),
    ("email", "inkwell@quill.example"),
    ("password", PASSWORD),
];

/// A row for a user in each table of what belongs to an account.
async fn write_belongings(world: &World, user_id: UserId) {
    let (db, now) = (world.db(), Timestamp::now());
    let dialect = db.dialect();
    let text = |name: &str| format!("quillfeather-{name}");
    let token = ApiToken {
        id: TokenId::new(),
        user_id,
        name: text("token"),
        token_hash: text("token"),
        scopes: "read".to_owned(),
        expires_at: None,
        last_used_at: None,
        created_at: now,
    };
    let key = IdempotencyKey {
        key: text("key"),
        user_id,
        request_hash: text("request"),
        response: text("response"),
        created_at: now,
    };
    let passkey = Passkey {
        id: text("passkey"),
        user_id,
        credential_id: b"quillfeather".to_vec(),
        public_key: vec![1],
        algorithm: -7,
        sign_count: 0,
        name: text("phone"),
        transports: String::new(),
        backup_eligible: false,
        backed_up: false,
        created_at: now,
        last_used_at: None,
    };
    // Of before there was an account: nobody's.
    let codes = [Some(user_id), None].map(|user_id| Code {
        id: CodeId::new(),
        purpose: CodePurpose::SignIn,
        user_id,
        email: QUILL[2].1.to_owned(),
        code_hash: text("code"),
        browser_hash: text("browser"),
        attempts: 0,
        expires_at: now,
        used_at: None,
        created_at: now,
    });
    let invite = Invite {
        id: InviteId::new(),
        token_hash: text("invite"),
        created_by: user_id,
        role: Role::Reader,
        note: text("note"),
        expires_at: now,
        used_at: None,
        used_by: None,
        created_at: now,
    };
    let earlier = UserHandle {
        handle: text("earlier"),
        user_id,
        released_at: now,
    };
    let link = ProfileLink {
        id: LinkId::new(),
        user_id,
        position: 0,
        label: text("home"),
        url: "https://quillfeather.example".to_owned(),
    };
    let statements = [
        insert(dialect, &[token]),
        insert(dialect, &[key]),
        insert(dialect, &[passkey]),
        insert(dialect, &codes),
        insert(dialect, &[invite]),
        insert(dialect, &[earlier]),
        insert(dialect, &[link]),
    ];
    db.write(&statements.concat()).await.unwrap();
}

/// The places where a text stands that tells of Quentin.
async fn traces(world: &World) -> Vec<String> {
    let db = world.db();
    let mut found = Vec::new();
    for table in TABLES {
        let statement = next_rows(
            db.dialect(),
            NextRows {
                table,
                after: &[],
                limit: 1_000,
                numbers_as_text: false,
            },
        );
        let rows = db.read(&[statement]).await.unwrap().remove(0);
        for (n, cell) in rows.cells.iter().enumerate() {
            let text = match cell {
                Value::Text(text) => text.to_lowercase(),
                Value::Bytes(bytes) => String::from_utf8_lossy(bytes).to_lowercase(),
                _ => continue,
            };
            let tells = ["quill", "quentin", "oakshott", "inkwell", "192.0.2.77"];
            if tells.iter().any(|word| text.contains(word)) {
                let column = table.columns[n % rows.width].name;
                found.push(format!("{}.{column}", table.name));
            }
        }
    }
    found
}

/// Quentin leaves with or without what he wrote, and Bea stays.
async fn nothing_is_left(world: World) {
    let bea = sign_up(&world, &BEA).await;
    let bea_id = id_of(&world, "bea").await;
    let hers = write_post(&world, bea_id, "hers", "Her words").await;
    for what in ["account", "everything"] {
        let quill = sign_up(&world, &QUILL).await;
        let id = id_of(&world, "quillfeather").await;
        let (slug, path) = (format!("his-{what}"), format!("/posts/his-{what}"));
        let his = write_post(&world, id, &slug, "His words").await;
        let earlier = PostSlug {
            slug: format!("earlier-{what}"),
            post_id: his,
        };
        let db = world.db();
        db.write(&insert(db.dialect(), &[earlier])).await.unwrap();
        let remark = format!("his remark of {what}");
        write_comment(&world, id, hers, &remark).await;
        write_comment(&world, bea_id, his, "her remark").await;
        write_belongings(&world, id).await;
        let archive = members(download(&world, &quill, "").await);
        assert!(archive["data.json"].contains("inkwell@quill.example"));
        assert!(archive.contains_key(&format!("posts/{slug}.md")));
        assert!(traces(&world).await.len() > 15);

        proof(&leave(&world, &quill, what, "quillfeather").await);
        let keeps = what == "account";
        let status = |keeps: bool| {
            if keeps {
                StatusCode::OK
            } else {
                StatusCode::GONE
            }
        };
        assert_eq!(page(&world, &path, "").await.status, status(keeps));
        let now = Timestamp::now();
        let early = clean_up::run(&world.db(), now).await.unwrap();
        assert_eq!(early.erased, 0);
        let done = clean_up::run(&world.db(), now + ERASURE_DELAY)
            .await
            .unwrap();
        assert_eq!((done.erased, done.is_partial), (1, false));
        assert_eq!(traces(&world).await, [""; 0], "{what}");

        let post = page(&world, &path, "").await;
        let page_of_hers = page(&world, "/posts/hers", "").await.body;
        assert_eq!(page_of_hers.contains(&remark), keeps);
        assert_eq!(
            post.status,
            if keeps {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            }
        );
        assert_eq!(post.body.contains("Former member"), keeps, "{}", post.body);
        assert_eq!(post.body.contains("her remark"), keeps);
        let profile = page(&world, "/users/quillfeather", "").await;
        assert_eq!(profile.status, StatusCode::NOT_FOUND);
        let answer = sign_in(&world, "quillfeather").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains("do not belong together"),
            "{}",
            answer.body
        );
    }
    assert_eq!(page(&world, "/settings", &bea).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_left_of_who_was_erased() {
    nothing_is_left(empty().await.with_secret()).await;
}

#[tokio::test]
async fn nothing_is_left_on_postgres() {
    let connector = empty_on("TEST_POSTGRES_URL", "leave").await;
    nothing_is_left(World::over(connector).open().with_secret()).await;
}

#[tokio::test]
async fn nothing_is_left_on_mysql() {
    let connector = empty_on("TEST_MYSQL_URL", "leave").await;
    nothing_is_left(World::over(connector).open().with_secret()).await;
}
