//! The client against a real server: it reads back exactly the values that it wrote.
#![expect(clippy::unwrap_used, reason = "tests")]

mod escaping;
mod injections;
mod sessions;
mod types;

use mysql_wire::{Client, Config, Error, Tls};
use tokio::net::TcpStream;

/// The address and credentials of the test server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) address: String,
    pub(crate) database: String,
}

impl Server {
    pub(crate) fn from_env() -> Self {
        let url = std::env::var("TEST_MYSQL_URL").unwrap_or_else(|_| {
            panic!("TEST_MYSQL_URL is not set: run `cargo x test`, or `cargo x services up` and see its output")
        });
        Self::parse(&url).unwrap_or_else(|| {
            panic!("TEST_MYSQL_URL is not of the form mysql://user:password@host:port/database")
        })
    }

    fn parse(url: &str) -> Option<Self> {
        let (login, location) = url.strip_prefix("mysql://")?.rsplit_once('@')?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (address, database) = location.split_once('/')?;
        Some(Self {
            user: user.to_owned(),
            password: password.to_owned(),
            address: address.to_owned(),
            database: database.to_owned(),
        })
    }

    pub(crate) async fn connect(&self) -> Result<Client<TcpStream>, Error> {
        let stream = TcpStream::connect(&self.address).await?;
        let config = Config::new(&self.user, &self.password, Some(&self.database));
        Client::connect(stream, &config, Tls::Off).await
    }
}

pub(crate) async fn client() -> Client<TcpStream> {
    Server::from_env().connect().await.unwrap()
}

/// Creates a table for one test and returns its name. An existing one is dropped first.
pub(crate) async fn create_table(
    client: &mut Client<TcpStream>,
    name: &str,
    columns: &str,
) -> String {
    let table = format!("wire_{}_{name}", std::process::id());
    let drop = format!("DROP TABLE IF EXISTS {table}");
    let create = format!("CREATE TABLE {table} ({columns}) DEFAULT CHARACTER SET utf8mb4");
    for result in client
        .pipeline(&[(&drop, &[]), (&create, &[])])
        .await
        .unwrap()
    {
        result.unwrap();
    }
    table
}

pub(crate) async fn drop_table(client: &mut Client<TcpStream>, table: &str) {
    client
        .query(&format!("DROP TABLE {table}"), &[])
        .await
        .unwrap();
}
