//! The program: files, pages, limits, shutdown.
#![expect(clippy::unwrap_used, reason = "tests")]

mod running;
mod wire;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::Db;
use db::drivers::native::{DatabaseUrl, PoolSize};
use reqwest::{Method, Response};
use running::{client, example, folder, start, start_example};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_have_the_constant_headers() {
    let running = start_example("pages").await;
    for (path, status, text) in [
        ("/", 200, "<html"),
        ("/posts", 200, "<article"),
        ("/users/nobody", 404, "<html"),
        ("/no/such/page", 404, "<html"),
        ("/assets/gone.css", 404, "<html"),
        ("/assets", 404, "<html"),
        ("/%FF", 400, "<html"),
        ("/api/health", 200, "{"),
        ("/sitemap.xml", 200, "<urlset"),
        ("/test/panic?after_await=true", 500, "<html"),
        ("/test/panic?after_await=false", 500, "<html"),
    ] {
        let response = running.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(
            header(&response, "content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert_eq!(
            header(&response, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        let body = response.text().await.unwrap();
        assert!(body.contains(text), "{path}: {body}");
    }
    let page = running.get("/posts").await.text().await.unwrap();
    assert!(
        page.contains(&format!("http://{}/posts", running.address)),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_the_headers_of_their_rules() {
    let running = start_example("files").await;
    for (path, kind, cache) in [
        (
            "/assets/main-6681bd7a92.css",
            "text/css",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/speculation-0a.json",
            "application/speculationrules+json",
            "public, max-age=31536000, immutable",
        ),
        (
            "/favicon.svg",
            "image/svg+xml",
            "public, max-age=0, must-revalidate",
        ),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let response = running.ask(method, path).await;
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(header(&response, "content-type"), kind, "{path}");
            assert_eq!(header(&response, "cache-control"), cache, "{path}");
            assert_eq!(
                header(&response, "x-content-type-options"),
                "nosniff",
                "{path}"
            );
        }
        assert_eq!(
            running.ask(Method::POST, path).await.status(),
            404,
            "{path}"
        );
    }
    for path in [
        "/_headers",
        "//_headers",
        "/%5Fheaders",
        "/./_headers",
        "/../site.sqlite",
        "/..%2f..%2fetc/passwd",
    ] {
        let answer = running
            .raw(&format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    let known = running.get("/favicon.svg").await;
    let modified = header(&known, "last-modified").to_owned();
    let again = running
        .client
        .get(format!("http://{}/favicon.svg", running.address));
    assert_eq!(
        again
            .header("if-modified-since", modified)
            .send()
            .await
            .unwrap()
            .status(),
        304
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_limits() {
    let running = start_example("limits").await;
    let head = "POST /theme HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let declared = running
        .raw(&format!("{head}Content-Length: 1000001\r\n\r\n"))
        .await;
    assert!(declared.starts_with("HTTP/1.1 413"), "{declared}");
    let chunk = format!("186a0\r\n{}\r\n", "x".repeat(100_000));
    let chunked = running
        .raw(&format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(11)
        ))
        .await;
    assert!(chunked.starts_with("HTTP/1.1 413"), "{chunked}");
    let small = running
        .raw(&format!("{head}Content-Length: 10\r\n\r\ntheme=dark"))
        .await;
    assert!(small.starts_with("HTTP/1.1 303"), "{small}");
    let rest = "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let proxied = running
        .raw(&format!("GET http://a/posts?q=night {rest}"))
        .await;
    let direct = running.raw(&format!("GET /posts?q=night {rest}")).await;
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert!(proxied.starts_with("HTTP/1.1 200"), "{proxied}");
    assert_eq!(body(&proxied), body(&direct));
    let nonsense = running.raw("nonsense\r\n\r\n").await;
    assert!(
        nonsense.is_empty() || nonsense.starts_with("HTTP/1.1 400"),
        "{nonsense}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_used_is_503_and_says_why() {
    for (name, url, why) in [
        ("none", "", "DATABASE_URL is not set"),
        (
            "wrong",
            "oracle://u:secret@h/d",
            "DATABASE_URL cannot be used",
        ),
        (
            "nobody",
            "postgres://u:secret@127.0.0.1:1/d?sslmode=disable",
            "",
        ),
        ("d1", "d1:0a/1b", "CLOUDFLARE_API_TOKEN is not set"),
    ] {
        let running = start(name, url).await;
        let response = running.get("/api/health").await;
        assert_eq!(response.status(), 503, "{name}");
        let body = response.text().await.unwrap();
        assert!(
            body.contains(why) && !body.contains("secret"),
            "{name}: {body}"
        );
        assert_eq!(running.get("/robots.txt").await.status(), 200);
        assert_eq!(running.get("/favicon.svg").await.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_share_few_connections_on_every_engine() {
    for variable in ["TEST_POSTGRES_URL", "TEST_MYSQL_URL"] {
        let url = std::env::var(variable).unwrap_or_else(|_| {
            panic!("{variable} is not set: run `cargo x test`, or `cargo x services up` and see its output")
        });
        let server = DatabaseUrl::parse(&format!("{url}?sslmode=disable"), |_| None).unwrap();
        let admin = Db::new(server.connector(PoolSize::default()).unwrap());
        for sql in [
            "DROP DATABASE IF EXISTS site_test_serve",
            "CREATE DATABASE site_test_serve",
        ] {
            admin.run(&db::Statement::plain(sql)).await.unwrap();
        }
        let (front, _) = url.rsplit_once('/').unwrap();
        let url = format!("{front}/site_test_serve?sslmode=disable");
        example(&url).await;
        let running = Arc::new(start(variable, &url).await);
        let requests: Vec<_> = (0..200)
            .map(|n| {
                let running = Arc::clone(&running);
                let path = [
                    "/posts",
                    "/users",
                    "/api/health",
                    "/test/panic?after_await=true",
                ][n % 4];
                tokio::spawn(async move { (path, running.get(path).await.status().as_u16()) })
            })
            .collect();
        for one in requests {
            let (path, status) = one.await.unwrap();
            assert_eq!(
                status,
                if path.starts_with("/test") { 500 } else { 200 },
                "{variable} {path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_requests_finish_after_shutdown_has_begun() {
    let running = start_example("end").await;
    let address = running.address;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"POST /theme HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\ntheme")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.end.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!running.ended.is_finished());
    slow.write_all(b"=dark").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    running.ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_tells_whether_the_server_runs() {
    let running = start_example("health").await;
    native_server::health::check(running.address).await.unwrap();
    running.end.send(()).unwrap();
    running.ended.await.unwrap();
    assert!(native_server::health::check(running.address).await.is_err());
}

/// A program that a failed test does not leave behind, where it would hold the output of the whole run open.
struct KilledOnDrop(Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_reads_its_environment_and_stops_on_sigterm() {
    let help = Command::new(env!("CARGO_BIN_EXE_native-server"))
        .arg("--help")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&help.stdout);
    assert!(
        help.status.success() && text.contains("DATABASE_URL") && text.contains("SITE_DIR"),
        "{text}"
    );

    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let program = Command::new(env!("CARGO_BIN_EXE_native-server"))
        .env("SITE_DIR", folder("program").join("site"))
        .env("DATABASE_URL", "sqlite:memory")
        .env("PORT", port.to_string())
        .env("SESSION_SECRET", "short")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut program = KilledOnDrop(program);
    let url = format!("http://127.0.0.1:{port}/robots.txt");
    let (client, began) = (client(), Instant::now());
    let status = loop {
        match client.get(&url).send().await {
            Ok(response) => break response.status(),
            Err(error) => assert!(began.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(status, 200);
    let check = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_native-server"));
        check.arg("--check-health").env("PORT", port.to_string());
        check.output().unwrap()
    };
    let health = check();
    let why = String::from_utf8_lossy(&health.stderr).into_owned();
    assert!(
        !health.status.success() && why.contains("The database has no table "),
        "{why}"
    );
    Command::new("kill")
        .arg(program.0.id().to_string())
        .status()
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || program.0.wait().unwrap())
        .await
        .unwrap();
    assert!(ended.success(), "{ended:?}");

    let nowhere = Command::new(env!("CARGO_BIN_EXE_native-server"))
        .env("SITE_DIR", "/nowhere")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("there is no folder /nowhere"));
}
