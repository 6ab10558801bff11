//! PostgreSQL: lets clients in, and answers their questions from the cache, from the database, or not at all.

pub(crate) mod auth;
mod backend;
mod question;
mod wire;

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpStream;

use crate::Session;
use crate::line::{Line, Wire};
use crate::plan::Moment;
use crate::shared::Shared;
use crate::sql::{Effect, Engine, Refusal};
use auth::{MECHANISM, Server};
use backend::Backend;
use question::{Objection, Question};

const WIRE: Wire = Wire {
    packet: wire::packet,
    fatal: wire::fatal,
    sequence: |_| 0,
};

/// A client that has been let in.
struct Client {
    line: Line,
    database: String,
    backend: Option<Backend>,
    /// `I` idle, `T` in a transaction, `E` in a failed one.
    status: u8,
    /// Whether the client speaks the simple protocol, once it has spoken.
    is_simple: Option<bool>,
}

/// Reaches the database, and learns what clients are to be told of it.
pub(crate) async fn greet(shared: &Arc<Shared>) -> anyhow::Result<()> {
    let database = shared.upstream.database.clone();
    let backend = Backend::open(shared, &database)
        .await
        .map_err(|error| anyhow!("{}", String::from_utf8_lossy(&error).replace('\0', " ")))?;
    shared.greeting.get_or_init(|| backend.parameters.clone());
    backend.leave().await;
    Ok(())
}

/// Serves one client until it leaves, or is made to.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut line = Line::new(stream, WIRE, shared)?;
    line.moment(Moment::Connect, "").await?;
    let Some(database) = enter(&mut line).await? else {
        return line.finish().await;
    };
    let mut client = Client {
        line,
        database,
        backend: None,
        status: b'I',
        is_simple: None,
    };
    client.answer_all().await?;
    if let Some(backend) = client.backend.take() {
        backend.leave().await;
    }
    client.line.finish().await
}

/// Lets the client in; gives the database that it asks for, or none when it was shown out.
async fn enter(line: &mut Line) -> Result<Option<String>> {
    let Some(asked) = startup(line).await? else {
        return Ok(None);
    };
    let shared = Arc::clone(&line.shared);
    let upstream = &shared.upstream;
    let find = |name: &str| {
        asked
            .chunks(2)
            .find(|pair| pair[0] == name)?
            .get(1)
            .cloned()
    };
    let mut body = 10_u32.to_be_bytes().to_vec();
    body.extend_from_slice(format!("{MECHANISM}\0\0").as_bytes());
    line.reply(&wire::make(b'R', &body)).await?;
    let initial = line.packet().await?;
    let server = initial_response(&initial)
        .and_then(|first| Server::begin(&shared.scram, &upstream.password, first));
    let mut proof = None;
    if let Some((server, answer)) = server {
        let body = [&11_u32.to_be_bytes(), answer.as_bytes()].concat();
        line.reply(&wire::make(b'R', &body)).await?;
        let last = line.packet().await?;
        proof = std::str::from_utf8(last.get(5..).unwrap_or(&[]))
            .ok()
            .and_then(|last| server.end(last));
    }
    line.moment(Moment::Auth, "").await?;
    let user = find("user").unwrap_or_default();
    let Some(proof) = proof.filter(|_| user == upstream.user) else {
        shared.stats().refused("wrong_password");
        let message = format!("password authentication failed for user \"{user}\"");
        line.reply(&wire::error("FATAL", "28P01", &message)).await?;
        return Ok(None);
    };
    let body = [&12_u32.to_be_bytes(), proof.as_bytes()].concat();
    let mut welcome = wire::make(b'R', &body);
    welcome.extend(wire::make(b'R', &0_u32.to_be_bytes()));
    welcome.extend_from_slice(shared.greeting.get().map_or(&[], Vec::as_slice));
    welcome.extend(wire::make(b'K', &rand::random::<[u8; 8]>()));
    welcome.extend(wire::ready(b'I'));
    line.reply(&welcome).await?;
    let database = find("database").unwrap_or_else(|| upstream.database.clone());
    Ok(Some(database))
}

/// What the client says first: names and values in turn; none when it wants something else than to enter.
async fn startup(line: &mut Line) -> Result<Option<Vec<String>>> {
    loop {
        let packet = loop {
            match wire::untagged(line.buffer()) {
                Some(length) if length <= line.buffer().len() => break line.take(length),
                _ => line.more().await?,
            }
        };
        let (code, mut rest) = packet[4..]
            .split_first_chunk::<4>()
            .ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
        match u32::from_be_bytes(*code) {
            // TLS, GSSAPI: the socket is secure already.
            80_877_103 | 80_877_104 => line.reply(b"N").await?,
            196_608 => {
                let mut asked = Vec::new();
                while let Some((text, more)) = wire::text(rest) {
                    asked.push(text);
                    rest = more;
                }
                return Ok(Some(asked));
            }
            // To cancel a query; the real one cannot be asked either.
            _ => return Ok(None),
        }
    }
}

/// The client's first message of SCRAM.
fn initial_response(packet: &[u8]) -> Option<&str> {
    let body = packet.get(5..)?;
    let rest = body
        .strip_prefix(MECHANISM.as_bytes())?
        .strip_prefix(&[0])?;
    std::str::from_utf8(rest.get(4..)?).ok()
}

