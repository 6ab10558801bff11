//! Who said what under which post: the comments, taken from a bank by topic and language.

use std::collections::HashMap;

use crate::bank::sections;
use crate::calendar::{DAY, MINUTE, midnight};
use crate::handwritten::Piece;
use crate::terms::Terms;
use crate::{Author, Comment, Status, dice};

/// Nothing is said after this.
const END: i64 = midnight(2026, 11, 1);
/// Posts that everybody talks about.
const FAVOURITES: [&str; 3] = [
    "why-sanitising-matters",
    "how-to-read-a-waymark",
    "one-hundred-loaves",
];

/// Comments by topic, by language, and under `general`.
type Bank = HashMap<&'static str, Vec<&'static str>>;

/// Comments on the published ones of `pieces`, in their order.
pub(crate) fn comments(pieces: &[Piece], authors: &[Author]) -> Vec<Comment> {
    let (bank, terms) = (bank(), Terms::of(pieces));
    let mut comments = Vec::new();
    for (place, Piece { post, voice }) in pieces.iter().enumerate() {
        if let (Status::Published, Some(published_at), true) =
            (post.status, post.published_at, post.comments_open)
        {
            let (fits, bodies) = choose(place, voice, &bank, &terms);
            let bodies = bodies
                .into_iter()
                .take(wanted(place as u64, &post.slug, fits));
            discuss(
                (place, post.author),
                published_at,
                bodies,
                authors,
                &mut comments,
            );
        }
    }
    comments
}

fn bank() -> Bank {
    let mut bank = Bank::new();
    for (voice, text) in sections(include_str!("../bank/comments.txt")) {
        bank.entry(voice)
            .or_default()
            .extend(text.split("\n--\n").map(str::trim));
    }
    bank
}

/// What may be said about a post, in an order of its own: mostly first what fits it, then what fits anything; and how
/// many of these fit it.
fn choose(post: usize, voice: &str, bank: &Bank, terms: &Terms) -> (usize, Vec<&'static str>) {
    let find = |voice| bank.get(voice).into_iter().flatten().copied();
    let order = |body: &str| dice::scramble(dice::number(body) ^ dice::scramble(post as u64));
    let own = find(voice)
        .filter(|body| terms.fit(post, body))
        .map(|body| (order(body) / 8, body));
    let mut bodies: Vec<_> = own.collect();
    let fits = bodies.len();
    // A post in another language is discussed in that language: codes have two letters, topics more.
    bodies.extend(
        find("general")
            .filter(|_| voice.len() > 2)
            .map(|body| (order(body), body)),
    );
    bodies.sort_unstable();
    (fits, bodies.into_iter().map(|(_, body)| body).collect())
}

fn discuss(
    (post, writer): (usize, usize),
    published_at: i64,
    bodies: impl Iterator<Item = &'static str>,
    authors: &[Author],
    comments: &mut Vec<Comment>,
) {
    let mut moment = published_at;
    for (n, body) in bodies.enumerate() {
        let seed = (post * 64 + n) as u64;
        // The first answers come within the hour, later ones within days.
        moment += 4 * MINUTE
            + dice::below(22, seed, (n as u64 + 1) * DAY.unsigned_abs() / 7).cast_signed();
        let present = |author: &usize| *author != writer && authors[*author].created_at < moment;
        let present: Vec<usize> = (0..authors.len()).filter(present).collect();
        if moment >= END || present.is_empty() {
            return;
        }
        let author = present[dice::below(23, seed, present.len() as u64) as usize];
        let deleted = dice::below(24, seed, 45) == 0;
        comments.push(Comment {
            post,
            author,
            body: body.into(),
            created_at: moment,
            deleted,
        });
    }
}

/// How many comments a post draws: often none, rarely many, more where there is something to say.
fn wanted(post: u64, slug: &str, fits: usize) -> usize {
    if FAVOURITES.contains(&slug) {
        return 30;
    }
    let few = dice::below(20, post, 5) as usize;
    match dice::below(21, post, 100) {
        0..32 => 0,
        32..74 => fits.min(2),
        74..89 => 1 + fits.min(2),
        89..98 => 1 + few / 2 + fits.min(5),
        _ => 11 + few,
    }
}
