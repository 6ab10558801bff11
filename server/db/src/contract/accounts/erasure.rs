//! Erasing an account: closed for a time, then gone, with what its user wrote or without.

use domain::lifetimes::ERASURE_DELAY;
use domain::{CommentId, EventKind, PageRequest, PostId, Role, SessionId, Timestamp, UserId};
use futures::future::join;

use super::{MILLISECOND, TestUsers, belongings, event, handle, kinds, now, one_is_done, session};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::contract::written::{post, user};
use crate::queries::accounts::{self, Creation};
use crate::queries::erasure::{self, DueErasure, FORMER_MEMBER};
use crate::queries::events::{self, Origin};
use crate::queries::sign_in::{self, Login};
use crate::queries::{handles, insert, posts, sessions, users};
use crate::schema::tables::{Comment, Event, Post, User};
use crate::{Db, DbError};

async fn schedule(db: &Db, user: &User, keeps_posts: bool) -> Result<bool, DbError> {
    let event = event(EventKind::ErasureScheduled, user, now());
    erasure::schedule(db, user.id, keeps_posts, &event).await
}

async fn undo(db: &Db, user: &User, at: Timestamp) -> Result<bool, DbError> {
    erasure::undo(db, user.id, &event(EventKind::ErasureUndone, user, at)).await
}

fn account(user: &User, keeps_posts: bool) -> DueErasure {
    DueErasure {
        user_id: user.id,
        keeps_posts,
        erase_at: None,
    }
}

async fn erase(db: &Db, account: &DueErasure, user: &User, at: Timestamp) -> Result<bool, DbError> {
    erasure::erase(db, account, &event(EventKind::Erased, user, at)).await
}

/// A post of each of two users, and comments below them: two of the first user and one of the second on each.
pub(super) struct Posts([Post; 2]);

impl Posts {
    /// The posts.
    pub(super) fn each(&self) -> [&Post; 2] {
        self.0.each_ref()
    }

    pub(super) async fn write(db: &Db, users: [&User; 2]) -> Result<Self, String> {
        let posts = users.map(|user| Post {
            author_id: user.id,
            comment_count: 3,
            ..post("an erasure")
        });
        let comment = |post: &Post, author: &User, is_deleted: bool| Comment {
            id: CommentId::new(),
            post_id: post.id,
            author_id: author.id,
            body: "a comment".to_owned(),
            body_html: "<p>a comment</p>".to_owned(),
            created_at: post.created_at,
            deleted_at: is_deleted.then_some(post.created_at),
        };
        let comments = posts.iter().flat_map(|post| {
            let [ada, bob] = users;
            let shown = [ada, ada, bob].map(|author| comment(post, author, false));
            // It was never counted.
            shown.into_iter().chain([comment(post, ada, true)])
        });
        let comments: Vec<Comment> = comments.collect();
        let mut statements = insert(db.dialect(), &posts);
        statements.extend(insert(db.dialect(), &comments));
        db.write(&statements).await.map_err(message)?;
        Ok(Self(posts))
    }

    /// The names of the authors that readers see, and the number of comments; `None` for a post that they do not see.
    async fn shown(&self, db: &Db) -> Result<[Option<(String, i64)>; 2], String> {
        let ids: Vec<PostId> = self.0.iter().map(|post| post.id).collect();
        let cards = posts::by_ids(db, &ids).await.map_err(message)?;
        Ok(self.0.each_ref().map(|post| {
            let card = cards.iter().find(|card| card.id == post.id)?;
            Some((card.author_name.clone(), card.comment_count))
        }))
    }
}

/// The view of the posts of [`Posts`] that readers have: the number of comments below the first user's and the second's.
fn counted(user: &User, first: Option<i64>, second: i64) -> [Option<(String, i64)>; 2] {
    [first, Some(second)].map(|count| count.map(|count| (user.name.clone(), count)))
}

