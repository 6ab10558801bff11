//! The parameters of a server's URL: what each means, and which are taken.
//!
//! Names and meanings are those of the engines' own clients
//! (postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS, dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html);
//! `schema` is what several object mappers call the schema to use.

use std::time::Duration;

use crate::syntax::{Parts, checked_host, checked_port};
use crate::{Authorities, Password, ServerDialect, ServerOptions, Tls};

/// The most characters of a name or a value that is shown: those that are taken are shorter.
const MAX_SHOWN: usize = 32;

/// The longest that a connection may be waited for, in seconds.
const MAX_CONNECT_SECONDS: u64 = 600;

/// A parameter of which only some values are taken: those that ask for what is done anyway.
struct Fixed {
    dialect: ServerDialect,
    name: &'static str,
    taken: &'static [&'static str],
    /// The reason why there are no others.
    why: &'static str,
}

const FIXED: &[Fixed] = &[
    postgres(
        "channel_binding",
        &["prefer", "disable"],
        "a log-in is not bound to its channel; the certificate is verified instead",
    ),
    postgres(
        "target_session_attrs",
        &["any"],
        "the one host is taken as it is",
    ),
    postgres("gssencmode", &["prefer", "disable"], "Kerberos is not used"),
    postgres(
        "sslnegotiation",
        &["postgres"],
        "encryption is negotiated in PostgreSQL's own way",
    ),
    postgres("sslsni", &["1"], "the host's name is always sent"),
    postgres("load_balance_hosts", &["disable"], "there is one host"),
    postgres(
        "client_encoding",
        &["UTF8", "utf8", "UTF-8", "utf-8", "auto"],
        "text is Unicode",
    ),
    mysql("charset", &["utf8mb4"], "text is Unicode"),
    mysql("timezone", &["Z", "UTC", "+00:00"], "times are in UTC"),
];

