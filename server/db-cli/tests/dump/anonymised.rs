//! An anonymised dump: nothing personal in its bytes, and a site that works.

use std::collections::HashMap;
use std::io::Read;

use db::queries::users;
use db::{Dialect, Statement};
use db_cli::dump::Existing;
use domain::{Handle, PageRequest, Search};

use super::support::{Folder, client, database, everything, exported, fill, restored, site, texts};

/// The contents of a dump, and its bytes.
fn contents(file: &std::path::Path) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut all = String::new();
    for n in 0..zip.len() {
        zip.by_index(n).unwrap().read_to_string(&mut all).unwrap();
    }
    all.push_str(&String::from_utf8_lossy(&std::fs::read(file).unwrap()));
    all
}

/// Everything that people wrote in a database of [`fill`], or are known by.
fn personal() -> Vec<String> {
    let rows = site();
    let mut all = Vec::new();
    for user in rows.users {
        all.extend([
            user.handle,
            user.email,
            user.name,
            user.bio,
            user.search_text,
        ]);
    }
    for post in rows.posts {
        all.extend(post.content.lines().map(str::to_owned));
        all.extend([post.title, post.slug, post.excerpt, post.search_text]);
    }
    for comment in rows.comments {
        all.extend(comment.body.lines().map(str::to_owned));
    }
    all.extend(rows.slugs.into_iter().map(|slug| slug.slug));
    all.extend(texts());
    let hashes =
        ["5e55", "70ce", "4a54", "9a55", "c0de", "b404", "14e1"].map(|digits| digits.repeat(16));
    let rest = [
        "Rare Browser",
        "the token of my laptop",
        "a key that was sent twice",
        "the response",
        "the key of my phone",
        "code@dump.example",
        "an invite for my cousin",
        "earlier-handle",
        "my rare garden",
        "garden.example",
        "by a rare way",
        "2001:db8::9a",
    ];
    all.extend(hashes.into_iter().chain(rest.map(str::to_owned)));
    // Marks alone stay. As JSON has it: a short text could come about by chance inside of another.
    let letters = |text: &String| text.chars().filter(|c| c.is_alphanumeric()).count();
    all.retain(|text| letters(text) > 3);
    let is_whole = |text: &String| letters(text) < 12;
    let quoted = all
        .into_iter()
        .map(|text| (is_whole(&text), serde_json::to_string(&text).unwrap()));
    let parts = quoted.map(|(is_whole, text)| match is_whole {
        true => text,
        false => text[1..text.len() - 1].to_owned(),
    });
    parts.collect()
}

/// The texts that stand in a dump. It is gone through once, by the beginnings of the texts.
fn found<'a>(dump: &str, texts: &'a [String]) -> Vec<&'a String> {
    const LENGTH: usize = 12;
    let (long, short): (Vec<_>, Vec<_>) = texts.iter().partition(|text| text.len() >= LENGTH);
    let mut beginnings: HashMap<&[u8], Vec<&String>> = HashMap::new();
    for text in long {
        beginnings
            .entry(&text.as_bytes()[..LENGTH])
            .or_default()
            .push(text);
    }
    let mut found: Vec<&String> = short
        .into_iter()
        .filter(|text| dump.contains(*text))
        .collect();
    for (at, window) in dump.as_bytes().windows(LENGTH).enumerate() {
        let texts = beginnings.get(window).into_iter().flatten();
        found.extend(texts.filter(|text| dump.as_bytes()[at..].starts_with(text.as_bytes())));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_in_the_bytes() {
    let folder = Folder::new("anonymised");
    let url = database(Dialect::Sqlite, &folder, "anonymised").await;
    fill(&url).await;
    let (open, anonymous) = (folder.path("open.zip"), folder.path("anonymous.zip"));
    exported(&url, &open, false).await.unwrap();
    exported(&url, &anonymous, true).await.unwrap();
    let (with, without) = (contents(&open), contents(&anonymous));
    let personal = personal();
    let open = found(&with, &personal).len();
    assert!(open > 2_000, "{open} of {}", personal.len());
    assert_eq!(found(&without, &personal), Vec::<&String>::new());

    let target = database(Dialect::Sqlite, &folder, "target").await;
    restored(&target, &anonymous, Existing::Refuse)
        .await
        .unwrap();
    let rows = everything(&target).await;
    let counts: Vec<usize> = rows.iter().map(Vec::len).collect();
    assert_eq!(
        counts,
        [
            31,
            420,
            everything(&url).await[2].len(),
            614,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            1,
            0,
            texts().len(),
            1
        ]
    );
    // People are found by the names that they have now, and nobody can sign in.
    let db = client(&target);
    let sql = "SELECT handle, name FROM users WHERE deleted_at IS NULL LIMIT 1";
    let read = db.read(&[Statement::plain(sql)]).await.unwrap().remove(0);
    let [db::Value::Text(handle), db::Value::Text(name)] = &read.cells[..] else {
        panic!("{read:?}");
    };
    assert!(
        users::find(&db, &Handle::parse(handle).unwrap())
            .await
            .unwrap()
            .is_some()
    );
    let found = users::list(&db, &Search::parse(name), &PageRequest::first(1))
        .await
        .unwrap();
    assert_eq!(found.total, Some(1), "{name}");
    let hashes = "SELECT DISTINCT password_hash FROM users";
    let read = db
        .read(&[Statement::plain(hashes)])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(read.cells, [db::Value::Text("!".to_owned())]);
}
