//! The administrators of a site: making one, and one-time links for who cannot sign in.

use accounts::Token;
use anyhow::{Context, Result, bail};
use db::Db;
use db::queries::events::Origin;
use db::queries::sign_in::{self, Login, SignInRow};
use db::queries::{admin, codes, health};
use db::schema::tables::{Code, Event};
use domain::lifetimes::LINK_TTL;
use domain::{CodeId, CodePurpose, Email, EventKind, Role, Timestamp};

/// The outcome of a command, and the link that it led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// A sentence.
    pub sentence: String,
    /// The path of a page with its token: good once, for a day.
    pub link: Option<String>,
}

/// Makes the user of an address an administrator, also when there is another one. With a link, they sign in by it with a new password;
/// where nobody has an account with the address, one is made by it.
///
/// # Errors
/// Fails if nobody has the address and no link is wanted, or if the account is closed or suspended.
pub async fn make_admin(db: &Db, email: &str, wants_link: bool) -> Result<Done> {
    let email = Email::parse(email.trim()).map_err(|why| anyhow::anyhow!("{email}: {}", why.0))?;
    health::check(db).await?;
    let user = sign_in::find(db, Login::Email(&email)).await?;
    let sentence = match &user {
        Some(user) => raise(db, user).await?,
        None if wants_link => format!(
            "nobody has an account with {email}: one is made by the link, as an administrator's"
        ),
        None => bail!(
            "nobody has an account with {email}; with --link, a link is printed by which one is made"
        ),
    };
    let link = match wants_link {
        true => Some(link(db, CodePurpose::Link, user.as_ref(), email.as_str()).await?),
        false => None,
    };
    Ok(Done { sentence, link })
}

/// Makes a user an administrator; says what was done.
async fn raise(db: &Db, user: &SignInRow) -> Result<String> {
    let who = format!("{} ({}, {})", user.handle, user.name, user.email);
    if user.suspended_at.is_some() {
        bail!("{who} is suspended: an administrator has to restore the account first");
    }
    if !user.is_open() {
        bail!("{who} is closed, or about to be: only its owner can open it");
    }
    let event = Event::new(
        EventKind::RoleChanged,
        Some(user.id),
        Origin::default(),
        Timestamp::now(),
    );
    let event = event.with_detail(Role::Admin.as_str());
    let is_changed = admin::set_role(db, user.id, Role::Admin, &event).await?;
    let is_proved = match user.email_verified_at {
        Some(_) => "",
        None => "; nobody has confirmed this address: make sure that the account is theirs",
    };
    Ok(match is_changed {
        true => format!(
            "{who} was {} and is an administrator now{is_proved}",
            user.role
        ),
        false => format!("{who} is an administrator already{is_proved}"),
    })
}

/// Makes a link by which the first administrator is made; none if there is one who can sign in.
///
/// # Errors
/// Fails if the database does not answer or has no tables.
pub async fn first_admin(db: &Db) -> Result<Done> {
    health::check(db).await?;
    if admin::has_admin(db).await? {
        return Ok(Done {
            sentence: "there is an administrator; nothing was changed".to_owned(),
            link: None,
        });
    }
    Ok(Done {
        sentence: "there is no administrator yet: the first one is made by the link".to_owned(),
        link: Some(link(db, CodePurpose::SetUp, None, "").await?),
    })
}

/// Makes a link: a code whose browser is whoever has the token.
async fn link(
    db: &Db,
    purpose: CodePurpose,
    user: Option<&SignInRow>,
    email: &str,
) -> Result<String> {
    let page = match purpose {
        CodePurpose::SetUp => "setup",
        _ => "link",
    };
    let token = Token::new()?;
    let (hash, now) = (token.hash(), Timestamp::now());
    let code = Code {
        id: CodeId::new(),
        purpose,
        user_id: user.map(|user| user.id),
        email: email.to_owned(),
        code_hash: hash.clone(),
        browser_hash: hash,
        attempts: 0,
        expires_at: now + LINK_TTL,
        used_at: None,
        created_at: now,
    };
    codes::insert(db, &code).await.context("no link was made")?;
    Ok(format!("/{page}?token={}", token.as_str()))
}
