//! A server that runs within the test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::{Db, migrate};
use native_server::config::Config;
use native_server::listen;
use native_server::service::SiteService;
use reqwest::{Client, Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A place that `cargo clean` removes.
fn own(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("serve-{name}"))
}

/// An empty folder of this test's own, with a site of some assets in it.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = own(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("site/assets")).unwrap();
    for (file, content) in [
        (
            "_headers",
            "/*\n  X-Content-Type-Options: nosniff\n\n/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n\n/assets/*.json\n  Content-Type: application/speculationrules+json\n",
        ),
        ("assets/main-6681bd7a92.css", "body{}"),
        ("assets/speculation-0a.json", "{}"),
        ("favicon.svg", "<svg/>"),
    ] {
        std::fs::write(folder.join("site").join(file), content).unwrap();
    }
    folder
}

/// An HTTP client that follows no redirect. It needs a TLS provider even for plain HTTP.
pub(crate) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A running server.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) end: oneshot::Sender<()>,
    pub(crate) ended: JoinHandle<()>,
}

pub(crate) async fn start(name: &str, database_url: &str) -> Running {
    let site = folder(name).join("site");
    let flags = [
        "native-server",
        "--site-dir",
        site.to_str().unwrap(),
        "--database-url",
        database_url,
        "--database-pool",
        "3",
        "--session-secret",
        "0123456789abcdef0123456789abcdef",
    ];
    let service = Arc::new(SiteService::new(&Config::parse_from(flags), |_| None).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, wait) = oneshot::channel();
    let ended = tokio::spawn(listen::serve(listener, service, async {
        let _ = wait.await;
    }));
    let client = client();
    Running {
        address,
        client,
        end,
        ended,
    }
}

impl Running {
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Response {
        let url = format!("http://{}{path}", self.address);
        self.client.request(method, url).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).await
    }

    /// Sends these bytes, and returns the response.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

pub(crate) async fn example(url: &str) {
    let native = DatabaseUrl::parse(url, |_| None).unwrap();
    migrate::apply_to(&native).await.unwrap();
    let db = Db::new(native.connector(PoolSize::default()).unwrap());
    db_cli::insert_example(&db).await.unwrap();
}

pub(crate) async fn start_example(name: &str) -> Running {
    let file = own(&format!("{name}.sqlite"));
    let _ = std::fs::remove_file(&file);
    let url = format!("sqlite:{}", file.display());
    example(&url).await;
    start(name, &url).await
}
