//! The archive of somebody's data: every row as JSON, and their posts as Markdown. Owns its form; the rows are those of
//! `personal_data`.

use std::fmt::Write as _;

use app::site;
use db::Value;
use db::queries::personal_data::OwnRows;
use db::schema::Column;
use db::schema::tables::posts;
use domain::{Slug, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::zip::Zip;

/// Writes the archive.
pub(super) fn archive(origin: &str, own: &[OwnRows], at: Timestamp) -> serde_json::Result<Vec<u8>> {
    let mut zip = Zip::new(at);
    zip.add("README.txt", readme(origin, at).as_bytes());
    zip.add("data.json", &serde_json::to_vec_pretty(&Tables(own))?);
    for table in own.iter().filter(|all| all.table == posts::TABLE.name) {
        for row in &table.rows {
            let (name, text) = post(table, row);
            zip.add(&name, text.as_bytes());
        }
    }
    Ok(zip.finish())
}

fn readme(origin: &str, at: Timestamp) -> String {
    format!(
        "Your data on {}, {origin}, as it was on {}.\n\n\
         data.json   What the site has stored about you, a list for each table. Times are UTC, bytes are hexadecimal.\n\
         posts/      Your posts as you wrote them, in Markdown, each with its facts in YAML before the text.\n\n\
         Not in here: your password, of which only a hash is stored; the hashes of sessions, tokens, codes and passkeys,\n\
         which are secrets; and what is made of other data, such as the HTML of posts.\n",
        site::NAME,
        at.day()
    )
}

/// The name and the text of a post's file.
fn post(table: &OwnRows, row: &[Value]) -> (String, String) {
    const FACTS: [Column; 8] = [
        posts::title,
        posts::slug,
        posts::excerpt,
        posts::status,
        posts::published_at,
        posts::created_at,
        posts::updated_at,
        posts::deleted_at,
    ];
    let mut text = "---\n".to_owned();
    for column in FACTS {
        match table.value(row, column) {
            Value::Null => {}
            value => {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{}: {}", column.name, yaml(value));
            }
        }
    }
    text.push_str("---\n\n");
    if let Value::Text(content) = table.value(row, posts::content) {
        text.push_str(content);
    }
    let name = match (table.value(row, posts::slug), table.value(row, posts::id)) {
        (Value::Text(slug), _) if Slug::parse(slug).is_ok() => slug.clone(),
        // A name leads into the archive alone.
        (_, Value::Uuid(id)) => id.to_string(),
        _ => "post".to_owned(),
    };
    (format!("posts/{name}.md"), text)
}

/// A value in YAML 1.2, of which JSON is a part, but for characters that are not printable.
fn yaml(value: &Value) -> String {
    let json = serde_json::to_string(&Cell(value)).unwrap_or_default();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_control() {
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text
}

/// All tables: an object of lists.
struct Tables<'a>(&'a [OwnRows]);

impl Serialize for Tables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|table| (table.table, Table(table))))
    }
}

/// A table: a list of objects.
struct Table<'a>(&'a OwnRows);

impl Serialize for Table<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows.iter().map(|row| Row(&self.0.columns, row)))
    }
}

struct Row<'a>(&'a [Column], &'a [Value]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(column.name, &Cell(value))?;
        }
        map.end()
    }
}

struct Cell<'a>(&'a Value);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_none(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                serializer.serialize_str(&hex)
            }
            Value::Uuid(id) => serializer.collect_str(id),
            Value::Time(time) => time.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(slug: &str, title: &str, content: &str) -> (String, String) {
        let text = |text: &str| Value::Text(text.to_owned());
        let table = OwnRows {
            table: posts::TABLE.name,
            columns: vec![posts::id, posts::title, posts::slug, posts::content],
            rows: Vec::new(),
        };
        let id = Value::Uuid(uuid::Uuid::from_u128(7));
        post(&table, &[id, text(title), text(slug), text(content)])
    }

    #[test]
    fn a_posts_file_has_its_facts_before_its_text() {
        let (name, text) = one("a-post", "A \"post\": it's\n---\u{85}", "# One\n\n---\n");
        assert_eq!(name, "posts/a-post.md");
        assert_eq!(
            text,
            "---\ntitle: \"A \\\"post\\\": it's\\n---\\u0085\"\nslug: \"a-post\"\n---\n\n# One\n\n---\n"
        );
    }

    #[test]
    fn no_name_leads_out_of_the_archive() {
        for slug in ["../../etc/passwd", "/a", "a/b", "C:\\a", "a.b", "", "."] {
            let (name, _) = one(slug, "A post", "");
            assert_eq!(
                name, "posts/00000000-0000-0000-0000-000000000007.md",
                "{slug}"
            );
        }
    }
}
