//! Every way to log in, and what is refused.

use mysql_wire::{Client, Config, Error, Tls};
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::peer::*;

const PASSWORD: &str = "correct hörse";

fn config(password: &str) -> Config<'_> {
    Config::new("writer", password, Some("waypost"))
}

/// A server that keeps `PASSWORD` and is asked with `password`; says whether the proof held.
async fn check(plugin: &'static str, password: &str, fast: bool) -> Result<(), Error> {
    let (client, ()) = meet(&config(password), Tls::Off, async |mut peer| {
        peer.greet(plugin, CAPABILITIES).await;
        let login = login(&peer.receive().await.unwrap());
        assert_eq!(
            (login.user.as_str(), login.plugin.as_str()),
            ("writer", plugin)
        );
        assert_eq!(login.database.as_deref(), Some("waypost"));
        let holds = match plugin {
            NATIVE => native_proves(&login.proof, &NONCE, PASSWORD),
            _ => sha2_proves(&login.proof, &NONCE, PASSWORD),
        };
        if !holds {
            return peer.error(1045, "Access denied").await;
        }
        if fast {
            peer.send(&[1, 3]).await;
        }
        peer.ok().await;
    })
    .await;
    client.map(drop)
}

#[tokio::test]
async fn the_right_password_is_proved() {
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
async fn an_empty_password_is_an_empty_proof() {
    for plugin in [NATIVE, SHA2] {
        let (client, ()) = meet(&config(""), Tls::Off, async |mut peer| {
            peer.greet(plugin, CAPABILITIES).await;
            assert!(login(&peer.receive().await.unwrap()).proof.is_empty());
            peer.ok().await;
        })
        .await;
        client.unwrap();
    }
}

#[tokio::test]
async fn the_full_way_in_a_secure_stream_sends_the_password() {
    let (client, ()) = meet(&config(PASSWORD), Tls::Outside, async |mut peer| {
        peer.greet(SHA2, CAPABILITIES).await;
        peer.receive().await.unwrap();
        peer.send(&[1, 4]).await;
        assert_eq!(
            peer.receive().await.unwrap(),
            format!("{PASSWORD}\0").as_bytes()
        );
        peer.ok().await;
    })
    .await;
    client.unwrap();
}

#[tokio::test]
async fn the_full_way_without_one_encrypts_it_for_the_server() {
    let private = RsaPrivateKey::new(&mut OsRng, 1024).unwrap();
    let public = RsaPublicKey::from(&private)
        .to_public_key_pem(LineEnding::LF)
        .unwrap();
    for (password, holds) in [(PASSWORD, true), ("wrong", false)] {
        let (client, ()) = meet(&config(password), Tls::Off, async |mut peer| {
            peer.greet(SHA2, CAPABILITIES).await;
            peer.receive().await.unwrap();
            peer.send(&[1, 4]).await;
            assert_eq!(peer.receive().await.unwrap(), [2]);
            peer.send(&[&[1], public.as_bytes()].concat()).await;
            let encrypted = peer.receive().await.unwrap();
            let mixed = private
                .decrypt(Oaep::new::<sha1::Sha1>(), &encrypted)
                .unwrap();
            let plain: Vec<u8> = mixed
                .iter()
                .zip(NONCE.iter().cycle())
                .map(|(a, b)| a ^ b)
                .collect();
            match plain == format!("{PASSWORD}\0").as_bytes() {
                true => peer.ok().await,
                false => peer.error(1045, "Access denied").await,
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
        let (client, ()) = meet(&config(PASSWORD), Tls::Off, async |mut peer| {
            peer.greet(first, CAPABILITIES).await;
            peer.receive().await.unwrap();
            peer.send(&[b"\xfe", second.as_bytes(), b"\0", &SECOND, b"\0"].concat())
                .await;
            let proof = peer.receive().await.unwrap();
            assert!(match second {
                NATIVE => native_proves(&proof, &SECOND, PASSWORD),
                _ => sha2_proves(&proof, &SECOND, PASSWORD),
            });
            peer.ok().await;
        })
        .await;
        client.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_wants_the_password_in_clear_gets_nothing() {
    for tls in [Tls::Off, Tls::Outside] {
        let (client, next) = meet(&config(PASSWORD), tls, async |mut peer| {
            peer.greet("mysql_clear_password", CAPABILITIES).await;
            peer.receive().await
        })
        .await;
        assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("clear")));
        assert_eq!(next, None);
        let (client, next) = meet(&config(PASSWORD), tls, async |mut peer| {
            peer.greet(SHA2, CAPABILITIES).await;
            peer.receive().await.unwrap();
            peer.send(b"\xfemysql_clear_password\0").await;
            peer.receive().await
        })
        .await;
        assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("clear")));
        assert_eq!(next, None);
    }
}

#[tokio::test]
async fn dangerous_capabilities_are_never_asked_for() {
    for (capabilities, keeps_eof) in [(CAPABILITIES, false), (CAPABILITIES & !DEPRECATE_EOF, true)]
    {
        let (client, asked) = meet(&config(PASSWORD), Tls::Off, async |mut peer| {
            peer.greet(NATIVE, capabilities).await;
            let asked = login(&peer.receive().await.unwrap()).capabilities;
            peer.ok().await;
            asked
        })
        .await;
        client.unwrap();
        // Compression, local files, TLS, several statements, several results, session tracking.
        assert_eq!(
            asked & (0x20 | 0x80 | 0x0800 | 0x1_0000 | 0x2_0000 | 0x80_0000),
            0
        );
        assert_eq!(asked & DEPRECATE_EOF == 0, keeps_eof);
    }
}

/// Stands for TLS: everything is turned over, so that what went past it would be garbage.
struct Inverted(tokio::io::DuplexStream);

impl Inverted {
    /// Carries packets between the inverted stream and a plain one.
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
async fn with_tls_nothing_but_the_request_for_it_goes_in_clear() {
    let (near, far) = tokio::io::duplex(1 << 10);
    let config = config(PASSWORD);
    let client = Client::connect_tls(near, &config, async |plain| Ok(Inverted(plain).plain()));
    let server = async {
        let mut peer = Peer::new(far);
        peer.greet(SHA2, CAPABILITIES | SSL).await;
        let request = peer.receive().await.unwrap();
        assert_eq!(request.len(), 32);
        let mut within = Peer::new(Inverted(peer.stream).plain());
        let packet = within.receive().await.unwrap();
        // The numbers go on, and what is asked for is the same.
        assert_eq!((within.sequence, &packet[..32]), (3, &request[..]));
        assert!(sha2_proves(&login(&packet).proof, &NONCE, PASSWORD));
        within.send(&[1, 4]).await;
        assert_eq!(
            within.receive().await.unwrap(),
            format!("{PASSWORD}\0").as_bytes()
        );
        within.ok().await;
    };
    let (client, ()) = within_seconds(async { tokio::join!(client, server) }).await;
    client.unwrap();
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let (near, far) = tokio::io::duplex(1 << 10);
    let config = config(PASSWORD);
    let client = Client::connect_tls(near, &config, async |plain| Ok(plain));
    let server = async {
        let mut peer = Peer::new(far);
        peer.greet(SHA2, CAPABILITIES & !SSL).await;
        peer.receive().await
    };
    let (client, next) = within_seconds(async { tokio::join!(client, server) }).await;
    assert!(matches!(client.unwrap_err(), Error::Refused(why) if why.contains("TLS")));
    assert_eq!(next, None);
}

#[tokio::test]
async fn what_was_put_in_front_of_tls_is_refused() {
    let (near, mut far) = tokio::io::duplex(1 << 10);
    let greeting = greeting(SHA2, CAPABILITIES | SSL);
    let mut sent = vec![greeting.len() as u8, 0, 0, 0];
    sent.extend_from_slice(&greeting);
    sent.extend_from_slice(&[7, 0, 0, 2]);
    sent.extend_from_slice(&ok(2));
    far.write_all(&sent).await.unwrap();
    let config = config(PASSWORD);
    let client = within_seconds(Client::connect_tls(near, &config, async |plain| Ok(plain))).await;
    assert!(matches!(client.unwrap_err(), Error::Protocol(why) if why.contains("TLS")));
}

#[tokio::test]
async fn a_server_that_takes_no_more_says_so() {
    let (client, ()) = meet(&config(PASSWORD), Tls::Off, async |mut peer| {
        // Before the handshake there is no SQLSTATE.
        peer.send(b"\xff\x10\x04Too many connections").await;
    })
    .await;
    assert!(matches!(
        client.unwrap_err(),
        Error::Server { code: 1040, state, message } if &state == b"HY000" && message == "Too many connections"
    ));
}

#[test]
fn the_password_is_not_shown() {
    let shown = format!("{:?}", config("hidden"));
    assert!(
        shown.contains("writer") && !shown.contains("hidden"),
        "{shown}"
    );
}
