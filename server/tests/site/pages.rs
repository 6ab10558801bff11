//! Pages, feeds and the sitemap.

use http::Method;
use serde_json::Value;

use crate::listed;
use crate::support::World;

#[tokio::test]
async fn a_page_that_is_a_file_has_the_theme_without_script() {
    const LINK: &str = "<noscript><link rel=\"stylesheet\" href=\"/theme.css\"></noscript>";
    let world = World::example();
    for (path, is_file) in [("/about", true), ("/", false), ("/nowhere", false)] {
        let page = world.ask(Method::GET, path, &[], "").await.body;
        assert_eq!(page.contains(LINK), is_file, "{path}");
    }
    for (cookie, expected) in [
        ("theme=dark", Some("color-scheme:dark")),
        ("theme=light", Some("color-scheme:light")),
        ("theme=purple", None),
        ("", None),
    ] {
        let style = world
            .ask(Method::GET, "/theme.css", &[("cookie", cookie)], "")
            .await;
        assert_eq!(style.status.as_u16(), 200);
        assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(style.header("cache-control"), "private, no-cache");
        assert_eq!(style.header("vary"), "Cookie");
        match expected {
            Some(rule) => assert!(style.body.contains(rule), "{}", style.body),
            None => assert_eq!(style.body, ""),
        }
    }
}

#[tokio::test]
async fn the_theme_form_works_without_script() {
    let world = World::example();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let dark = world
        .ask(
            Method::POST,
            "/theme",
            &[form, ("referer", "https://site.example/posts?q=a")],
            "theme=dark",
        )
        .await;
    assert_eq!(
        (dark.status.as_u16(), dark.header("location")),
        (303, "/posts?q=a")
    );
    assert!(dark.header("set-cookie").starts_with("theme=dark; Path=/;"));
    let page = world
        .ask(Method::GET, "/about", &[("cookie", "theme=dark")], "")
        .await
        .body;
    assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"));
    let system = world
        .ask(Method::POST, "/theme", &[form], "theme=system")
        .await;
    assert!(system.header("set-cookie").contains("Max-Age=0"));
    let elsewhere = world
        .ask(
            Method::POST,
            "/theme",
            &[form, ("referer", "https://x.example//evil.example/")],
            "theme=dark",
        )
        .await;
    assert_eq!(elsewhere.header("location"), "/");
}

#[tokio::test]
async fn pages_describe_themselves() {
    let world = World::example();
    for address in listed::pages() {
        let page = &address.path;
        let body = world.get(page).await.body;
        for part in [
            "<title>",
            "name=\"description\"",
            "rel=\"canonical\"",
            "property=\"og:title\"",
            "property=\"og:image\"",
            "type=\"application/ld+json\"",
        ] {
            assert_eq!(body.matches(part).count(), 1, "{page}: {part}");
        }
        assert_eq!(body.matches("<h1").count(), 1, "{page}");
        assert!(
            body.ends_with("</html>"),
            "{page}: something follows the document"
        );
        assert!(!body.contains("nonce="), "{page}");
        assert!(!body.contains("<!>"), "{page}: no validator reads this");
        let is_plain = address.statements == 0 && !address.island;
        assert!(body.contains("<!---->") || is_plain, "{page}");
        let data = body
            .split("application/ld+json\">")
            .nth(1)
            .unwrap()
            .split("</script>")
            .next()
            .unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["@type"], address.kind, "{page}: {data}");
        assert_eq!(body.contains(".wasm"), address.island, "{page}: wasm");
        let is_indexed = !body.contains("name=\"robots\"");
        assert_eq!(is_indexed, address.indexed, "{page}: robots");
    }
}

#[tokio::test]
async fn feeds_are_whole() {
    let world = World::example();
    let feed = world.get("/feed.xml").await;
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(feed.body.matches("<entry xml:lang=\"").count(), 20);
    let own = world.get("/users/tomasz-wrona/feed.xml").await;
    assert!(own.status == 200 && own.body.contains("<name>Tomasz Wrona</name>"));
    let mut reader = quick_xml::Reader::from_str(&feed.body);
    loop {
        if matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {
            break;
        }
    }
}

#[tokio::test]
async fn the_sitemap_names_the_pages_that_have_no_parameter() {
    let sitemap = World::example().get("/sitemap.xml").await.body;
    let addresses = sitemap.split("<loc>https://site.example").skip(1);
    let paths = addresses.filter_map(|rest| rest.split('<').next());
    let of_rows = |path: &&str| path.starts_with("/posts/") || path.starts_with("/users/");
    let mut found: Vec<&str> = paths.filter(|path| !of_rows(path)).collect();
    let listed = listed::pages().into_iter().filter(|one| one.sitemap);
    let mut expected: Vec<String> = listed.map(|one| one.path).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(
        found, expected,
        "in the sitemap, and in end2end/addresses.json"
    );
}
