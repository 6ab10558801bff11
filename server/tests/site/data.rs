//! The archive of somebody's data: everything that is theirs, nothing of others, no secret.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use axum::body::Body;
use db::queries::insert;
use db::schema::tables::{Comment, Post};
use db::{FromValue, Statement, Value};
use domain::{CommentId, PostId, PostStatus, Timestamp, UserId};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value as Json;

use crate::accounts::{ADA, PASSWORD, cell, empty, page, send, sign_up};
use crate::confirm::age;
use crate::support::World;

pub(crate) const BEA: [(&str, &str); 4] = [
    ("handle", "bea"),
    ("name", "Bea Quint"),
    ("email", "bea@example.com"),
    ("password", PASSWORD),
];

const PATH: &str = "/settings/data";

/// The id of a user.
pub(crate) async fn id_of(world: &World, handle: &str) -> UserId {
    let id = cell(
        world,
        &format!("SELECT id FROM users WHERE handle = '{handle}'"),
    )
    .await;
    UserId::from_value(id).unwrap()
}

/// A post of a user, published a while ago.
pub(crate) async fn write_post(world: &World, author: UserId, slug: &str, content: &str) -> PostId {
    let at = Timestamp::from_millis(1_700_000_000_000);
    let post = Post {
        id: PostId::new(),
        author_id: author,
        title: format!("On \"{slug}\""),
        slug: slug.to_owned(),
        excerpt: "A line".to_owned(),
        content: content.to_owned(),
        content_html: "<p>made</p>".to_owned(),
        renderer_version: 1,
        reading_minutes: 1,
        search_text: "made of the rest".to_owned(),
        comment_count: 0,
        status: PostStatus::Published,
        comments_open: true,
        published_at: Some(at),
        created_at: at,
        updated_at: at,
        deleted_at: None,
        version: 0,
        edited_at: Some(at),
    };
    let db = world.db();
    let id = post.id;
    let statements = insert(db.dialect(), &[post]);
    db.write(&statements).await.unwrap();
    id
}

/// A comment of a user below a post.
pub(crate) async fn write_comment(world: &World, author: UserId, post: PostId, body: &str) {
    let comment = Comment {
        id: CommentId::new(),
        post_id: post,
        author_id: author,
        body: body.to_owned(),
        body_html: format!("<p>{body}</p>"),
        created_at: Timestamp::from_millis(1_700_000_001_000),
        deleted_at: None,
    };
    let db = world.db();
    let mut statements = insert(db.dialect(), &[comment]);
    statements.push(Statement::plain(format!(
        "UPDATE posts SET comment_count = comment_count + 1 WHERE id = '{}'",
        post.0
    )));
    db.write(&statements).await.unwrap();
}

