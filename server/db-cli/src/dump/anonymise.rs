//! Replacing what is personal, by the rule that is declared with each column.
//!
//! A replacement depends on the value and on a key that is drawn for each export and kept nowhere: equal values stay equal,
//! different names stay different, and nobody can find the value by trying. Ids, times, counts and roles stay.

use anyhow::{Result, anyhow};
use db::schema::tables::{Comment, Post, User, comments, posts, users};
use db::schema::{Column, Insert, Personal, Table};
use db::{Cells, FromRow, Value};
use sha2::{Digest, Sha256};

use super::line::hex;
use crate::rows::{NO_PASSWORD, post_words, user_words};

/// Replaces personal values.
pub(super) struct Anonymiser {
    key: [u8; 32],
}

impl Anonymiser {
    /// Draws a key.
    ///
    /// # Errors
    /// Fails if the system gives no random bytes.
    pub(super) fn new() -> Result<Self> {
        let mut key = [0; 32];
        getrandom_04::fill(&mut key).map_err(|error| anyhow!("no random bytes: {error}"))?;
        Ok(Self { key })
    }

    /// True if the rows of a table are left out.
    pub(super) fn leaves_out(table: &Table) -> bool {
        let mut columns = table.columns.iter();
        columns.any(|column| column.personal == Some(Personal::LeaveOut))
    }

    /// Replaces what is personal in a row.
    ///
    /// # Errors
    /// Names a text column that nobody has decided about, or whose derived columns nothing here makes.
    pub(super) fn row(&self, table: &Table, row: Vec<Value>) -> Result<Vec<Value>> {
        let cells = table.columns.iter().zip(row);
        let row: Vec<Value> = cells
            .map(|(column, value)| self.value(column, value))
            .collect();
        derive(table, row)
    }

    fn value(&self, column: &Column, value: Value) -> Value {
        let Value::Text(text) = value else {
            return match (column.personal, value) {
                // Bytes have no letters: nothing of them stays.
                (Some(Personal::Text | Personal::Derived), Value::Bytes(_)) => {
                    Value::Bytes(Vec::new())
                }
                (_, value) => value,
            };
        };
        let Some(personal) = column.personal else {
            return Value::Text(text);
        };
        Value::Text(match personal {
            Personal::Public | Personal::LeaveOut => text,
            Personal::Derived => String::new(),
            Personal::Password => NO_PASSWORD.to_owned(),
            Personal::Email => format!("user-{}@example.invalid", self.digits(column, &text)),
            Personal::Slug => {
                let table = column.table.replace('_', "-");
                format!("{table}-{}", self.digits(column, &text))
            }
            Personal::Url => format!("https://{}.invalid/", self.digits(column, &text)),
            Personal::Name if text.is_empty() => text,
            Personal::Name => format!("Person {}", &self.digits(column, &text)[..8]),
            Personal::Text => self.letters(column, &text),
        })
    }

    fn hash(&self, column: &Column, text: &str, n: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(n.to_le_bytes());
        hash.update(format!("{}.{}\n{text}", column.table, column.name));
        hash.finalize().into()
    }

    /// Sixteen hexadecimal digits.
    fn digits(&self, column: &Column, text: &str) -> String {
        hex(&self.hash(column, text, 0)[..8])
    }

    /// The text with other letters and digits.
    fn letters(&self, column: &Column, text: &str) -> String {
        let blocks = 0_u64..;
        // The text itself is hashed once, whatever its length.
        let seed = hex(&self.hash(column, text, u64::MAX));
        let mut bytes = blocks.flat_map(|n| self.hash(column, &seed, n));
        let mut other =
            |first: u8, count: u8| char::from(first + bytes.next().unwrap_or(0) % count);
        text.chars()
            .map(|character| match character {
                '0'..='9' => other(b'0', 10),
                letter if letter.is_uppercase() => other(b'A', 26),
                letter if letter.is_alphanumeric() => other(b'a', 26),
                mark => mark,
            })
            .collect()
    }
}

