//! The copy of somebody's data: every row that is theirs, of every table, and nothing that tells of others.

use domain::{EventKind, RevisionId, RevisionKind, SessionId};

use super::erasure::Posts;
use super::{TestUsers, belongings, now};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::events::Origin;
use crate::queries::{insert, personal_data};
use crate::schema::TABLES;
use crate::schema::tables::{Draft, Event, PostSlug, Revision, comments, events, posts, users};
use crate::{Db, Value};

/// Every row of a user is told, of every table, without secrets; of what others did to them, neither who it was nor from where.
pub(in crate::contract) async fn everything_of_a_user_is_told(db: &Db, _: &Clients) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let written = Posts::write(db, [&ada, &bob]).await?;
        let slugs = written.each().map(|post| PostSlug {
            slug: format!("earlier-{}", post.id.0.simple()),
            post_id: post.id,
        });
        for user in [&ada, &bob] {
            belongings::write(db, user).await?;
        }
        let saved = written.each().map(|post| Draft {
            post_id: post.id,
            title: String::new(),
            slug: String::new(),
            excerpt: String::new(),
            content: "unfinished".to_owned(),
            saved_by: post.author_id,
            saved_at: now(),
        });
        let kept = written.each().map(|post| Revision {
            id: RevisionId::new(),
            post_id: post.id,
            kind: RevisionKind::Saved,
            title: String::new(),
            excerpt: String::new(),
            content: "earlier".to_owned(),
            saved_by: post.author_id,
            saved_at: now(),
        });
        let happened = [&ada, &bob].map(|actor| {
            let origin = Origin {
                actor: Some(actor.id),
                session: Some(SessionId::new()),
                address: Some("192.0.2.1"),
            };
            Event::new(EventKind::SignedIn, Some(ada.id), origin, now())
        });
        let statements = [
            insert(db.dialect(), &slugs),
            insert(db.dialect(), &saved),
            insert(db.dialect(), &kept),
            insert(db.dialect(), &happened),
        ];
        db.write(&statements.concat()).await.map_err(message)?;
        let own = personal_data::of_user(db, ada.id).await.map_err(message)?;

        let told: Vec<(&str, usize)> = own.iter().map(|all| (all.table, all.rows.len())).collect();
        let expected = TABLES.iter().map(|table| {
            let rows = match table.name {
                "comments" => 6,
                "events" => 2,
                _ => 1,
            };
            (table.name, rows)
        });
        equal(&told, &expected.collect())?;
        let of = |name| own.iter().find(|all| all.table == name).ok_or("no table");
        let value = |name, row: usize, column| {
            let all = of(name)?;
            let row = all.rows.get(row).ok_or("no row")?;
            Ok::<_, String>(all.value(row, column).clone())
        };
        equal(
            &value("users", 0, users::email)?,
            &Value::Text(ada.email.clone()),
        )?;
        equal(&value("users", 0, users::password_hash)?, &Value::Null)?;
        equal(
            &value("users", 0, users::created_at)?,
            &Value::Time(ada.created_at),
        )?;
        equal(&value("users", 0, users::keeps_posts)?, &Value::Bool(false))?;
        let post = &written.each()[0];
        equal(&value("posts", 0, posts::id)?, &Value::Uuid(post.id.0))?;
        equal(
            &value("posts", 0, posts::content)?,
            &Value::Text(post.content.clone()),
        )?;
        for row in 0..6 {
            equal(
                &value("comments", row, comments::author_id)?,
                &Value::Uuid(ada.id.0),
            )?;
        }
        let mut addresses = Vec::new();
        for row in 0..2 {
            let actor = value("events", row, events::actor_id)?;
            let is_told = actor == Value::Uuid(ada.id.0);
            equal(
                &(value("events", row, events::session_id)? != Value::Null),
                &is_told,
            )?;
            addresses.push((actor, value("events", row, events::address)?));
        }
        addresses.sort_by_key(|(actor, _)| *actor != Value::Null);
        let address = Value::Text("192.0.2.1".to_owned());
        equal(
            &addresses,
            &vec![(Value::Null, Value::Null), (Value::Uuid(ada.id.0), address)],
        )?;
        let saved = "unfinished".len() + "earlier".len();
        let length = post.content.len() + saved + 6 * "a comment".len();
        let told = personal_data::length(db, ada.id).await;
        let events = 2 * personal_data::EVENT_LENGTH;
        equal(&told, &Ok(length as u64 + events))
    }
    .await;
    people.delete().await?;
    checked
}
