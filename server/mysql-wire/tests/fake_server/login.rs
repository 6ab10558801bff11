//! Every kind of login, and what the client refuses.

use mysql_wire::{Client, Config, Error, Tls};
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::*;

const PASSWORD: &str = "correct hörse";

fn config(password: &str) -> Config<'_> {
    Config::new("writer", password, Some("site"))
}

/// Logs in with `password` to a server whose account has `PASSWORD`.
async fn check(plugin: &'static str, password: &str, fast: bool) -> Result<(), Error> {
    let (client, ()) = connect_to(&config(password), Tls::Off, async |mut server| {
        server.send_greeting(plugin, CAPABILITIES).await;
        let login = parse_login(&server.receive().await.unwrap());
        assert_eq!(
            (login.user.as_str(), login.plugin.as_str()),
            ("writer", plugin)
        );
        assert_eq!(login.database.as_deref(), Some("site"));
        let holds = match plugin {
            NATIVE => is_native_response(&login.auth_response, &NONCE, PASSWORD),
            _ => is_sha2_response(&login.auth_response, &NONCE, PASSWORD),
        };
        if !holds {
            return server.send_error(1045, "Access denied").await;
        }
        if fast {
            server.send(&[1, 3]).await;
        }
        server.send_ok().await;
    })
    .await;
    client.map(drop)
}

#[tokio::test]
async fn the_right_password_logs_in() {
    check(NATIVE, PASSWORD, false).await.unwrap();
    check(SHA2, PASSWORD, true).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_the_servers_error() {
    for plugin in [NATIVE, SHA2] {
        let error = check(plugin, "wrong", true).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("wrong"));
        let Error::Server {
            code,
            state,
            message,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!(
            (code, &state, message.as_str()),
            (1045, b"28000", "Access denied")
        );
    }
}

#[tokio::test]
async fn an_empty_password_has_an_empty_response() {
    for plugin in [NATIVE, SHA2] {
        let (client, ()) = connect_to(&config(""), Tls::Off, async |mut server| {
            server.send_greeting(plugin, CAPABILITIES).await;
            assert!(
                parse_login(&server.receive().await.unwrap())
                    .auth_response
                    .is_empty()
            );
            server.send_ok().await;
        })
        .await;
        client.unwrap();
    }
}

#[tokio::test]
async fn full_authentication_in_a_secure_stream_sends_the_password() {
    let (client, ()) = connect_to(&config(PASSWORD), Tls::External, async |mut server| {
        server.send_greeting(SHA2, CAPABILITIES).await;
        server.receive().await.unwrap();
        server.send(&[1, 4]).await;
        assert_eq!(
            server.receive().await.unwrap(),
            format!("{PASSWORD}\0").as_bytes()
        );
        server.send_ok().await;
    })
    .await;
    client.unwrap();
}

#[tokio::test]
async fn full_authentication_in_an_insecure_stream_encrypts_the_password() {
    let private = RsaPrivateKey::new(&mut OsRng, 1024).unwrap();
    let public = RsaPublicKey::from(&private)
        .to_public_key_pem(LineEnding::LF)
        .unwrap();
    for (password, holds) in [(PASSWORD, true), ("wrong", false)] {
        let (client, ()) = connect_to(&config(password), Tls::Off, async |mut server| {
            server.send_greeting(SHA2, CAPABILITIES).await;
            server.receive().await.unwrap();
            server.send(&[1, 4]).await;
            assert_eq!(server.receive().await.unwrap(), [2]);
            server.send(&[&[1], public.as_bytes()].concat()).await;
            let encrypted = server.receive().await.unwrap();
            let mixed = private
                .decrypt(Oaep::new::<sha1::Sha1>(), &encrypted)
                .unwrap();
            let plain: Vec<u8> = mixed
                .iter()
                .zip(NONCE.iter().cycle())
                .map(|(a, b)| a ^ b)
                .collect();
            match plain == format!("{PASSWORD}\0").as_bytes() {
                true => server.send_ok().await,
                false => server.send_error(1045, "Access denied").await,
            }
        })
        .await;
        assert_eq!(client.is_ok(), holds);
    }
}

#[tokio::test]
async fn the_server_may_switch_to_another_plugin() {
    const SECOND: [u8; 20] = *b"ABCDEFGHIJKLMNOPQRST";
    for (first, second) in [
        (SHA2, NATIVE),
        (NATIVE, SHA2),
        ("auth_gssapi_client", NATIVE),
        (NATIVE, NATIVE),
    ] {
        let (client, ()) = connect_to(&config(PASSWORD), Tls::Off, async |mut server| {
            server.send_greeting(first, CAPABILITIES).await;
            server.receive().await.unwrap();
            server
                .send(&[b"\xfe", second.as_bytes(), b"\0", &SECOND, b"\0"].concat())
                .await;
            let response = server.receive().await.unwrap();
            assert!(match second {
                NATIVE => is_native_response(&response, &SECOND, PASSWORD),
                _ => is_sha2_response(&response, &SECOND, PASSWORD),
            });
            server.send_ok().await;
        })
        .await;
        client.unwrap();
    }
}

#[tokio::test]
async fn a_request_for_the_clear_text_password_gets_no_response() {
    for tls in [Tls::Off, Tls::External] {
        let (client, next) = connect_to(&config(PASSWORD), tls, async |mut server| {
            server
                .send_greeting("mysql_clear_password", CAPABILITIES)
                .await;
            server.receive().await
        })
        .await;
        assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("clear")));
        assert_eq!(next, None);
        let (client, next) = connect_to(&config(PASSWORD), tls, async |mut server| {
            server.send_greeting(SHA2, CAPABILITIES).await;
            server.receive().await.unwrap();
            server.send(b"\xfemysql_clear_password\0").await;
            server.receive().await
        })
        .await;
        assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("clear")));
        assert_eq!(next, None);
    }
}

