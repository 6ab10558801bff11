//! Inserting the example site and bulk data.

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use anyhow::{Result, ensure};
use db::Db;
use db::drivers::sqlite::Sqlite;
use db::queries::{Insert, health, insert, users};
use db::schema::tables::{Post, User};
use domain::{PageRequest, PostStatus, Role, Search};
use futures::executor::block_on;

use crate::rows::{self, PostInput, UserInput};

/// Number of rows to generate as bulk data.
#[derive(Clone, Copy, Debug)]
pub struct BulkSize {
    /// Number of users, at least 1.
    pub users: u64,
    /// Number of posts.
    pub posts: u64,
}

/// Inserts the example site into an empty database, in one atomic write. Returns a summary.
///
/// # Errors
/// Fails if the database already has users or rejects a row.
pub async fn insert_example(db: &Db) -> Result<String> {
    check_empty(db).await?;
    let rows = rows::example_rows();
    db.write(&rows.inserts(db.dialect())).await?;
    Ok(format!(
        "{} users, {} posts, {} comments",
        rows.users.len(),
        rows.posts.len(),
        rows.comments.len()
    ))
}

/// Returns true if a database is migrated and has no users.
///
/// # Errors
/// Fails if the database does not respond or has no tables.
pub async fn is_empty(db: &Db) -> Result<bool> {
    health::check(db).await?;
    let users = users::list(db, &Search::default(), &PageRequest::first(1)).await?;
    Ok(users.rows.is_empty())
}

async fn check_empty(db: &Db) -> Result<()> {
    ensure!(
        is_empty(db).await?,
        "the database already has users; only an empty database can be seeded (`cargo x dev --reset` creates one)"
    );
    Ok(())
}

const POSTS_PER_CHUNK: u64 = 2_000;
const STATEMENTS_PER_BATCH: usize = 1_000;

/// Inserts bulk data into an empty SQLite database. All processors render posts, one writes them. The full-text index is
/// built at the end, which is much faster than row by row.
///
/// # Errors
/// Fails if the database already has users or rejects a row.
pub fn insert_bulk(
    db: &Db,
    sqlite: &Sqlite,
    size: BulkSize,
    progress: impl Fn(&str),
) -> Result<String> {
    block_on(check_empty(db))?;
    let started = Instant::now();
    sqlite.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; DROP TRIGGER posts_fts_insert;")?;
    let authors = authors(size)?;
    write(db, &authors)?;
    progress(&format!("{} users", authors.len()));
    write_posts(db, size, &progress)?;
    progress("building the full-text index");
    sqlite.script(
        "CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN\n  \
         INSERT INTO posts_fts (rowid, search_text) VALUES (new.search_id, new.search_text);\nEND;\n\
         INSERT INTO posts_fts (posts_fts) VALUES ('rebuild'); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = FULL;",
    )?;
    Ok(format!(
        "{} users, {} posts in {:.0} s",
        size.users,
        size.posts,
        started.elapsed().as_secs_f64()
    ))
}

/// Generates the users, with the number of public posts that each will have.
fn authors(size: BulkSize) -> Result<Vec<User>> {
    let mut counts = vec![0_i64; usize::try_from(size.users)?];
    for n in 0..size.posts {
        let post = example_site::bulk_post(n, size.users);
        if post.published_at.is_some() {
            counts[usize::try_from(post.author)?] += 1;
        }
    }
    let with_count = |(n, post_count): (usize, i64)| {
        let author = example_site::bulk_author(n as u64);
        let row = rows::user(UserInput {
            n: n as u64,
            handle: author.handle,
            email: author.email,
            name: author.name,
            bio: author.bio,
            role: Role::Author,
            created_at: author.created_at,
            is_deleted: author.is_deleted,
        });
        User { post_count, ..row }
    };
    Ok(counts.into_iter().enumerate().map(with_count).collect())
}

fn bulk_post(n: u64, users: u64) -> Post {
    let post = example_site::bulk_post(n, users);
    rows::post(PostInput {
        n,
        author_id: rows::user_id(
            post.author,
            example_site::bulk_author(post.author).created_at,
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
        is_deleted: post.is_deleted,
    })
}

/// Renders on all processors and writes on one, in parallel.
fn write_posts(db: &Db, size: BulkSize, progress: &impl Fn(&str)) -> Result<()> {
    let started = Instant::now();
    let dialect = db.dialect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (send, receive) = sync_channel(4);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let send = send.clone();
            scope.spawn(move || {
                let mut from = worker * POSTS_PER_CHUNK;
                while from < size.posts {
                    let until = (from + POSTS_PER_CHUNK).min(size.posts);
                    let posts: Vec<Post> =
                        (from..until).map(|n| bulk_post(n, size.users)).collect();
                    if send.send((until - from, insert(dialect, &posts))).is_err() {
                        return;
                    }
                    from += workers * POSTS_PER_CHUNK;
                }
            });
        }
        drop(send);
        let (mut written, mut reported) = (0, 0);
        for (count, statements) in receive {
            block_on(db.write(&statements))?;
            written += count;
            if written - reported >= 50_000 {
                reported = written;
                progress(&format!(
                    "{written} of {} posts in {:.0} s",
                    size.posts,
                    started.elapsed().as_secs_f64()
                ));
            }
        }
        Ok(())
    })
}

fn write<T: Insert>(db: &Db, rows: &[T]) -> Result<()> {
    for statements in insert(db.dialect(), rows).chunks(STATEMENTS_PER_BATCH) {
        block_on(db.write(statements))?;
    }
    Ok(())
}