impl Client {
    async fn answer_all(&mut self) -> Result<()> {
        loop {
            let Some(question) = Question::read(self.line.buffer()) else {
                self.line.more().await?;
                continue;
            };
            let bytes = self.line.take(question.length);
            if question.is_end || !self.answer(&question, bytes).await? {
                return Ok(());
            }
        }
    }

    /// Answers one question; false when it was the last.
    async fn answer(&mut self, question: &Question, bytes: Vec<u8>) -> Result<bool> {
        let shared = Arc::clone(&self.line.shared);
        for sql in &question.statements {
            shared.came(Engine::Postgres, sql);
        }
        let was_simple = *self.is_simple.get_or_insert(question.is_simple);
        match &question.objection {
            Some(Objection::Hangs(kind)) => {
                shared.stats().refused(kind);
                return self.line.stall().await.map(|()| false);
            }
            Some(Objection::Refused(refusal)) => return self.refuse(refusal, "0A000").await,
            None => {}
        }
        if was_simple != question.is_simple {
            let refusal = Refusal {
                kind: "mixed",
                message: "the simple and the extended protocol on one connection".to_owned(),
            };
            return self.refuse(&refusal, "58000").await;
        }
        if let Some(refusal) = question.refused(self.status != b'I') {
            return self.refuse(&refusal, "0A000").await;
        }
        self.pass(question, bytes).await
    }

    /// Tells the client that its question is not passed on. In a transaction, that fails it.
    async fn refuse(&mut self, refusal: &Refusal, code: &str) -> Result<bool> {
        self.line.shared.stats().refused(refusal.kind);
        if self.status == b'T' {
            // The database must be where the client believes it to be.
            let nonsense = wire::make(b'Q', b"refused\0");
            if self.ask(&nonsense).await?.is_none() {
                return Ok(false);
            }
            self.status = b'E';
        }
        let mut reply = wire::error("ERROR", code, &refusal.message);
        reply.extend(wire::ready(self.status));
        self.line.reply(&reply).await?;
        Ok(true)
    }

    /// Answers from the cache or from the database.
    async fn pass(&mut self, question: &Question, bytes: Vec<u8>) -> Result<bool> {
        let shared = Arc::clone(&self.line.shared);
        let statement = question.statements.join("; ");
        let is_idle = self.status == b'I';
        let is_commit = question.has(Effect::Commit) && !is_idle
            || is_idle && question.has(Effect::Write) && !question.has(Effect::Begin)
            || question.has(Effect::Begin) && question.has(Effect::Commit);
        if is_commit {
            self.line.moment(Moment::BeforeCommit, &statement).await?;
        }
        self.line.moment(Moment::BeforeQuery, &statement).await?;

        let is_cacheable = is_idle && question.is_cacheable();
        let key = [self.database.as_bytes(), &[0], &bytes].concat();
        if is_cacheable && let Some(reply) = shared.cached(&key) {
            self.line.deliver(&reply, &statement, false).await?;
            return Ok(true);
        }
        for sql in &question.statements {
            shared.passed(Engine::Postgres, sql);
        }
        let Some(reply) = self.ask(&bytes).await? else {
            return Ok(false);
        };
        self.status = reply.last().copied().unwrap_or(b'I');
        if is_cacheable
            && !has_error(&reply)
            && let Some(mut cache) = shared.cache()
        {
            cache.keep(key, &reply);
        }
        let is_committed = is_commit && self.status == b'I' && !has_error(&reply);
        self.line.deliver(&reply, &statement, is_committed).await?;
        Ok(true)
    }

    /// Asks the database. When there is none, the client has been told so, and nothing comes back.
    async fn ask(&mut self, question: &[u8]) -> Result<Option<Vec<u8>>> {
        let shared = Arc::clone(&self.line.shared);
        if self.status == b'I'
            && shared.session == Session::Reset
            && let Some(backend) = &mut self.backend
            && !self.line.while_present(backend.renew()).await?
        {
            self.backend = None;
        }
        if self.backend.is_none() {
            let opening = Backend::open(&shared, &self.database);
            match self.line.while_present(opening).await? {
                Ok(backend) => self.backend = Some(backend),
                Err(error) => {
                    let text = String::from_utf8_lossy(&error).replace('\0', " ");
                    shared.stats().trouble(text);
                    self.line.reply(&error).await?;
                    return Ok(None);
                }
            }
        }
        let Some(backend) = &mut self.backend else {
            return Ok(None);
        };
        let reply = self.line.while_present(backend.ask(question)).await??;
        if reply.is_whole {
            return Ok(Some(reply.bytes));
        }
        shared
            .stats()
            .trouble("the database has closed the connection".to_owned());
        self.line.reply(&reply.bytes).await?;
        Ok(None)
    }
}

/// Whether the reply tells of an error.
fn has_error(mut reply: &[u8]) -> bool {
    while let Some(length) = wire::packet(reply).filter(|length| *length <= reply.len()) {
        if reply[0] == b'E' {
            return true;
        }
        reply = &reply[length..];
    }
    false
}