/// Asks for the archive with these fields.
pub(crate) async fn download(world: &World, cookie: &str, fields: &str) -> Response<Vec<u8>> {
    let request = Request::post(PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie)
        .body(Body::from(fields.to_owned()))
        .unwrap();
    let (response, _) = world.respond(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    Response::from_parts(parts, bytes)
}

/// The members of an archive, by their names.
pub(crate) fn members(response: Response<Vec<u8>>) -> BTreeMap<String, String> {
    assert_eq!(response.status(), StatusCode::OK, "{response:?}");
    let mut archive = zip::ZipArchive::new(Cursor::new(response.into_body())).unwrap();
    let mut members = BTreeMap::new();
    for n in 0..archive.len() {
        let mut member = archive.by_index(n).unwrap();
        let (name, mut text) = (member.name().unwrap().into_owned(), String::new());
        member.read_to_string(&mut text).unwrap();
        members.insert(name, text);
    }
    members
}

#[tokio::test]
async fn the_archive_is_everything_of_one_person() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    sign_up(&world, &BEA).await;
    let (ada_id, bea_id) = (id_of(&world, "ada").await, id_of(&world, "bea").await);
    let mine = write_post(&world, ada_id, "mine", "# Mine\n\n---\ntext: ñ").await;
    let outside = write_post(&world, ada_id, "../../outside", "out").await;
    let hers = write_post(&world, bea_id, "hers", "Beas words").await;
    write_comment(&world, ada_id, hers, "my remark").await;
    write_comment(&world, bea_id, mine, "Beas remark").await;

    // A field that names somebody else is none.
    let response = download(&world, &ada, &format!("user_id={}&handle=bea", bea_id.0)).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/zip");
    assert_eq!(header("cache-control"), "private, no-store");
    let disposition = header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"ada-20") && disposition.ends_with(".zip\""),
        "{disposition}"
    );
    let members = members(response);
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    let escaped = format!("posts/{}.md", outside.0);
    let mut expected = ["README.txt", "data.json", "posts/mine.md", escaped.as_str()];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(
        members["posts/mine.md"],
        "---\ntitle: \"On \\\"mine\\\"\"\nslug: \"mine\"\nexcerpt: \"A line\"\nstatus: \"published\"\n\
         published_at: \"2023-11-14T22:13:20.000Z\"\ncreated_at: \"2023-11-14T22:13:20.000Z\"\n\
         updated_at: \"2023-11-14T22:13:20.000Z\"\n---\n\n# Mine\n\n---\ntext: ñ"
    );
    let data: Json = serde_json::from_str(&members["data.json"]).unwrap();
    assert_eq!(data["users"][0]["email"], "ada@example.com");
    assert_eq!(data["users"].as_array().unwrap().len(), 1);
    assert_eq!(data["comments"][0]["body"], "my remark");
    assert_eq!(data["comments"].as_array().unwrap().len(), 1);
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    let kinds = data["events"].as_array().unwrap().iter();
    let kinds: Vec<&str> = kinds.map(|event| event["kind"].as_str().unwrap()).collect();
    assert!(
        kinds.contains(&"signed_up") && kinds.contains(&"data_exported"),
        "{kinds:?}"
    );

    let all = members.values().cloned().collect::<String>();
    for others in ["bea", "Beas", &bea_id.0.to_string()] {
        assert!(!all.contains(others), "{others}: {all}");
    }
    for secret in [
        "SELECT password_hash FROM users WHERE handle = 'ada'",
        "SELECT MIN(id) FROM sessions",
        "SELECT MAX(id) FROM sessions",
    ] {
        let Value::Text(secret) = cell(&world, secret).await else {
            panic!("no text")
        };
        assert!(!all.contains(&secret), "{secret}");
    }
    assert!(!all.contains("$argon2"));
    assert!(!all.contains(ada.split_once('=').unwrap().1));
}

#[tokio::test]
async fn data_is_for_who_has_lately_proved_who_they_are() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let form = page(&world, PATH, &ada).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("8 million characters"), "{}", form.body);
    let nobody = page(&world, PATH, "").await;
    assert_eq!(nobody.header("location"), "/login?next=%2Fsettings%2Fdata");
    age(&world).await;
    let old = page(&world, PATH, &ada).await;
    assert_eq!(old.header("location"), "/confirm?next=%2Fsettings%2Fdata");
    for cookie in ["", ada.as_str()] {
        let held = send(&world, PATH, cookie, &[]).await;
        assert!(held.status.is_client_error(), "{}", held.status);
        assert_eq!(held.header("content-disposition"), "");
    }
    let exports = "SELECT COUNT(*) FROM events WHERE kind = 'data_exported'";
    assert_eq!(cell(&world, exports).await, Value::Int(0));
}

#[tokio::test]
async fn what_does_not_fit_is_said() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let id = id_of(&world, "ada").await;
    for n in 0..5 {
        write_post(&world, id, &format!("long-{n}"), &"a".repeat(1_600_001)).await;
    }
    let answer = send(&world, PATH, &ada, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("more than fits into one download"),
        "{}",
        answer.body
    );
    let shorter = "UPDATE posts SET content = 'a' WHERE slug = 'long-0' RETURNING 1";
    cell(&world, shorter).await;
    let members = members(download(&world, &ada, "").await);
    assert!(members["posts/long-1.md"].ends_with(&"a".repeat(1_600_001)));
}
