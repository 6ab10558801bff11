//! Atom (RFC 4287).

use std::io;

use app::AppError;
use db::queries::posts::FeedEntry;
use quick_xml::events::BytesText;
use quick_xml::writer::Writer;

use super::Feed;
use super::xml::legal;

/// The feed as XML.
pub(super) fn render(feed: &Feed<'_>, entries: &[FeedEntry]) -> Result<Vec<u8>, AppError> {
    write(feed, entries).map_err(|error| AppError::internal(&error))
}

fn write(feed: &Feed<'_>, entries: &[FeedEntry]) -> io::Result<Vec<u8>> {
    let own = feed.address(".xml");
    let updated = entries
        .iter()
        .map(FeedEntry::changed_at)
        .max()
        .unwrap_or(feed.since);
    let mut out = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_vec();
    Writer::new(&mut out)
        .create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|xml| {
            text(xml, "title", feed.title)?;
            text(xml, "id", &own)?;
            text(xml, "updated", &updated.rfc3339())?;
            link(xml, "self", "application/atom+xml", &own)?;
            link(xml, "alternate", "text/html", &feed.page())?;
            if let Some(name) = feed.author {
                xml.create_element("author")
                    .write_inner_content(|xml| text(xml, "name", name))?;
            }
            entries.iter().try_for_each(|one| entry(xml, feed, one))
        })?;
    Ok(out)
}

fn entry(xml: &mut Writer<&mut Vec<u8>>, feed: &Feed<'_>, entry: &FeedEntry) -> io::Result<()> {
    let content = feed.content_of(entry).map_err(io::Error::other)?;
    let address = feed.address_of(entry);
    let address = legal(&address);
    let language = app::language::guess(&[&entry.title, &entry.excerpt]);
    let element = xml.create_element("entry");
    element
        .with_attribute(("xml:lang", language))
        .write_inner_content(|xml| {
            text(xml, "title", &entry.title)?;
            text(xml, "id", &format!("urn:uuid:{}", entry.id))?;
            text(xml, "published", &entry.published_at.rfc3339())?;
            text(xml, "updated", &entry.changed_at().rfc3339())?;
            link(xml, "alternate", "text/html", &address)?;
            xml.create_element("author").write_inner_content(|xml| {
                text(xml, "name", &entry.author_name)?;
                text(
                    xml,
                    "uri",
                    &format!("{}/users/{}", feed.origin, entry.author_handle),
                )
            })?;
            text(xml, "summary", &entry.excerpt)?;
            xml.create_element("content")
                .with_attributes([("type", "html"), ("xml:base", &*address)])
                .write_text_content(BytesText::new(&legal(&content)))?;
            Ok(())
        })?;
    Ok(())
}

fn text(xml: &mut Writer<&mut Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(&legal(content)))
        .map(drop)
}

fn link(xml: &mut Writer<&mut Vec<u8>>, rel: &str, kind: &str, href: &str) -> io::Result<()> {
    xml.create_element("link")
        .with_attributes([("rel", rel), ("type", kind), ("href", &legal(href))])
        .write_empty()
        .map(drop)
}
