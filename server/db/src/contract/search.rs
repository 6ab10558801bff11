//! Searches find the same on every engine, in every script.

use std::collections::HashSet;
use std::time::Duration;

use domain::{PageRequest, PostStatus, Search, Timestamp};

use super::Clients;
use super::support::{CaseResult, equal, message};
use super::written::{Written, post};
use crate::queries::posts;
use crate::schema::tables::Post;
use crate::time;
use crate::{Db, Dialect};

/// Checks again, a moment later, what InnoDB may not find yet: it writes large texts to its index after the commit, and
/// meanwhile other rows of the table may be missing in it, too.
macro_rules! given_time {
    ($db:ident, $check:expr) => {{
        if $db.dialect() == Dialect::MySql {
            for _ in 0..20 {
                if $check.is_ok() {
                    return Ok(());
                }
                time::sleep(Duration::from_millis(500)).await;
            }
        }
        $check
    }};
}

/// The word that all texts of these cases have, and no others.
const MARKER: &str = "searchcase";

/// Posts of these texts, each with the marker.
fn posts_of(texts: &[String]) -> Vec<Post> {
    let numbered = texts.iter().enumerate();
    numbered
        .map(|(n, text)| Post {
            search_text: Search::index(&format!("{MARKER} {text}")),
            ..post(&n.to_string())
        })
        .collect()
}

