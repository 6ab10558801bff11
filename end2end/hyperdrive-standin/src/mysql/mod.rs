//! MySQL: lets clients in, and answers their questions from the cache, from the database, or not at all.

pub(crate) mod auth;
mod backend;
mod entrance;
mod wire;

use std::io::Result;
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpStream;

use crate::Session;
use crate::line::{Line, Wire};
use crate::plan::Moment;
use crate::shared::Shared;
use crate::sql::{Effect, Engine, Refusal, effect, is_cacheable, refusal, refuse};
use backend::Backend;
use wire::Replies;

const WIRE: Wire = Wire {
    packet: wire::packet,
    fatal: wire::fatal,
    sequence: |bytes| bytes.get(3).copied().unwrap_or(0),
};

/// A client that has been let in.
struct Client {
    line: Line,
    database: String,
    capabilities: u32,
    backend: Option<Backend>,
    in_transaction: bool,
}

/// Reaches the database, and learns what clients are to be told of it.
pub(crate) async fn greet(shared: &Arc<Shared>) -> anyhow::Result<()> {
    let database = shared.upstream.database.clone();
    let backend = Backend::open(shared, &database, 0)
        .await
        .map_err(|(code, state, message)| anyhow!("{code} ({state}): {message}"))?;
    shared.greeting.get_or_init(|| backend.version.clone());
    backend.leave().await;
    Ok(())
}

/// Serves one client until it leaves, or is made to.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let upstream_database = shared.upstream.database.clone();
    let mut line = Line::new(stream, WIRE, shared)?;
    line.moment(Moment::Connect, "").await?;
    let Some(asked) = entrance::enter(&mut line).await? else {
        return line.finish().await;
    };
    // From here on, the first packet of each reply bears number 1.
    line.sequence = 1;
    let mut client = Client {
        line,
        database: asked.database.unwrap_or(upstream_database),
        capabilities: asked.capabilities & entrance::PASSED_ON,
        backend: None,
        in_transaction: false,
    };
    client.answer_all().await?;
    if let Some(backend) = client.backend.take() {
        backend.leave().await;
    }
    client.line.finish().await
}

/// What is done with a command.
enum Command {
    Quit,
    Ping,
    Query,
    Refused(Refusal),
    /// Refused, and the client waits for no answer.
    Unanswered(&'static str),
}

fn command(number: u8) -> Command {
    let refused = |kind, what| Command::Refused(refuse(kind, what));
    match number {
        0x01 => Command::Quit,
        0x02 => refused("init_db", "COM_INIT_DB"),
        0x03 => Command::Query,
        0x0e => Command::Ping,
        0x11 => refused("change_user", "COM_CHANGE_USER"),
        0x16 | 0x17 | 0x1a | 0x1c => refused("prepared_statement", "a prepared statement"),
        0x18 | 0x19 => Command::Unanswered("prepared_statement"),
        0x1b => refused("multi_statements", "more than one statement"),
        0x1f => refused("reset_connection", "COM_RESET_CONNECTION"),
        _ => refused("unknown_command", "a command of this kind"),
    }
}

impl Client {
    async fn answer_all(&mut self) -> Result<()> {
        loop {
            let Some(length) = wire::whole(self.line.buffer()) else {
                self.line.more().await?;
                continue;
            };
            let question = self.line.take(length);
            if !self.answer(&question).await? {
                return Ok(());
            }
        }
    }

    /// Answers one question; false when it was the last.
    async fn answer(&mut self, question: &[u8]) -> Result<bool> {
        let shared = Arc::clone(&self.line.shared);
        let body = wire::body(question);
        let (number, text) = body.split_first().unwrap_or((&0, &[]));
        match command(*number) {
            Command::Quit => Ok(false),
            Command::Ping => {
                let status = if self.in_transaction { 3 } else { 2 };
                self.line.reply(&wire::okay(1, status)).await?;
                Ok(true)
            }
            Command::Refused(refusal) => self.refuse(&refusal).await,
            Command::Unanswered(kind) => {
                shared.stats().refused(kind);
                Ok(true)
            }
            Command::Query => {
                let Ok(sql) = std::str::from_utf8(text) else {
                    shared.came(Engine::Mysql, &String::from_utf8_lossy(text));
                    return self
                        .refuse(&refuse("not_utf8", "text that is not UTF-8"))
                        .await;
                };
                shared.came(Engine::Mysql, sql);
                match refusal(Engine::Mysql, sql, self.in_transaction) {
                    Some(refusal) => self.refuse(&refusal).await,
                    None => self.pass(sql, question).await,
                }
            }
        }
    }

    async fn refuse(&mut self, refusal: &Refusal) -> Result<bool> {
        self.line.shared.stats().refused(refusal.kind);
        let packet = wire::error(1, 1235, "42000", &refusal.message);
        self.line.reply(&packet).await?;
        Ok(true)
    }

    /// Answers from the cache or from the database.
    async fn pass(&mut self, sql: &str, question: &[u8]) -> Result<bool> {
        let shared = Arc::clone(&self.line.shared);
        let is_idle = !self.in_transaction;
        let is_commit = match effect(Engine::Mysql, sql) {
            Effect::Commit => !is_idle,
            Effect::Write => is_idle,
            Effect::Read | Effect::Begin | Effect::None => false,
        };
        if is_commit {
            self.line.moment(Moment::BeforeCommit, sql).await?;
        }
        self.line.moment(Moment::BeforeQuery, sql).await?;

        let is_cacheable = is_idle && is_cacheable(Engine::Mysql, sql);
        let capabilities = self.capabilities.to_le_bytes();
        let key = [self.database.as_bytes(), &[0], &capabilities, question].concat();
        if is_cacheable && let Some(reply) = shared.cached(&key) {
            self.line.deliver(&reply, sql, false).await?;
            return Ok(true);
        }
        shared.passed(Engine::Mysql, sql);
        let Some((reply, replies)) = self.ask(question).await? else {
            return Ok(false);
        };
        if let Some(status) = replies.status {
            self.in_transaction = status & wire::IN_TRANSACTION != 0;
        }
        if is_cacheable
            && !replies.has_error
            && let Some(mut cache) = shared.cache()
        {
            cache.keep(key, &reply);
        }
        let is_committed = is_commit && !self.in_transaction && !replies.has_error;
        self.line.deliver(&reply, sql, is_committed).await?;
        Ok(true)
    }

    /// Asks the database. When there is none, the client has been told so, and nothing comes back.
    async fn ask(&mut self, question: &[u8]) -> Result<Option<(Vec<u8>, Replies)>> {
        let shared = Arc::clone(&self.line.shared);
        if !self.in_transaction
            && shared.session == Session::Reset
            && let Some(backend) = &mut self.backend
            && !self.line.while_present(backend.renew()).await?
        {
            self.backend = None;
        }
        if self.backend.is_none() {
            let opening = Backend::open(&shared, &self.database, self.capabilities);
            match self.line.while_present(opening).await? {
                Ok(backend) => self.backend = Some(backend),
                Err((code, state, message)) => {
                    shared.stats().trouble(message.clone());
                    let packet = wire::error(1, code, &state, &message);
                    self.line.reply(&packet).await?;
                    return Ok(None);
                }
            }
        }
        let Some(backend) = &mut self.backend else {
            return Ok(None);
        };
        let (reply, replies) = self.line.while_present(backend.ask(question)).await??;
        if reply.is_whole {
            return Ok(Some((reply.bytes, replies)));
        }
        shared
            .stats()
            .trouble("the database has closed the connection".to_owned());
        self.line.reply(&reply.bytes).await?;
        Ok(None)
    }
}
