//! Addresses: all that there are, those that are not written as the site writes them, and resources that are no longer where
//! they were.

use http::Method;

use crate::listed::{self, Address};
use crate::support::World;

/// A form, as browsers send it.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Tells whether a route leads to a path: a part in braces is any text.
fn leads_to(route: &str, path: &str) -> bool {
    let parts = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (route, path) = (parts(route), parts(path.split('?').next().unwrap()));
    route.len() == path.len()
        && (route.iter().zip(&path)).all(|(part, text)| part.starts_with('{') || part == text)
}

#[tokio::test]
async fn every_route_is_in_the_list_of_addresses() {
    let (world, found) = (World::example(), listed::all());
    // Those of tests and of development alone are no part of the site.
    let of_site = |route: &String| !route.starts_with("/fn/test_") && !route.starts_with("/dev/");
    let mut missing = Vec::new();
    for route in server::paths().into_iter().filter(of_site) {
        let is_listed = found
            .iter()
            .any(|one| one.status == 200 && leads_to(&route, &one.path));
        // Nothing is read where only a form is sent, where another address is told, or where nobody is who is not signed in or has no token.
        if !is_listed && ![301, 303, 401, 405].contains(&world.get(&route).await.status.as_u16()) {
            missing.push(route);
        }
    }
    assert!(
        missing.is_empty(),
        "these routes have no address in end2end/addresses.json, from which tests know what to ask for: {missing:?}"
    );
    for Address { path, status, .. } in found {
        assert_eq!(world.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn an_address_of_a_form_alone_leads_to_the_page_that_has_it() {
    let world = World::example();
    let is_page = |path: &str| {
        let mut routes = app::ROUTES.iter();
        routes.any(|route| route.pattern.0 == path)
    };
    let mut led = Vec::new();
    for route in server::paths().into_iter().filter(|path| !is_page(path)) {
        let answer = world.get(&route.replace("{handle}", "bob")).await;
        // Programs are told; the theme is chosen on every page.
        let is_told = route.starts_with("/fn/") || route.starts_with("/api/") || route == "/theme";
        assert!(is_told || answer.status != 405, "{route}");
        if answer.status == 303 {
            led.push((route, answer.header("location").to_owned()));
        }
    }
    led.sort();
    let led: Vec<(&str, &str)> = led.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        led,
        [
            ("/admin/invites/revoke", "/admin/invites"),
            ("/admin/people/{handle}/restore", "/admin/people/bob"),
            ("/admin/people/{handle}/role", "/admin/people/bob"),
            ("/admin/people/{handle}/sign-out", "/admin/people/bob"),
            ("/admin/people/{handle}/suspend", "/admin/people/bob"),
            ("/confirm/passkey", "/confirm"),
            ("/confirm/send", "/confirm"),
            ("/login/code/send", "/login/code"),
            ("/login/passkey", "/login"),
            ("/settings/invites/revoke", "/settings/invites"),
            ("/settings/passkeys/remove", "/settings/passkeys"),
            ("/settings/passkeys/rename", "/settings/passkeys"),
            ("/settings/sessions/end", "/settings"),
            ("/settings/tokens/revoke", "/settings/tokens"),
            ("/verify/send", "/verify"),
        ]
    );
}

#[tokio::test]
async fn slashes_and_earlier_slugs_lead_on() {
    let world = World::example();
    let slash = world.get("/posts/?q=night").await;
    assert_eq!(
        (slash.status.as_u16(), slash.header("location")),
        (308, "/posts?q=night")
    );
    let earlier = db_cli::example_rows();
    let (slug, post) = earlier
        .slugs
        .iter()
        .find_map(|old| {
            let post = earlier.posts.iter().find(|post| post.id == old.post_id)?;
            (post.status.as_str() == "published" && post.deleted_at.is_none())
                .then_some((old.slug.clone(), post))
        })
        .unwrap();
    for (prefix, rest) in [
        ("/posts/", ""),
        ("/api/v1/posts/", ""),
        ("/api/v1/posts/", "/comments"),
    ] {
        let moved = world.get(&format!("{prefix}{slug}{rest}")).await;
        assert_eq!(
            (moved.status.as_u16(), moved.header("location")),
            (301, format!("{prefix}{}{rest}", post.slug).as_str())
        );
    }
}

#[tokio::test]
async fn whatever_belongs_to_a_post_has_its_status() {
    let world = World::example();
    let rows = db_cli::example_rows();
    let mut seen = std::collections::BTreeSet::new();
    let earlier = rows.slugs.iter().map(|old| &old.slug);
    for slug in rows.posts.iter().map(|post| &post.slug).chain(earlier) {
        let post = world.get(&format!("/api/v1/posts/{slug}")).await;
        if post.status == 200 {
            continue;
        }
        seen.insert(post.status.as_u16());
        for address in [
            format!("/posts/{slug}"),
            format!("/posts/{slug}?comments="),
            format!("/api/v1/posts/{slug}/comments"),
            format!("/api/v1/posts/{slug}/comments?limit=1"),
        ] {
            let status = world.get(&address).await.status;
            assert_eq!(status, post.status, "{address}");
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [301, 404, 410]);
}

#[tokio::test]
async fn a_parameter_of_somebody_else_may_be_broken() {
    let world = World::example();
    const POST: &str = "/posts/everything-markdown-can-do-here";
    for (address, like) in [
        (format!("{POST}?utm_campaign=50%off"), POST),
        (format!("{POST}?utm_campaign=%FF&ref=%00&%zz"), POST),
        ("/posts?q=night&utm=%".to_owned(), "/posts?q=night"),
        ("/users?fbclid=%c3%28".to_owned(), "/users"),
        (
            "/api/v1/users?utm=%zz&limit=2".to_owned(),
            "/api/v1/users?limit=2",
        ),
        ("/feed.xml?utm=100%".to_owned(), "/feed.xml"),
    ] {
        let (broken, whole) = (world.get(&address).await, world.get(like).await);
        assert_eq!(broken.status, 200, "{address}");
        assert_eq!(broken.body, whole.body, "{address}");
    }
    for address in [
        "/posts?q=%zz&utm=a",
        "/users?utm=%&cursor=%FF",
        "/po%sts?utm=a",
    ] {
        assert_eq!(world.get(address).await.status, 400, "{address}");
    }
}

#[tokio::test]
async fn an_address_in_capitals_leads_to_the_one_there_is() {
    let world = World::example();
    for (address, location) in [
        ("/posts/One-Hundred-Loaves", "/posts/one-hundred-loaves"),
        (
            "/POSTS/one-hundred-loaves?comments=",
            "/posts/one-hundred-loaves?comments=",
        ),
        ("/USERS/Tomasz-Wrona", "/users/tomasz-wrona"),
        ("/About", "/about"),
        ("/Feed.XML", "/feed.xml"),
        (
            "/api/v1/posts/One-Hundred-Loaves",
            "/api/v1/posts/one-hundred-loaves",
        ),
    ] {
        let answer = world.get(address).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (308, location),
            "{address}"
        );
        let found = world.get(location).await.status;
        assert_eq!(found, 200, "{location}");
    }
    for Address { path, .. } in listed::found() {
        let typed = path.to_uppercase();
        // Capitals of a parameter are its own.
        if typed != path && !path.contains('?') {
            let answer = world.get(&typed).await;
            let led = (answer.status.as_u16(), answer.header("location"));
            assert_eq!(led, (308, path.as_str()), "{typed}");
        }
    }
    for address in ["/posts/No-Such-Post", "/Nowhere", "/posts/%4Eight"] {
        let answer = world.get(address).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (404, ""),
            "{address}"
        );
    }
    let posted = world
        .ask(Method::POST, "/Theme", &[FORM], "theme=dark")
        .await;
    assert_eq!(posted.status, 404);
}