/// The numbers of the texts that `typed` finds.
async fn found(db: &Db, typed: &str) -> Result<Vec<usize>, String> {
    let search = Search::parse(&format!("{MARKER} {typed}"));
    let page = posts::list(db, &search, &PageRequest::first(100)).await;
    let rows = page.map_err(message)?.rows.into_iter();
    let mut numbers: Vec<usize> = rows.filter_map(|post| post.title.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

async fn check(db: &Db, texts: &[String], searches: &[(&str, &[usize])]) -> CaseResult {
    let written = Written::write(db, posts_of(texts)).await?;
    let checked = async {
        for (typed, expected) in searches {
            let numbers = found(db, typed).await?;
            equal(&numbers.as_slice(), expected).map_err(|why| format!("{typed}: {why}"))?;
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}

pub(super) async fn words_of_every_script_are_told_apart(db: &Db, _: &Clients) -> CaseResult {
    let texts = [
        "दिन",
        "दान",
        "दीन", // 0
        "দিন",
        "দান", // 3
        "ข้าวสวย",
        "ขาว",
        "สวยข้าว", // 5
        "தமிழ்நாடு",
        "தமிழர்", // 8
        "Tiếng Việt được",
        "Łódź, Ørsted",
        "Αθήνα", // 10
        "Straße",
        "İstanbul",
        "ночной поезд", // 13
        "مُحَمَّد",
        "한국어",
        "夜の列車に乗る", // 16
        "列夜の車",
        "Tie\u{302}\u{301}ng",
        "ADLAM 𞤀𞤣𞤤𞤢𞤥", // 19
        "C++ and C#",
        "1e5 0x1f 2.5",
        "O'Neill's e-mail", // 22
    ];
    let searches: &[(&str, &[usize])] = &[
        ("दिन", &[0]),
        ("दान", &[1]),
        ("दीन", &[2]),
        ("দিন", &[3]),
        ("দান", &[4]),
        ("ข้าว", &[5, 7]),
        ("ขาว", &[6]),
        ("ข", &[5, 6, 7]),
        ("สวยข", &[7]),
        ("தமிழ்", &[8]),
        ("தமிழ", &[8, 9]),
        ("tieng viet duoc", &[10]),
        ("tiếng", &[10, 20]),
        ("TIENG", &[10, 20]),
        ("lodz orsted", &[11]),
        ("łódź", &[11]),
        ("αθηνα", &[12]),
        ("ΑΘΗΝΑ", &[12]),
        ("strasse", &[13]),
        ("STRAẞE", &[13]),
        ("istanbul", &[14]),
        ("ıstanbul", &[14]),
        ("ПОЕЗД", &[15]),
        ("поез", &[15]),
        ("поезда", &[]),
        ("محمد", &[16]),
        ("한국", &[17]),
        ("\u{1112}\u{1161}\u{11ab}국어", &[17]),
        ("夜の列車", &[18]),
        ("列車", &[18]),
        ("車", &[18, 19]),
        ("列", &[18, 19]),
        ("夜 列 night", &[]),
        ("の車", &[19]),
        ("𞤀𞤣", &[21]),
        ("adlam", &[21]),
        ("c", &[22]),
        ("1e5", &[23]),
        ("0x", &[23]),
        ("2 5", &[23]),
        ("neill e mail", &[24]),
        ("an", &[22]),
    ];
    check(db, &texts.map(str::to_owned), searches).await
}

/// PostgreSQL keeps 256 places of a word, none beyond the 16,383rd.
pub(super) async fn a_phrase_is_found_in_a_long_text(db: &Db, _: &Clients) -> CaseResult {
    let texts = [
        format!("{}夜の列車に乗る", "のa ".repeat(300)),
        format!("{}夜の列車に乗る", "車の夜列 ".repeat(300)),
        format!("{}夜の列車に乗る", "word ".repeat(17_000)),
        format!("{} last", "word ".repeat(20_000)),
        format!("夜の {} の列 列車", "の夜 ".repeat(300)),
    ];
    let searches: &[(&str, &[usize])] = &[
        ("夜の列車", &[0, 1, 2]),
        ("夜の列車に乗る", &[0, 1, 2]),
        ("列車", &[0, 1, 2, 4]),
        ("車の夜列", &[1]),
        ("last", &[3]),
        ("乗る word", &[2]),
    ];
    check(db, &texts, searches).await
}

/// Such texts are stored, and found by their first words.
pub(super) async fn texts_too_large_for_an_index_are_found(db: &Db, _: &Clients) -> CaseResult {
    let numbered =
        |word: &str, count: u32| -> String { (0..count).map(|n| format!("{word}{n} ")).collect() };
    let two = char::from_u32(0x4E00)
        .into_iter()
        .chain('\u{4E01}'..'\u{9000}');
    let texts = [
        format!("first {}", numbered("word", 120_000)),
        format!("long {} after", "x".repeat(5_000)),
        format!("first {}", numbered("слово", 60_000)),
        two.collect(),
    ];
    let long = "x".repeat(90);
    let searches: &[(&str, &[usize])] = &[
        ("first", &[0, 2]),
        ("word777", &[0]),
        ("слово777", &[2]),
        ("after", &[1]),
        ("xxxx", &[1]),
        (&long, &[1]),
        ("一丁丂", &[3]),
    ];
    given_time!(db, check(db, &texts, searches).await)
}

pub(super) async fn a_search_of_signs_finds_nothing(db: &Db, _: &Clients) -> CaseResult {
    let written = Written::write(db, posts_of(&["🍕 !!! pizza".to_owned()])).await?;
    let page = PageRequest::first(5);
    let checked = async {
        for typed in ["🍕", "!!!", "\"", "*", "¿?", "\u{301}", "-- ;", "™"] {
            let found = posts::list(db, &Search::parse(typed), &page)
                .await
                .map_err(message)?;
            equal(&found.rows.len(), &0).map_err(|why| format!("{typed}: {why}"))?;
            let users = crate::queries::users::list(db, &Search::parse(typed), &page).await;
            equal(&users.map_err(message)?.rows.len(), &0)?;
        }
        for typed in ["", " ", "\u{202e}\t"] {
            let found = posts::list(db, &Search::parse(typed), &page)
                .await
                .map_err(message)?;
            if found.rows.is_empty() {
                return Err(format!("{typed:?} finds nothing"));
            }
        }
        equal(&self::found(db, "🍕 pizza !!!").await?, &vec![0])?;
        equal(&self::found(db, "pizza\tsearchcase").await?, &vec![0])
    }
    .await;
    written.delete().await?;
    checked
}

/// A result says why it is one, and how many there are.
pub(super) async fn a_search_is_counted_and_shows_where_it_matched(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    given_time!(db, counted_and_shown(db).await)
}

async fn counted_and_shown(db: &Db) -> CaseResult {
    let filler = "<p>Nothing here &amp; there.</p>".repeat(50);
    let content = format!(
        "{filler}<p>The <em>Nacht</em>zug, das <a href=\"/x?a>b\">夜の列車</a> &lt;ab&gt;.</p>{filler}"
    );
    let mut all = posts_of(&vec!["Nachtzug 夜の列車".to_owned(); 12]);
    for post in &mut all {
        post.content_html.clone_from(&content);
    }
    all[0].excerpt = "Der Nachtzug".to_owned();
    let written = Written::write(db, all).await?;
    let checked = async {
        let list = async |typed: &str, page: &PageRequest| {
            let search = Search::parse(&format!("{MARKER} {typed}"));
            posts::list(db, &search, page).await.map_err(message)
        };
        let first = list("nachtzug", &PageRequest::first(5)).await?;
        equal(&(first.rows.len(), first.total), &(5, Some(12)))?;
        let further = PageRequest {
            limit: 5,
            cursor: first.older,
        };
        equal(&list("nachtzug", &further).await?.total, &Some(12))?;
        equal(&list("nothing", &further).await?.total, &Some(0))?;
        equal(
            &posts::list(db, &Search::default(), &further)
                .await
                .map_err(message)?
                .total,
            &None,
        )?;
        let every = list("夜の列", &PageRequest::first(20)).await?;
        for post in every.rows {
            let snippet = post.snippet.unwrap_or_default();
            if !snippet.contains("The Nachtzug, das 夜の列車 <ab>.")
                || snippet.chars().count() > 170
            {
                return Err(format!("{} has the snippet {snippet:?}", post.title));
            }
        }
        let train = list("nachtzug", &PageRequest::first(20)).await?;
        let shown = train.rows.iter().filter(|post| post.snippet.is_none());
        equal(&shown.map(|post| post.title.as_str()).collect(), &vec!["0"])
    }
    .await;
    written.delete().await?;
    checked
}

/// Posts that readers do not see take no place of those that they see: these are all listed and counted, up to the number
/// beyond which a search says "more than".
pub(super) async fn a_search_counts_what_readers_see(db: &Db, _: &Clients) -> CaseResult {
    given_time!(db, seen_and_counted(db).await)
}

async fn seen_and_counted(db: &Db) -> CaseResult {
    const SEEN: usize = 600;
    let mut texts = vec!["manymatches".to_owned(); SEEN];
    texts.extend(vec![
        "manymatches notseen".to_owned();
        Search::MAX_COUNTED + 1
    ]);
    let mut all = posts_of(&texts);
    for (n, post) in all.iter_mut().enumerate().skip(SEEN) {
        match n % 3 {
            0 => post.status = PostStatus::Draft,
            1 => post.deleted_at = post.published_at,
            _ => post.published_at = Some(Timestamp::from_millis(4_000_000_000_000)),
        }
    }
    let written = Written::write(db, all).await?;
    let more = posts_of(&vec![
        "manymatches".to_owned();
        Search::MAX_COUNTED + 1 - SEEN
    ]);
    let (more, last) = more.split_at(more.len() - 1);
    let checked = async {
        let list = async |typed: &str, page: &PageRequest| {
            let search = Search::parse(&format!("{MARKER} {typed}"));
            posts::list(db, &search, page).await.map_err(message)
        };
        let (mut page, mut seen) = (PageRequest::first(100), HashSet::new());
        loop {
            let found = list("manymatches", &page).await?;
            equal(&found.total, &Some(SEEN as u32))?;
            seen.extend(found.rows.iter().map(|post| post.id.0));
            page.cursor = found.older;
            if found.older.is_none() {
                break;
            }
        }
        equal(&seen.len(), &SEEN)?;
        equal(
            &list("notseen", &PageRequest::first(1)).await?.total,
            &Some(0),
        )?;
        for (more, total) in [(more, Search::MAX_COUNTED), (last, Search::MAX_COUNTED + 1)] {
            written.add(more).await?;
            let found = list("manymatches", &PageRequest::first(100)).await?;
            equal(&(found.rows.len(), found.total), &(100, Some(total as u32)))?;
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}

/// Whatever is typed is a search that each engine can read, and finds the text that it is taken from.
pub(super) async fn any_search_is_answered(db: &Db, _: &Clients) -> CaseResult {
    const ALPHABET: [&str; 30] = [
        "a", "B", "z", "q", "1", "e", " ", " ", "'", "\"", "*", "\\", "-", "+", "(", "&", "|", ":",
        "<", "%", "é", "ß", "夜", "の", "列", "ข้", "า", "दि", "🍕", "\u{301}",
    ];
    // xorshift64 (Marsaglia, 2003), so that every run is the same.
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap_or(0) % below
    };
    let mut typed = Vec::new();
    for _ in 0..60 {
        let length = 1 + next(12);
        typed.push(
            (0..length)
                .map(|_| ALPHABET[next(ALPHABET.len())])
                .collect::<String>(),
        );
    }
    let written = Written::write(db, posts_of(&typed)).await?;
    let checked = async {
        for (n, typed) in typed.iter().enumerate() {
            let numbers = found(db, typed)
                .await
                .map_err(|why| format!("{typed:?}: {why}"))?;
            if !numbers.contains(&n) {
                return Err(format!("{typed:?} does not find itself"));
            }
        }
        Ok(())
    }
    .await;
    written.delete().await?;
    checked
}