#[tokio::test]
async fn dangerous_capabilities_are_never_requested() {
    for (capabilities, keeps_eof) in [(CAPABILITIES, false), (CAPABILITIES & !DEPRECATE_EOF, true)]
    {
        let (client, requested) = connect_to(&config(PASSWORD), Tls::Off, async |mut server| {
            server.send_greeting(NATIVE, capabilities).await;
            let requested = parse_login(&server.receive().await.unwrap()).capabilities;
            server.send_ok().await;
            requested
        })
        .await;
        client.unwrap();
        // Compression, local files, TLS, multiple statements, multiple results, session tracking.
        assert_eq!(
            requested & (0x20 | 0x80 | 0x0800 | 0x1_0000 | 0x2_0000 | 0x80_0000),
            0
        );
        assert_eq!(requested & DEPRECATE_EOF == 0, keeps_eof);
    }
}

/// A substitute for TLS that inverts every byte, so that bytes which bypass it would be garbage.
struct Inverted(tokio::io::DuplexStream);

impl Inverted {
    /// Returns a plain stream that is connected to the inverted one.
    fn plain(mut self) -> tokio::io::DuplexStream {
        let (near, mut far) = tokio::io::duplex(1 << 12);
        tokio::spawn(async move {
            let (mut a, mut b) = ([0; 256], [0; 256]);
            loop {
                tokio::select! {
                    read = self.0.read(&mut a) => match read {
                        Ok(0) | Err(_) => break,
                        Ok(length) => {
                            a[..length].iter_mut().for_each(|byte| *byte = !*byte);
                            far.write_all(&a[..length]).await.unwrap();
                        }
                    },
                    read = far.read(&mut b) => match read {
                        Ok(0) | Err(_) => break,
                        Ok(length) => {
                            b[..length].iter_mut().for_each(|byte| *byte = !*byte);
                            self.0.write_all(&b[..length]).await.unwrap();
                        }
                    },
                }
            }
        });
        near
    }
}

#[tokio::test]
async fn with_tls_only_the_ssl_request_is_sent_in_clear_text() {
    let (near, far) = tokio::io::duplex(1 << 10);
    let config = config(PASSWORD);
    let client = Client::connect_tls(near, &config, async |plain| Ok(Inverted(plain).plain()));
    let server = async {
        let mut server = FakeServer::new(far);
        server.send_greeting(SHA2, CAPABILITIES | SSL).await;
        let request = server.receive().await.unwrap();
        assert_eq!(request.len(), 32);
        let mut within = FakeServer::new(Inverted(server.stream).plain());
        let packet = within.receive().await.unwrap();
        // The sequence numbers continue, and the login begins with the same bytes as the request for TLS.
        assert_eq!((within.sequence, &packet[..32]), (3, &request[..]));
        assert!(is_sha2_response(
            &parse_login(&packet).auth_response,
            &NONCE,
            PASSWORD
        ));
        within.send(&[1, 4]).await;
        assert_eq!(
            within.receive().await.unwrap(),
            format!("{PASSWORD}\0").as_bytes()
        );
        within.send_ok().await;
    };
    let (client, ()) = with_timeout(async { tokio::join!(client, server) }).await;
    client.unwrap();
}

#[tokio::test]
async fn a_server_without_tls_is_refused_if_tls_is_required() {
    let (near, far) = tokio::io::duplex(1 << 10);
    let config = config(PASSWORD);
    let client = Client::connect_tls(near, &config, async |plain| Ok(plain));
    let server = async {
        let mut server = FakeServer::new(far);
        server.send_greeting(SHA2, CAPABILITIES & !SSL).await;
        server.receive().await
    };
    let (client, next) = with_timeout(async { tokio::join!(client, server) }).await;
    assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("TLS")));
    assert_eq!(next, None);
}

#[tokio::test]
async fn data_injected_before_tls_is_refused() {
    let (near, mut far) = tokio::io::duplex(1 << 10);
    let greeting = greeting_packet(SHA2, CAPABILITIES | SSL);
    let mut sent = vec![greeting.len() as u8, 0, 0, 0];
    sent.extend_from_slice(&greeting);
    sent.extend_from_slice(&[7, 0, 0, 2]);
    sent.extend_from_slice(&ok_packet(2));
    far.write_all(&sent).await.unwrap();
    let config = config(PASSWORD);
    let client = with_timeout(Client::connect_tls(near, &config, async |plain| Ok(plain))).await;
    assert!(matches!(client.unwrap_err(), Error::Protocol(why) if why.contains("TLS")));
}

#[tokio::test]
async fn too_many_connections_are_reported() {
    let (client, ()) = connect_to(&config(PASSWORD), Tls::Off, async |mut server| {
        // Before the handshake there is no SQLSTATE.
        server.send(b"\xff\x10\x04Too many connections").await;
    })
    .await;
    assert!(matches!(
        client.unwrap_err(),
        Error::Server { code: 1040, state, message } if &state == b"HY000" && message == "Too many connections"
    ));
}

#[test]
fn debug_output_hides_the_password() {
    let shown = format!("{:?}", config("hidden"));
    assert!(
        shown.contains("writer") && !shown.contains("hidden"),
        "{shown}"
    );
}
