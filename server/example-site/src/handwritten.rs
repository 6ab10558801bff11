//! The hand-written posts in `posts/`: front matter of `key: value` lines, then Markdown. The file name is the slug.

use crate::calendar::{self, DAY, HOUR};
use crate::{Post, Status, authors, random};

macro_rules! include_posts {
    ($($slug:literal),* $(,)?) => { &[$(($slug, include_str!(concat!("../posts/", $slug, ".md")))),*] };
}

/// Slug and text of every file, sorted by slug. Posts are referred to by index, so the order matters.
const FILES: &[(&str, &str)] = include_posts![
    "a-catalogue-of-smells",
    "a-field-guide-to-ampersands",
    "a-letter-to-my-oven",
    "a-map-of-quiet",
    "a-million-rows-on-a-kitchen-table",
    "a-quarrel-about-apostrophes",
    "a-rest-is-also-played",
    "a-shell-script-i-trust",
    "a-slug-is-a-promise",
    "a-swift-brick-is-not-a-brick",
    "a-timetable-is-a-poem",
    "a-year-for-bees",
    "al-khara-it-al-latifa",
    "ame-no-hi-no-henkyaku-bako",
    "blisters",
    "borrowing-explained-with-library-books",
    "build-a-crystal-set",
    "chai-v-podstakannike",
    "configuration-you-can-read",
    "crossing-the-road",
    "css-that-ages-well",
    "dan-pa-ra-di-o-ui-bam",
    "die-schublade-mit-den-schrauben",
    "domati-i-tarpenie",
    "el-patio-que-responde",
    "eloge-de-la-petite-voile",
    "error-messages-i-have-kept",
    "everything-markdown-can-do-here",
    "first-light",
    "flatbread-for-twelve",
    "gochin-usan",
    "golmok-jeongwon",
    "guan-xing-bi-ji",
    "half-a-boat",
    "hello-from-a-hilltop",
    "how-a-bicycle-taught-me-to-read-drawings",
    "how-far-is-the-moon-in-loaves",
    "how-to-read-a-waymark",
    "how-to-scull-with-one-oar",
    "im-liegewagen-nach-sueden",
    "in-which-the-author-sets-out-for-the-post-office",
    "instrucciones-para-una-sobremesa",
    "islands-of-script",
    "kalimat-la-tusafir",
    "katsuji-wo-hirou",
    "khlib-na-kapustianomu-lysti",
    "kleine-rede-an-einen-wecker",
    "la-maree-de-cinq-heures",
    "le-cafe-avant-la-ville",
    "leleky-na-stovpi",
    "los-pajaros-del-mercado",
    "lost-property",
    "maktabat-al-hayy",
    "notes-from-a-lock-keeper",
    "notes-on-justification",
    "on-carrying-other-peoples-letters",
    "one-hundred-loaves",
    "packing-for-a-weekend-under-sail",
    "paging-without-counting",
    "pismo-s-polustanka",
    "rules-of-the-seed-swap",
    "semena-v-kibritena-kutiya",
    "setting-a-page-by-hand",
    "shan-xia-de-tu-shu-guan",
    "sleeping-sitting-up",
    "sound-signals-in-fog",
    "sourdough-arithmetic",
    "stiles-i-have-known",
    "the-2143-to-the-coast",
    "the-accordion-in-the-stairwell",
    "the-bench-commission",
    "the-comet-we-were-promised",
    "the-cuckoo-ledger",
    "the-drowned-bell",
    "the-eclipse-from-a-bus",
    "the-fig-that-came-over-the-wall",
    "the-grammar-of-thank-you",
    "the-harbour-in-february",
    "the-house-style-in-nine-lines",
    "the-ladder",
    "the-last-cinema-organ",
    "the-length-of-a-line",
    "the-map-in-the-drawer",
    "the-numbers-on-the-dial",
    "the-repair-cafe-handbook",
    "the-sewing-machine-from-1951",
    "things-that-cannot-be-mended",
    "time-is-a-data-type",
    "translating-a-menu",
    "tuning-the-village-piano",
    "weaving-the-sky",
    "welcome",
    "what-i-would-ask-the-sea",
    "what-the-frost-took",
    "what-words-does-my-diary-use",
    "why-sanitising-matters",
    "words-that-will-not-fit",
    "xiu-yi-ben-jiu-shu",
    "yoru-no-eki-no-soba",
];

/// A post with the key of its comments.
pub(crate) struct ThemedPost {
    pub(crate) post: Post,
    /// Topic name, or a language code if the post is not in English.
    pub(crate) theme: &'static str,
}

/// Parses all hand-written posts, in the order of the list.
pub(crate) fn posts() -> Vec<ThemedPost> {
    FILES.iter().map(|(slug, text)| parse(slug, text)).collect()
}

fn parse(slug: &'static str, text: &'static str) -> ThemedPost {
    let (head, content) = text
        .strip_prefix("---\n")
        .and_then(|text| text.split_once("\n---\n"))
        .unwrap_or_else(|| panic!("posts/{slug}.md has no front matter"));
    let find = |key: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(k, v)| (k == key).then_some(v))
    };
    let required = |key: &str| find(key).unwrap_or_else(|| panic!("posts/{slug}.md: no {key}"));

    let seed = random::hash(slug);
    let date =
        calendar::parse(required("date")).unwrap_or_else(|| panic!("posts/{slug}.md: bad date"));
    let timestamp = date + random::below(1, seed, 60_000).cast_signed();
    let status = match find("status") {
        None => Status::Published,
        Some("draft") => Status::Draft,
        Some("scheduled") => Status::Scheduled,
        Some("archived") => Status::Archived,
        Some(other) => panic!("posts/{slug}.md: unknown status {other}"),
    };
    let (created_at, published_at) = match status {
        Status::Draft => (timestamp, None),
        Status::Scheduled => (
            calendar::midnight(2026, 10, 20)
                + random::below(2, seed, 9 * DAY.unsigned_abs()).cast_signed(),
            Some(timestamp),
        ),
        Status::Published | Status::Archived => (
            timestamp - HOUR - random::below(3, seed, 6 * DAY.unsigned_abs()).cast_signed(),
            Some(timestamp),
        ),
    };
    let post = Post {
        author: authors::index_of(required("author")),
        title: required("title").into(),
        slug: slug.into(),
        excerpt: required("excerpt").into(),
        content: content.trim().into(),
        status,
        comments_open: find("comments") != Some("closed"),
        published_at,
        created_at,
        is_deleted: find("deleted") == Some("yes"),
        earlier_slugs: find("earlier")
            .map(|slugs| slugs.split(", ").map(String::from).collect())
            .unwrap_or_default(),
    };
    ThemedPost {
        post,
        theme: required("voice"),
    }
}
