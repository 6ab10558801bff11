//! Properties of the texts: length, variety, complete features.

use std::collections::{HashMap, HashSet};

use super::{handwritten, short_posts, visible};
use crate::example_site;
use crate::topics::TOPICS;

#[test]
fn every_topic_is_complete() {
    assert!(TOPICS.len() >= 12);
    for topic in TOPICS.iter() {
        let name = topic.name;
        assert_eq!(
            (
                topic.openings.len(),
                topic.middles.len(),
                topic.endings.len()
            ),
            (6, 6, 6),
            "{name}"
        );
        assert!(
            topic
                .openings
                .iter()
                .all(|opening| opening.titles.len() == 4),
            "{name}"
        );
    }
}

#[test]
fn no_two_short_posts_share_two_paragraphs() {
    let site = example_site();
    let mut seen: HashMap<[&str; 2], &str> = HashMap::new();
    for short_post in short_posts(&site) {
        let topic = TOPICS.iter().find(|topic| {
            topic
                .openings
                .iter()
                .any(|o| short_post.content.starts_with(o.text))
        });
        let topic = topic.unwrap_or_else(|| panic!("{} has no opening", short_post.slug));
        let parts = |bank: &[&'static str]| {
            bank.iter()
                .copied()
                .find(|part| short_post.content.contains(part))
                .unwrap_or_default()
        };
        let opening = topic
            .openings
            .iter()
            .find(|o| short_post.content.starts_with(o.text))
            .map_or("", |o| o.text);
        let (middle, ending) = (parts(&topic.middles), parts(&topic.endings));
        assert_eq!(short_post.content, [opening, middle, ending].join("\n\n"));
        for pair in [[opening, middle], [opening, ending], [middle, ending]] {
            assert_eq!(
                seen.insert(pair, &short_post.slug),
                None,
                "{}",
                short_post.slug
            );
        }
    }
}

#[test]
fn lengths_are_within_limits() {
    let site = example_site();
    // Scripts without spaces between words are counted by characters, two to a word.
    let words = |text: &str| {
        text.split_whitespace()
            .map(|word| 1 + word.chars().filter(|c| *c >= '\u{3000}').count() / 2)
            .sum::<usize>()
    };
    for post in handwritten(&site) {
        assert!(
            (80..=1000).contains(&words(&post.content)),
            "{}: {} words",
            post.slug,
            words(&post.content)
        );
    }
    for short_post in short_posts(&site) {
        assert!(
            (60..=250).contains(&words(&short_post.content)),
            "{}: {} words",
            short_post.slug,
            words(&short_post.content)
        );
    }
    for post in &site.posts {
        let excerpt = post.excerpt.chars().count();
        assert!(
            (18..=220).contains(&excerpt),
            "{}: {}",
            post.slug,
            post.excerpt
        );
        assert!(
            !post.excerpt.contains(['<', '*', '`', '\n']) && !post.excerpt.ends_with(':'),
            "{}",
            post.excerpt
        );
    }
    for comment in &site.comments {
        assert!((1..=2000).contains(&comment.body.chars().count()));
    }
}

#[test]
fn many_scripts_and_languages_are_present() {
    let site = example_site();
    let texts: Vec<&str> = visible(&site).map(|post| post.content.as_str()).collect();
    let written_in = |range: std::ops::RangeInclusive<char>| {
        texts
            .iter()
            .filter(|text| text.chars().filter(|c| range.contains(c)).count() > 100)
            .count()
    };
    for (script, range) in [
        ("Cyrillic", '\u{400}'..='\u{4ff}'),
        ("Arabic", '\u{600}'..='\u{6ff}'),
        ("kana", '\u{3040}'..='\u{30ff}'),
        ("hangul", '\u{ac00}'..='\u{d7a3}'),
    ] {
        assert!(written_in(range) >= 3, "{script}");
    }
    let is_kana = |c: char| ('\u{3040}'..='\u{30ff}').contains(&c);
    let is_han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    let chinese = texts
        .iter()
        .filter(|text| text.chars().filter(is_han).count() > 100 && !text.contains(is_kana));
    assert!(chinese.count() >= 3, "Chinese");
    for (language, words) in [
        ("German", [" und ", " die "]),
        ("French", [" est ", " une "]),
        ("Spanish", [" el ", " que "]),
    ] {
        assert!(
            texts
                .iter()
                .filter(|text| words.iter().all(|word| text.contains(word)))
                .count()
                >= 3,
            "{language}"
        );
    }
    assert!(
        texts
            .iter()
            .filter(|text| text.contains(|c: char| c >= '\u{1f300}'))
            .count()
            >= 3,
        "emoji"
    );
}

#[test]
fn every_feature_of_markdown_is_used() {
    let site = example_site();
    let all: String = visible(&site)
        .map(|post| post.content.as_str())
        .collect::<Vec<_>>()
        .join("\n\n");
    for feature in [
        "\n## ",
        "\n### ",
        "\n- ",
        "\n1. ",
        "\n  - ",
        "- [x] ",
        "- [ ] ",
        "\n> ",
        "\n> > ",
        "| --- |",
        "~~",
        "[^",
        "\n[^",
        "\n---\n",
        "`",
        "](/posts/",
        "](https://",
        "```rust\n",
        "```sql\n",
        "```js\n",
        "```bash\n",
        "```css\n",
        "```html\n",
        "```json\n",
        "```toml\n",
        "```python\n",
        "<script>",
        "onerror=",
        "](javascript:",
    ] {
        assert!(all.contains(feature), "{feature:?}");
    }
    assert!(
        all.split_whitespace().any(|word| word.chars().count() > 60),
        "a long word"
    );
    assert!(
        visible(&site).any(|post| post.title.chars().count() > 180),
        "a long title"
    );
    for name in [
        "harbour",
        "map",
        "bread",
        "loom",
        "night-train",
        "telescope",
        "garden",
        "letterpress",
    ] {
        assert!(
            all.contains(&format!("](/media/{name}.svg#1200x800")),
            "{name}"
        );
    }
    assert!(!all.contains("![]("), "an image without alternative text");
    assert!(!all.to_lowercase().contains("lorem ipsum"));
}

#[test]
fn internal_links_have_targets() {
    let site = example_site();
    let slugs: HashSet<&str> = visible(&site).map(|post| post.slug.as_str()).collect();
    for post in &site.posts {
        for link in post
            .content
            .split("](/posts/")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            assert!(slugs.contains(link), "{} links to {link}", post.slug);
        }
    }
}

#[test]
fn every_file_is_included() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/posts");
    let files = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| file.file_name());
    let mut files: Vec<String> = files
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".md")?.to_owned()))
        .collect();
    files.sort();
    let listed: Vec<String> = handwritten(&example_site())
        .iter()
        .map(|post| post.slug.clone())
        .collect();
    assert_eq!(
        files, listed,
        "the list in handwritten.rs is the folder, sorted"
    );
}