const fn postgres(name: &'static str, taken: &'static [&'static str], why: &'static str) -> Fixed {
    Fixed {
        dialect: ServerDialect::Postgres,
        name,
        taken,
        why,
    }
}

const fn mysql(name: &'static str, taken: &'static [&'static str], why: &'static str) -> Fixed {
    Fixed {
        dialect: ServerDialect::MySql,
        name,
        taken,
        why,
    }
}

/// The parameters that are taken, for messages.
const fn taken(dialect: ServerDialect) -> &'static str {
    match dialect {
        ServerDialect::Postgres => {
            "`sslmode`, `sslrootcert`, `connect_timeout`, `application_name`, `options` (such as `-c search_path=blog`), \
             `schema`, `host`, `port`, `user`, `password` and `dbname`"
        }
        ServerDialect::MySql => "`ssl-mode`, `ssl-ca`, `connect_timeout`, `charset` and `timezone`",
    }
}

fn authorities(name: &str, value: &str) -> Result<Authorities, String> {
    match value {
        "" => Err(format!("its {name} is empty")),
        "system" => Ok(Authorities::System),
        file => Ok(Authorities::File(file.to_owned())),
    }
}

/// A URL that is being read.
pub(crate) struct Draft {
    dialect: ServerDialect,
    parts: Parts,
    mode: Option<Mode>,
    root: Option<Authorities>,
    connect_timeout: Option<Duration>,
    session: Vec<(&'static str, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disabled,
    Verified,
}

impl Draft {
    /// Reads the parameters among `parts`.
    pub(crate) fn new(dialect: ServerDialect, mut parts: Parts) -> Result<Self, String> {
        let parameters = std::mem::take(&mut parts.parameters);
        let mut draft = Self {
            dialect,
            parts,
            mode: None,
            root: None,
            connect_timeout: None,
            session: Vec::new(),
        };
        for (at, (name, value)) in parameters.iter().enumerate() {
            if parameters[..at].iter().any(|(before, _)| before == name) {
                return Err(draft.twice(name));
            }
            draft.take(name, value)?;
        }
        Ok(draft)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let is_second = match (self.dialect, name) {
            (_, "sslmode" | "ssl-mode") => {
                let mode = self.mode(name, value)?;
                self.mode.replace(mode).is_some()
            }
            (_, "sslrootcert" | "ssl-ca") => self.root.replace(authorities(name, value)?).is_some(),
            (_, "connect_timeout") => {
                self.connect_timeout = Some(self.seconds(value)?);
                false
            }
            (ServerDialect::Postgres, "application_name") => self.name_application(value, true),
            (ServerDialect::Postgres, "fallback_application_name") => {
                self.name_application(value, false)
            }
            (ServerDialect::Postgres, "options") => {
                self.session.push(("options", value.to_owned()));
                false
            }
            (ServerDialect::Postgres, "schema") if value.is_empty() => {
                return Err("its schema is empty".to_owned());
            }
            (ServerDialect::Postgres, "schema") => {
                self.session.push(("schema", value.to_owned()));
                false
            }
            (ServerDialect::Postgres, "host") => {
                let host = checked_host(value)?;
                self.parts.host.replace(host).is_some()
            }
            (ServerDialect::Postgres, "port") => {
                self.parts.port.replace(checked_port(value)?).is_some()
            }
            (ServerDialect::Postgres, "user") => {
                self.parts.user.replace(value.to_owned()).is_some()
            }
            (ServerDialect::Postgres, "password") => {
                self.parts.password.replace(value.to_owned()).is_some()
            }
            (ServerDialect::Postgres, "dbname") => {
                self.parts.database.replace(value.to_owned()).is_some()
            }
            (dialect, name) => {
                let fixed = FIXED
                    .iter()
                    .find(|fixed| fixed.dialect == dialect && fixed.name == name);
                let fixed = fixed.ok_or_else(|| self.unknown(name))?;
                if !fixed.taken.contains(&value) {
                    return Err(format!(
                        "its {name}{} is not taken, because {}. Leave it out, or write `{}`",
                        self.shown(value),
                        fixed.why,
                        fixed.taken[0]
                    ));
                }
                false
            }
        };
        if is_second {
            return Err(self.twice(name));
        }
        Ok(())
    }

    /// Names the application; a fallback names it only where nothing else does. Returns false: each is there once.
    fn name_application(&mut self, value: &str, is_first_choice: bool) -> bool {
        let named = self
            .session
            .iter_mut()
            .find(|(name, _)| *name == "application_name");
        match named {
            Some((_, kept)) if is_first_choice => value.clone_into(kept),
            Some(_) => {}
            None => self.session.push(("application_name", value.to_owned())),
        }
        false
    }

    fn seconds(&self, value: &str) -> Result<Duration, String> {
        let seconds = value.parse().ok();
        let seconds = seconds.filter(|seconds| (1..=MAX_CONNECT_SECONDS).contains(seconds));
        seconds.map(Duration::from_secs).ok_or_else(|| {
            format!(
                "its connect_timeout{} is not a number of seconds from 1 to {MAX_CONNECT_SECONDS}",
                self.shown(value)
            )
        })
    }

    fn mode(&self, name: &str, value: &str) -> Result<Mode, String> {
        match value.to_ascii_lowercase().as_str() {
            "disable" | "disabled" => Ok(Mode::Disabled),
            // Stricter than libpq: the certificate is always verified, and always for the host.
            "require" | "required" | "verify-ca" | "verify_ca" | "verify-full"
            | "verify_identity" => Ok(Mode::Verified),
            _ => Err(format!(
                "its {name}{} is not taken; it can be `verify-full` (the default) or `disable`",
                self.shown(value)
            )),
        }
    }

    /// True if `text` may be shown: nothing in it can be a part of a password, also where two URLs run into each other.
    fn may_show(&self, text: &str) -> bool {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        self.parts.may_be_shown && text.len() <= MAX_SHOWN && text.chars().all(is_word)
    }

    /// ` is `value`,` where the value may be shown.
    fn shown(&self, value: &str) -> String {
        if self.may_show(value) {
            format!(" is `{value}`, which")
        } else {
            String::new()
        }
    }

    fn twice(&self, name: &str) -> String {
        if self.may_show(name) {
            format!("it says `{name}` twice")
        } else {
            "it says the same thing twice".to_owned()
        }
    }

    fn unknown(&self, name: &str) -> String {
        let product = self.dialect.product();
        let taken = taken(self.dialect);
        if self.may_show(name) {
            format!(
                "it has the parameter `{name}`, which is not taken. The parameters of a {product} URL are {taken}"
            )
        } else {
            format!(
                "it has a parameter that is not taken, or a `?` in its password, which is written %3F. The parameters of a \
                 {product} URL are {taken}"
            )
        }
    }

    /// Checks that everything is there. `port` is where such servers listen.
    pub(crate) fn finish(self, port: u16) -> Result<ServerOptions, String> {
        let Parts {
            user,
            password,
            host,
            port: given_port,
            database,
            ..
        } = self.parts;
        let tls = match (self.mode, self.root) {
            (Some(Mode::Disabled), Some(_)) => {
                return Err(
                    "it names certificates, but turns encryption off: leave one of the two out"
                        .to_owned(),
                );
            }
            (Some(Mode::Disabled), None) => Tls::Off,
            (Some(Mode::Verified) | None, root) => Tls::Verified {
                root: root.unwrap_or(Authorities::Public),
            },
        };
        Ok(ServerOptions {
            dialect: self.dialect,
            host: host.ok_or("it names no host")?,
            port: given_port.unwrap_or(port),
            user: user
                .filter(|user| !user.is_empty())
                .ok_or("it names no user")?,
            password: password.map(Password::from).unwrap_or_default(),
            database: database
                .filter(|database| !database.is_empty())
                .ok_or("it names no database")?,
            tls,
            connect_timeout: self.connect_timeout,
            session: self.session,
        })
    }
}
