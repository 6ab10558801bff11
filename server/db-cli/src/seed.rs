//! Writing the example site, and large ones.

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use anyhow::{Result, ensure};
use db::Db;
use db::drivers::sqlite::Sqlite;
use db::queries::{Insert, health, insert, users};
use db::schema::tables::{Post, User};
use domain::{PageRequest, PostStatus, Role, Search};
use futures::executor::block_on;

use crate::rows::{self, PostText, UserText};

/// How large a large site is.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Users.
    pub users: u64,
    /// Posts.
    pub posts: u64,
}

/// Fills an empty database with the example site, all or nothing. Says what it wrote.
///
/// # Errors
/// When the database has users already, or does not take a row.
pub async fn insert_example(client: &Db) -> Result<String> {
    check_empty(client).await?;
    let rows = rows::example();
    let dialect = client.dialect();
    let mut statements = insert(dialect, &rows.users);
    statements.extend(insert(dialect, &rows.posts));
    statements.extend(insert(dialect, &rows.slugs));
    statements.extend(insert(dialect, &rows.comments));
    client.write(&statements).await?;
    Ok(format!(
        "{} users, {} posts, {} comments",
        rows.users.len(),
        rows.posts.len(),
        rows.comments.len()
    ))
}

/// Whether a database has its tables, and nobody in them.
///
/// # Errors
/// When the database does not answer, or has no tables.
pub async fn is_empty(client: &Db) -> Result<bool> {
    health::check(client).await?;
    let people = users::list(client, &Search::default(), &PageRequest::first(1)).await?;
    Ok(people.rows.is_empty())
}

async fn check_empty(client: &Db) -> Result<()> {
    ensure!(
        is_empty(client).await?,
        "there are users already; seeding is for an empty database (`cargo x dev --reset` makes one)"
    );
    Ok(())
}

/// How many posts are rendered and written at a time.
const CHUNK: u64 = 2_000;
/// How many statements make one batch.
const BATCH: usize = 1_000;

/// Fills an empty SQLite database with a large site: short posts, made and rendered by all processors, written by one.
/// The full-text index is built at the end, which is much faster than row by row.
///
/// # Errors
/// When the database has users already, or does not take a row.
pub fn insert_large(
    client: &Db,
    sqlite: &Sqlite,
    amount: Amount,
    progress: impl Fn(&str),
) -> Result<String> {
    block_on(check_empty(client))?;
    let started = Instant::now();
    sqlite.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; DROP TRIGGER posts_fts_insert;")?;
    let authors = authors(amount)?;
    write(client, &authors)?;
    progress(&format!("{} users", authors.len()));
    write_posts(client, amount, &progress)?;
    progress("building the full-text index");
    sqlite.script(
        "CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN\n  \
         INSERT INTO posts_fts (rowid, search_text) VALUES (new.search_id, new.search_text);\nEND;\n\
         INSERT INTO posts_fts (posts_fts) VALUES ('rebuild'); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = FULL;",
    )?;
    Ok(format!(
        "{} users, {} posts in {:.0} s",
        amount.users,
        amount.posts,
        started.elapsed().as_secs_f64()
    ))
}

/// The users, with the number of public posts that each will have.
fn authors(amount: Amount) -> Result<Vec<User>> {
    let mut counts = vec![0_i64; usize::try_from(amount.users)?];
    for n in 0..amount.posts {
        let post = example_site::scaled_post(n, amount.users);
        if post.published_at.is_some() {
            counts[usize::try_from(post.author)?] += 1;
        }
    }
    let with_count = |(n, post_count): (usize, i64)| {
        let author = example_site::scaled_author(n as u64);
        let row = rows::user(UserText {
            n: n as u64,
            handle: author.handle,
            email: author.email,
            name: author.name,
            bio: author.bio,
            role: Role::Author,
            created_at: author.created_at,
            is_deleted: author.deleted,
        });
        User { post_count, ..row }
    };
    Ok(counts.into_iter().enumerate().map(with_count).collect())
}

fn post(n: u64, users: u64) -> Post {
    let post = example_site::scaled_post(n, users);
    rows::post(PostText {
        n,
        author_id: rows::user_id(
            post.author,
            example_site::scaled_author(post.author).created_at,
        ),
        title: post.title,
        slug: post.slug,
        excerpt: post.excerpt,
        content: post.content,
        status: if post.published_at.is_some() {
            PostStatus::Published
        } else {
            PostStatus::Draft
        },
        comments_open: post.comments_open,
        published_at: post.published_at,
        created_at: post.created_at,
        is_deleted: post.deleted,
    })
}

/// Renders on every processor, and writes on one, so that neither waits for the other.
fn write_posts(client: &Db, amount: Amount, progress: &impl Fn(&str)) -> Result<()> {
    let started = Instant::now();
    let dialect = client.dialect();
    let renderers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (send, receive) = sync_channel(4);
    std::thread::scope(|scope| {
        for renderer in 0..renderers {
            let send = send.clone();
            scope.spawn(move || {
                let mut from = renderer * CHUNK;
                while from < amount.posts {
                    let until = (from + CHUNK).min(amount.posts);
                    let posts: Vec<Post> = (from..until).map(|n| post(n, amount.users)).collect();
                    if send.send((until - from, insert(dialect, &posts))).is_err() {
                        return;
                    }
                    from += renderers * CHUNK;
                }
            });
        }
        drop(send);
        let (mut written, mut told) = (0, 0);
        for (count, statements) in receive {
            block_on(client.write(&statements))?;
            written += count;
            if written - told >= 50_000 {
                told = written;
                progress(&format!(
                    "{written} of {} posts in {:.0} s",
                    amount.posts,
                    started.elapsed().as_secs_f64()
                ));
            }
        }
        Ok(())
    })
}

fn write<T: Insert>(client: &Db, rows: &[T]) -> Result<()> {
    for statements in insert(client.dialect(), rows).chunks(BATCH) {
        block_on(client.write(statements))?;
    }
    Ok(())
}