/// A closed account is opened again until it is due, to the millisecond, with everything that was hidden.
pub(in crate::contract) async fn a_closed_account_is_opened_until_it_is_due(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let written = Posts::write(db, [&ada, &bob]).await?;
        let end = now() + ERASURE_DELAY;
        equal(&undo(db, &ada, now()).await, &Ok(false))?;
        for (keeps_posts, hidden) in [
            (true, counted(&ada, Some(3), 3)),
            (false, counted(&ada, None, 1)),
        ] {
            let begun = [&ada, &bob].map(|user| session(user, "session", now()));
            let statements = insert(db.dialect(), &begun);
            db.write(&statements).await.map_err(message)?;
            let rival = clients.strong();
            let both = join(
                schedule(db, &ada, keeps_posts),
                schedule(&rival, &ada, keeps_posts),
            );
            one_is_done(both.await)?;
            equal(&schedule(db, &ada, !keeps_posts).await, &Ok(false))?;
            equal(&written.shown(db).await?, &hidden)?;
            let found = accounts::find(db, ada.id).await.map_err(message)?;
            let found = found.ok_or("no account")?;
            equal(
                &(found.erase_at, found.keeps_posts, found.deleted_at),
                &(Some(end), keeps_posts, (!keeps_posts).then_some(now())),
            )?;
            equal(&found.updated_at, &ada.updated_at)?;
            equal(&undo(db, &ada, end).await, &Ok(false))?;
            let last = end - MILLISECOND;
            let both = join(undo(db, &ada, last), undo(&rival, &ada, last));
            one_is_done(both.await)?;
            equal(&written.shown(db).await?, &counted(&ada, Some(3), 3))?;
            for (session, is_left) in begun.iter().zip([false, true]) {
                let found = sessions::find(db, &session.id, now()).await;
                equal(&found.map_err(message)?.is_some(), &is_left)?;
            }
            let out = event(EventKind::SignedOut, &bob, now());
            sessions::end(db, &begun[1].id, &out)
                .await
                .map_err(message)?;
        }
        let all = ["erasure_scheduled", "erasure_undone"].repeat(2);
        let mut kinds = kinds(db, &ada).await?;
        // In the order of their times, both were scheduled before one was undone.
        kinds.sort();
        let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        all.sort();
        equal(&kinds, &all)
    }
    .await;
    people.delete().await?;
    checked
}

/// Accounts are due from their time on, the longest due first; whoever changed their mind is not erased.
pub(in crate::contract) async fn accounts_are_erased_when_they_are_due(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let checked = async {
        let due = async |at| {
            let found = erasure::due(db, at).await.map_err(message)?;
            let ours = found.into_iter().map(|due| due.user_id);
            let ours = ours.filter(|id| [ada.id, bob.id, cyd.id].contains(id));
            Ok::<Vec<_>, String>(ours.collect())
        };
        let end = now() + ERASURE_DELAY;
        equal(&schedule(db, &ada, false).await, &Ok(true))?;
        equal(&schedule(db, &bob, true).await, &Ok(true))?;
        super::set_time(
            db,
            &bob,
            crate::schema::tables::users::erase_at,
            Some(end - MILLISECOND),
        )
        .await?;
        equal(&due(end - MILLISECOND * 2).await?, &Vec::new())?;
        equal(&due(end - MILLISECOND).await?, &vec![bob.id])?;
        equal(&due(end).await?, &vec![bob.id, ada.id])?;
        let is_there = async |user: &User| {
            let found = accounts::find(db, user.id).await.map_err(message)?;
            Ok::<_, String>(found.is_some_and(|found| found.erased_at.is_none()))
        };
        // Too early, another choice than the one at hand, and nobody who asked for it.
        for (account, user, at) in [
            (account(&ada, false), &ada, end - MILLISECOND),
            (account(&ada, true), &ada, end),
            (account(&bob, false), &bob, end),
            (account(&cyd, false), &cyd, end),
            (account(&cyd, true), &cyd, end),
        ] {
            equal(&erase(db, &account, user, at).await, &Ok(false))?;
            equal(&is_there(user).await?, &true)?;
            equal(
                &kinds(db, user).await?.contains(&"erased".to_owned()),
                &false,
            )?;
        }
        let (due_now, rival) = (account(&ada, false), clients.strong());
        let both = join(
            erase(db, &due_now, &ada, end),
            erase(&rival, &due_now, &ada, end),
        );
        one_is_done(both.await)?;
        equal(&kinds(db, &ada).await?, &vec!["erased".to_owned()])?;
        equal(&due(end).await?, &vec![bob.id])
    }
    .await;
    people.delete().await?;
    checked
}

/// An address from which `actor` does something to the account of `user`.
const ADDRESS: &str = "192.0.2.1";

/// Notes that `actor` has done something to the account of `user`.
async fn act(db: &Db, actor: &User, user: &User) -> CaseResult {
    let origin = Origin {
        actor: Some(actor.id),
        session: Some(SessionId::new()),
        address: Some(ADDRESS),
    };
    let event = Event::new(EventKind::RoleChanged, Some(user.id), origin, now());
    events::insert(db, &event).await.map_err(message)
}

/// Who has done something to the account of `user`, and from where.
async fn acts(db: &Db, user: &User) -> Result<Vec<(Option<UserId>, Option<String>)>, String> {
    let found = events::of_user(db, user.id, &PageRequest::first(10)).await;
    let found = found.map_err(message)?.rows.into_iter();
    let mut acts: Vec<_> = found.map(|act| (act.actor_id, act.address)).collect();
    acts.sort();
    Ok(acts)
}

