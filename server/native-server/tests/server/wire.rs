//! Bytes on the wire: hosts, redirects, lengths, encodings, large bodies.

use std::io::Read;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::header;
use crate::running::start_example;

/// The status of a response.
fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_an_origin_is_one_host() {
    let running = start_example("host").await;
    for (head, expected) in [
        ("GET /posts HTTP/1.1\r\nHost: a.example:81", "200"),
        ("GET /posts HTTP/1.1\r\nHost: [::1]:81", "200"),
        (
            "GET http://a.example/posts HTTP/1.1\r\nHost: b.example",
            "200",
        ),
        ("GET /posts HTTP/1.0", "200"),
        ("GET /posts HTTP/1.1", "400"),
        ("GET /posts HTTP/1.1\r\nHost:", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a&b", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a\"><b", "400"),
        ("GET /posts HTTP/1.1\r\nHost: user@a", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a/b", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a:port", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a\r\nHost: b", "400"),
        ("GET /posts HTTP/1.1\r\nHost: a\r\nHost: a", "400"),
        ("GET http://a&b/posts HTTP/1.1\r\nHost: a", "400"),
        ("GET /favicon.svg HTTP/1.1", "400"),
        ("GET /favicon.svg HTTP/1.1\r\nHost: a&b", "400"),
        ("GET /api/health HTTP/1.1\r\nHost: a&b", "400"),
        ("POST /theme HTTP/1.1\r\nHost: a\r\nHost: b", "400"),
    ] {
        let request = format!("{head}\r\nConnection: close\r\n\r\n");
        let answer = running.raw(&request).await;
        assert_eq!(status(&answer), expected, "{head}: {answer}");
        assert!(!answer.contains("http://a&"), "{head}: {answer}");
        if expected == "400" {
            assert!(answer.contains("no-store"), "{head}: {answer}");
        }
    }
    let shown = running
        .raw("GET http://A.example:80/posts HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
        .await;
    assert!(shown.contains("href=\"http://a.example/posts\""), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_leaves_the_site() {
    let running = start_example("redirects").await;
    for target in [
        "/\\evil.example/",
        "//evil.example/",
        "/\\/evil.example//",
        "/%5Cevil.example/",
        "/%09/evil.example/",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = running.raw(&request).await.to_lowercase();
        let location = answer.split("\r\nlocation: ").nth(1).unwrap_or("/");
        assert!(location.starts_with('/'), "{target}: {answer}");
        assert!(
            !location[1..].starts_with(['/', '\\']),
            "{target}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_responses_have_no_length() {
    let running = start_example("unchanged").await;
    for path in [
        "/",
        "/posts",
        "/feed.xml",
        "/api/v1/posts",
        "/users/tomasz-wrona",
    ] {
        let tag = header(&running.get(path).await, "etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        for method in ["GET", "HEAD"] {
            let answer = running
                .raw(&format!(
                    "{method} {path} HTTP/1.1\r\nHost: {}\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n",
                    running.address
                ))
                .await;
            assert_eq!(status(&answer), "304", "{method} {path}: {answer}");
            let answer = answer.to_lowercase();
            assert!(
                !answer.contains("content-length"),
                "{method} {path}: {answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_compressed() {
    let running = start_example("compressed").await;
    let plain = running.get("/feed.xml").await.text().await.unwrap();
    let url = format!("http://{}/feed.xml", running.address);
    let request = running.client.get(url).header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(header(&response, "content-encoding"), "gzip");
    assert_eq!(
        header(&response, "cross-origin-resource-policy"),
        "cross-origin"
    );
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() < plain.len() / 2, "{}", bytes.len());
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_refused_before_it_is_read() {
    let running = start_example("large").await;
    let form =
        "Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
    let chunk = format!("186a0\r\n{}\r\n", "x".repeat(100_000));
    // What is wrong beside the length is said first.
    for (target, expected) in [("/theme", "413"), ("/posts", "405"), ("/nowhere", "404")] {
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded"
        );
        let declared = format!("{head}\r\nConnection: close\r\nContent-Length: 40000000\r\n\r\n");
        let answer = running.raw(&declared).await;
        assert_eq!(status(&answer), expected, "{target}: {answer}");
    }
    // Clients that send everything before they read, and one that waits for an answer in the middle.
    for (head, expected) in [
        (format!("POST /theme HTTP/1.1\r\n{form}"), "413"),
        (
            format!("POST /theme HTTP/1.1\r\n{form}\r\nOrigin: http://evil.example"),
            "403",
        ),
        (format!("POST /posts HTTP/1.1\r\n{form}"), "405"),
        (format!("POST /nowhere HTTP/1.1\r\n{form}"), "404"),
        (format!("POST /api/v1/posts HTTP/1.1\r\n{form}"), "405"),
    ] {
        let whole = format!(
            "{head}\r\nConnection: close\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(60)
        );
        let answer = running.raw(&whole).await;
        assert_eq!(status(&answer), expected, "{head}: {answer}");
        let parts = if expected == "413" { 11 } else { 0 };
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let begun = format!("{head}\r\n\r\n{}", chunk.repeat(parts));
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(
            status(&String::from_utf8_lossy(&answer)),
            expected,
            "{head}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_is_not_ascii_hides_no_other() {
    let running = start_example("cookies").await;
    for cookies in ["theme=dark", "other=ü; theme=dark", "theme=dark; 名=x"] {
        let answer = running
            .raw(&format!(
                "GET /posts HTTP/1.1\r\nHost: a\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(answer.contains("data-theme=\"dark\""), "{cookies}");
    }
}
