//! Mail by SMTP.

use std::time::Duration;

use app::mail::{Mail, MailError, Mailer};
use app::site;
use db::BoxFuture;
use domain::Email;
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// The time for each step of handing a mail over: the browser waits for it.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// A server that takes mail.
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The server at `url`: `smtps://user:password@host`, or `smtp://…` with `?tls=required` for STARTTLS.
    ///
    /// Belongs to the runtime in which it is called, which keeps connections.
    ///
    /// # Errors
    /// A sentence for operators, which does not hold the URL: there may be a password in it.
    pub(crate) fn new(url: &str, from: &Email) -> Result<Self, String> {
        if url.starts_with("smtp://") && url.contains('@') && !url.contains("tls=required") {
            return Err(
                "SMTP_URL would send its password in the clear: begin it with smtps://, or add ?tls=required for STARTTLS."
                    .to_owned(),
            );
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| format!("SMTP_URL cannot be used: {error}"))?
            .timeout(Some(STEP_TIMEOUT))
            .build();
        let address = from.as_str().parse::<Address>();
        let address = address.map_err(|error| format!("MAIL_FROM is no address: {error}"))?;
        Ok(Self {
            transport,
            from: Mailbox::new(Some(site::NAME.to_owned()), address),
        })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let failed =
            |error: &dyn std::fmt::Display| MailError(format!("No mail was made: {error}"));
        let to = mail.to.as_str().parse::<Address>();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.map_err(|error| failed(&error))?))
            .subject(mail.subject)
            // Drawn, because servers on the way distrust a mail without one.
            .message_id(None)
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|error| failed(&error))
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let sent = self.transport.send(self.message(mail)?).await;
            // Servers repeat the recipient, whose address is nothing for the log.
            let failed = |error: lettre::transport::smtp::Error| {
                let why = error.to_string().replace(mail.to.as_str(), "(recipient)");
                MailError(format!("The mail server did not take a mail: {why}"))
            };
            sent.map(drop).map_err(failed)
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use app::mail::{Key, Letter};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;

    /// A mail server for one connection, which answers `RCPT` by this line. Returns its URL, and the lines that it was sent.
    async fn server(recipient: &'static str) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let lines = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            let mut read = BufReader::new(read).lines();
            let (mut lines, mut is_data) = (Vec::new(), false);
            write.write_all(b"220 mail.example\r\n").await.unwrap();
            while let Some(line) = read.next_line().await.unwrap() {
                let answer = match line.split([' ', ':']).next() {
                    _ if is_data && line != "." => "",
                    Some("EHLO") => "250-mail.example\r\n250 8BITMIME",
                    Some("RCPT") => recipient,
                    Some("DATA") => "354 go on",
                    Some("QUIT") => "221 bye",
                    _ => "250 ok",
                };
                is_data = line == "DATA" || is_data && line != ".";
                let is_last = answer.starts_with("221") || line == ".";
                lines.push(line);
                if !answer.is_empty() {
                    let answer = format!("{answer}\r\n");
                    write.write_all(answer.as_bytes()).await.unwrap();
                }
                if is_last {
                    break;
                }
            }
            lines
        });
        (url, lines)
    }

    fn mail() -> Mail {
        let letter = Letter {
            title: "Your code",
            before: &["Type it: \u{201c}soon\u{201d}.", ".\r\nQUIT"],
            key: Key::Code("1234 5678"),
            after: &[],
            reason: "You asked for it.",
        };
        letter.to(
            Email::parse("ada@example.com").unwrap(),
            "https://site.example",
        )
    }

    fn smtp(url: &str) -> Smtp {
        Smtp::new(url, &Email::parse("mail@site.example").unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_mail_is_handed_to_a_server() {
        let (url, lines) = server("250 ok").await;
        assert_eq!(smtp(&url).send(&mail()).await, Ok(()));
        let lines = lines.await.unwrap();
        for line in [
            "MAIL FROM:<mail@site.example>",
            "RCPT TO:<ada@example.com>",
            &format!("From: {} <mail@site.example>", site::NAME),
            "To: ada@example.com",
            "Subject: Your code",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "    1234 5678",
        ] {
            let count = lines.iter().filter(|one| *one == line).count();
            assert_eq!(count, 1, "{line}: {lines:#?}");
        }
        assert!(lines.iter().any(|line| line.starts_with("Message-ID: <")));
        let is_kind = |line: &&String| line.starts_with("Content-Type: multipart/alternative;");
        assert_eq!(lines.iter().filter(is_kind).count(), 1, "{lines:#?}");
    }

    #[tokio::test]
    async fn a_mail_that_is_not_taken_is_an_error() {
        let (url, _lines) = server("550 no such mailbox").await;
        let error = smtp(&url).send(&mail()).await.unwrap_err();
        assert!(error.0.contains("no such mailbox"), "{error}");
        // Nobody listens there any more.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = smtp(&url).send(&mail()).await.unwrap_err();
        assert!(
            error.0.starts_with("The mail server did not take"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_setting_that_is_wrong_is_named_without_its_password() {
        let from = Email::parse("mail@site.example").unwrap();
        for url in ["", "mail.example", "http://ada:hidden@mail.example"] {
            let why = Smtp::new(url, &from).err().unwrap_or_default();
            assert!(why.starts_with("SMTP_URL cannot be used"), "{url}: {why}");
            assert!(!why.contains("hidden"), "{why}");
        }
        let is_taken = |url| Smtp::new(url, &from).map(drop);
        let clear = is_taken("smtp://ada:hidden@mail.example").unwrap_err();
        assert!(
            clear.contains("in the clear") && !clear.contains("hidden"),
            "{clear}"
        );
        assert_eq!(
            is_taken("smtp://ada:hidden@mail.example?tls=required"),
            Ok(())
        );
        assert_eq!(is_taken("smtps://ada:hidden@mail.example"), Ok(()));
    }
}