/// Makes anew what is made of the columns that were replaced.
fn derive(table: &Table, mut row: Vec<Value>) -> Result<Vec<Value>> {
    let cells = &mut Cells::new(&mut row);
    if table.name == users::TABLE.name {
        let user = User::from_row(cells)?;
        let search_text = user_words(&user.handle, &user.name, &user.bio);
        return Ok(User {
            search_text,
            ..user
        }
        .values());
    }
    if table.name == posts::TABLE.name {
        let post = Post::from_row(cells)?;
        let rendered = markdown::render_post(&post.content);
        let search_text = post_words(&post.title, &post.excerpt, &rendered.text);
        let post = Post {
            content_html: rendered.html,
            reading_minutes: rendered.reading_minutes,
            renderer_version: markdown::RENDERER_VERSION,
            search_text,
            ..post
        };
        return Ok(post.values());
    }
    if table.name == comments::TABLE.name {
        let comment = Comment::from_row(cells)?;
        let body_html = markdown::render_comment(&comment.body);
        return Ok(Comment {
            body_html,
            ..comment
        }
        .values());
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use db::schema::TABLES;
    use db::schema::tables::profile_links;

    use super::*;
    use crate::example_rows;

    /// The declared tables whose derived columns [`derive`] makes.
    const DERIVED: [&str; 3] = ["users", "posts", "comments"];

    #[test]
    fn every_derived_column_is_made_anew() {
        let is_derived = |column: &&Column| column.personal == Some(Personal::Derived);
        let with = TABLES
            .iter()
            .filter(|table| table.columns.iter().any(|one| is_derived(&one)));
        let names: Vec<&str> = with.map(|table| table.name).collect();
        assert_eq!(
            names, DERIVED,
            "`derive` has to make what a new derived column holds"
        );
        let rows = example_rows();
        let samples = [
            (users::TABLE, rows.users[0].values()),
            (posts::TABLE, rows.posts[0].values()),
            (comments::TABLE, rows.comments[0].values()),
        ];
        let anonymiser = Anonymiser { key: [7; 32] };
        for (table, row) in samples {
            let made = anonymiser
                .row(&table, row.clone())
                .map_err(|error| error.to_string());
            let made = made.unwrap_or_default();
            for ((column, before), after) in table.columns.iter().zip(row).zip(made) {
                if is_derived(&column) {
                    assert_ne!(before, after, "{}.{}", table.name, column.name);
                    assert_ne!(
                        after,
                        Value::Text(String::new()),
                        "{}.{}",
                        table.name,
                        column.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_replacement_keeps_its_form_and_tells_names_apart() {
        let anonymiser = Anonymiser { key: [7; 32] };
        let text = |column: Column, text: &str| match anonymiser
            .value(&column, Value::Text(text.to_owned()))
        {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let (ada, bob) = (text(users::handle, "ada"), text(users::handle, "bob"));
        assert_ne!(ada, bob);
        assert_eq!(ada, text(users::handle, "ada"));
        assert!(domain::Handle::parse(&ada).is_ok(), "{ada}");
        assert!(domain::Slug::parse(&text(db::schema::tables::post_slugs::slug, "a")).is_ok());
        assert!(domain::Email::parse(&text(users::email, "ada@site.example")).is_ok());
        assert_eq!(text(users::password_hash, "$argon2id$…"), NO_PASSWORD);
        let url = text(profile_links::url, "https://ada.example/about");
        assert!(
            url.starts_with("https://") && url.ends_with(".invalid/"),
            "{url}"
        );
        assert_ne!(url, text(profile_links::url, "https://bob.example/about"));
        let body = text(posts::content, "# Ada, 36\n\n* [Ü](x) 夜 😀");
        let form: String = body
            .chars()
            .map(|c| match c {
                '0'..='9' => '9',
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                other => other,
            })
            .collect();
        assert_eq!(form, "# Aaa, 99\n\n* [A](a) a 😀");
        assert_ne!(body, "# Ada, 36\n\n* [Ü](x) 夜 😀");
        let other = Anonymiser { key: [8; 32] };
        assert_ne!(
            other.digits(&users::handle, "ada"),
            anonymiser.digits(&users::handle, "ada")
        );
    }
}