/// Schedules the erasure of `user`, and does it when it is due. What they did to the account of `other` is still told, and no longer
/// from where.
async fn erased(db: &Db, user: &User, other: &User, keeps_posts: bool) -> CaseResult {
    let end = now() + ERASURE_DELAY;
    act(db, user, other).await?;
    act(db, other, other).await?;
    act(db, other, user).await?;
    equal(&schedule(db, user, keeps_posts).await, &Ok(true))?;
    equal(
        &belongings::left(db, user).await?.contains(&"sessions"),
        &false,
    )?;
    let session = session(user, "session", now());
    let written = db.write(&insert(db.dialect(), &[session])).await;
    written.map_err(message)?;
    let all = erasure::BELONGINGS.map(|column| column.table);
    equal(&belongings::left(db, user).await?, &all.to_vec())?;
    let account = account(user, keeps_posts);
    equal(&erase(db, &account, user, end).await, &Ok(true))?;
    equal(&belongings::left(db, user).await?, &Vec::new())?;
    equal(&kinds(db, user).await?, &vec!["erased".to_owned()])?;
    let mut left = vec![
        (Some(user.id), None),
        (Some(other.id), Some(ADDRESS.to_owned())),
    ];
    left.sort();
    equal(&acts(db, other).await?, &left)
}

/// Of an account that is erased with everything nothing is left, and its names are free; what others wrote stays.
pub(in crate::contract) async fn everything_of_an_account_goes_with_it(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let written = Posts::write(db, [&ada, &bob]).await?;
        for user in [&ada, &bob] {
            belongings::write(db, user).await?;
        }
        erased(db, &ada, &bob, false).await?;
        equal(&written.shown(db).await?, &counted(&ada, None, 1))?;
        let found = accounts::find(db, ada.id).await.map_err(message)?;
        equal(&found.is_none(), &true)?;
        let all = erasure::BELONGINGS.map(|column| column.table);
        equal(&belongings::left(db, &bob).await?, &all.to_vec())?;
        let again = User {
            id: ada.id,
            ..ada.clone()
        };
        let event = event(EventKind::SignedUp, &again, now());
        let made = accounts::create(db, &again, None, &event).await;
        equal(&made, &Ok(Creation::Done))
    }
    .await;
    people.delete().await?;
    checked
}

/// Of an account that is erased without its posts, they and its comments stay, under a name that tells nothing.
pub(in crate::contract) async fn posts_stay_under_a_former_member(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (mut people, [ada, bob]) = TestUsers::write(db).await?;
    let newcomer = User {
        handle: ada.handle.clone(),
        email: ada.email.clone(),
        ..user(UserId::new())
    };
    people.add(&newcomer);
    let checked = async {
        let written = Posts::write(db, [&ada, &bob]).await?;
        for user in [&ada, &bob] {
            belongings::write(db, user).await?;
        }
        erased(db, &ada, &bob, true).await?;
        let former = (FORMER_MEMBER.to_owned(), 3);
        let by_bob = (bob.name.clone(), 3);
        equal(&written.shown(db).await?, &[Some(former), Some(by_bob)])?;
        let found = accounts::find(db, ada.id).await.map_err(message)?;
        let found = found.ok_or("no account")?;
        equal(
            &(found.name.as_str(), found.bio.as_str(), found.role),
            &(FORMER_MEMBER, "", Role::Reader),
        )?;
        equal(
            &(found.erase_at, found.erased_at),
            &(None, Some(now() + ERASURE_DELAY)),
        )?;
        // In cases, names are made of the id.
        equal(&found.handle.starts_with("former-member-"), &true)?;
        equal(&found.email.ends_with("@erased.invalid"), &true)?;
        // It is a profile like any other, and nobody signs in to it.
        let shown = users::find(db, &handle(&found.handle)?).await;
        equal(&shown.map_err(message)?.is_some(), &true)?;
        let by_id = sign_in::find(db, Login::User(ada.id)).await;
        equal(&by_id.map_err(message)?.is_none(), &true)?;
        // The names are free at once.
        let event = event(EventKind::SignedUp, &newcomer, now());
        let made = accounts::create(db, &newcomer, None, &event).await;
        equal(&made, &Ok(Creation::Done))?;
        let old = handles::present(db, &handle(&belongings::earlier(&ada))?, now()).await;
        equal(&old, &Ok(None))?;
        // It is erased once.
        let late = now() + ERASURE_DELAY * 2;
        equal(
            &erase(db, &account(&ada, true), &ada, late).await,
            &Ok(false),
        )?;
        equal(&schedule(db, &ada, false).await, &Ok(false))?;
        equal(&undo(db, &ada, now()).await, &Ok(false))?;
        let all = erasure::BELONGINGS.map(|column| column.table);
        equal(&belongings::left(db, &bob).await?, &all.to_vec())
    }
    .await;
    people.delete().await?;
    checked
}
