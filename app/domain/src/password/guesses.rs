//! The parts of a password that somebody guesses: common words, rows of keys, years, repetitions, and given names.
//!
//! The words are our own compilation of what every published list of the most frequent passwords has in common. As a password has
//! ten characters or more, these stand in it with something before or behind them: what counts is how much is left without them.

/// The fewest characters beside what is guessed.
const MIN_UNKNOWN: usize = 6;

/// The characters of a password that are looked at; they suffice.
const MAX_CHARACTERS: usize = 256;

/// Words that stand in frequent passwords, in small letters, in the order of the alphabet.
const WORDS: &[&str] = &[
    "abc",
    "access",
    "admin",
    "administrator",
    "alexander",
    "amanda",
    "andrea",
    "andrew",
    "angel",
    "anthony",
    "apple",
    "arsenal",
    "ashley",
    "austin",
    "bailey",
    "banana",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "battery",
    "benjamin",
    "biteme",
    "blink",
    "buster",
    "butterfly",
    "camaro",
    "carlos",
    "changeme",
    "charlie",
    "chelsea",
    "chocolate",
    "computer",
    "cookie",
    "correct",
    "corvette",
    "cowboy",
    "dallas",
    "daniel",
    "default",
    "demo",
    "diamond",
    "dragon",
    "eagles",
    "elephant",
    "fender",
    "ferrari",
    "flower",
    "football",
    "forever",
    "freedom",
    "friend",
    "fuckme",
    "fuckyou",
    "gateway",
    "george",
    "ginger",
    "golfer",
    "google",
    "guest",
    "guitar",
    "hammer",
    "hannah",
    "harley",
    "hello",
    "hockey",
    "horse",
    "hottie",
    "hunter",
    "iceman",
    "iloveu",
    "iloveyou",
    "internet",
    "jackson",
    "jasmine",
    "jennifer",
    "jessica",
    "jesus",
    "jordan",
    "joshua",
    "justin",
    "killer",
    "kitty",
    "letmein",
    "liverpool",
    "login",
    "london",
    "lovely",
    "loveme",
    "lover",
    "maggie",
    "manchester",
    "marina",
    "martin",
    "master",
    "matrix",
    "matthew",
    "maverick",
    "mercedes",
    "merlin",
    "michael",
    "michelle",
    "mickey",
    "midnight",
    "money",
    "monkey",
    "mother",
    "mustang",
    "naruto",
    "nicole",
    "ninja",
    "nothing",
    "oliver",
    "orange",
    "parola",
    "pass",
    "passwd",
    "password",
    "passwort",
    "patrick",
    "peanut",
    "pepper",
    "phoenix",
    "player",
    "pokemon",
    "porsche",
    "princess",
    "purple",
    "qwe",
    "qwerty",
    "qwertz",
    "rachel",
    "ranger",
    "robert",
    "root",
    "samantha",
    "samsung",
    "scooter",
    "secret",
    "senha",
    "shadow",
    "silver",
    "snoopy",
    "soccer",
    "sophie",
    "spider",
    "staple",
    "starwars",
    "steelers",
    "summer",
    "sunshine",
    "superman",
    "superstar",
    "taylor",
    "test",
    "tester",
    "thomas",
    "thunder",
    "tiger",
    "tigger",
    "trustno1",
    "unknown",
    "user",
    "victoria",
    "welcome",
    "whatever",
    "william",
    "winner",
    "winter",
    "yankees",
    "yellow",
    "zxcvbn",
];

/// Rows of keys, and the orders of letters and digits; read backwards too.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "yxcvbnm",
    "!@#$%^&*()_+",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
    "zaq12wsxcde34rfvbgt56yhnmju7",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "qazwsxedcrfvtgbyhnujmikolp",
    "147258369",
    "741852963",
    "159357",
];

/// True if somebody who tries common words, rows of keys and `own` names finds nearly all of `password`.
pub(super) fn are_enough(password: &str, own: &[&str]) -> bool {
    let typed: Vec<char> = password
        .chars()
        .flat_map(char::to_lowercase)
        .take(MAX_CHARACTERS)
        .collect();
    let meant: Vec<char> = typed.iter().copied().map(letter).collect();
    let own: Vec<Vec<char>> = own.iter().flat_map(|name| parts(name)).collect();
    let (mut at, mut unknown) = (0, 0);
    while at < typed.len() && unknown < MIN_UNKNOWN {
        let known = [
            row(&typed[at..]),
            year(&typed[at..]),
            repetition(&typed, at),
            word(&meant[at..], &own),
            word(&typed[at..], &own),
        ];
        let known = known.into_iter().max().unwrap_or(0);
        if known == 0 && !typed[at].is_whitespace() {
            unknown += 1;
        }
        at += known.max(1);
    }
    unknown < MIN_UNKNOWN
}

/// The letter that a digit or a mark often stands for.
fn letter(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' | '+' => 't',
        other => other,
    }
}

/// The words of a name of at least three characters, and the name without what stands between them.
fn parts(name: &str) -> Vec<Vec<char>> {
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<Vec<char>> = words.map(|word| word.chars().collect()).collect();
    let whole = words.concat();
    let mut all = words;
    all.push(whole);
    all.retain(|word| word.len() >= 3);
    all
}

/// The length of the longest word at the beginning of `text`.
fn word(text: &[char], own: &[Vec<char>]) -> usize {
    let begins = |word: &str| word.chars().eq(text.iter().copied().take(word.len()));
    let common = WORDS
        .iter()
        .filter(|word| begins(word))
        .map(|word| word.len());
    let own = own
        .iter()
        .filter(|word| text.starts_with(word))
        .map(Vec::len);
    common.chain(own).max().unwrap_or(0)
}

/// The length of the longest part of a row, of at least three characters, at the beginning of `text`.
fn row(text: &[char]) -> usize {
    let along = |row: &mut dyn Iterator<Item = char>| {
        let row: Vec<char> = row.collect();
        let places = 0..row.len();
        let length = |from: usize| {
            let pairs = row[from..].iter().zip(text);
            pairs.take_while(|(a, b)| a == b).count()
        };
        places.map(length).max().unwrap_or(0)
    };
    let both = ROWS
        .iter()
        .flat_map(|row| [along(&mut row.chars()), along(&mut row.chars().rev())]);
    both.filter(|length| *length >= 3).max().unwrap_or(0)
}

/// The length of a year of the last or this century at the beginning of `text`.
fn year(text: &[char]) -> usize {
    let digits: String = text
        .iter()
        .take(4)
        .take_while(|c| c.is_ascii_digit())
        .collect();
    let is_year = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    if is_year { 4 } else { 0 }
}

/// The length of what stands at `at` and stood before it: a character, or three and more.
fn repetition(text: &[char], at: usize) -> usize {
    let length = |from: usize| {
        let pairs = text[from..].iter().zip(&text[at..]);
        pairs.take_while(|(a, b)| a == b).count()
    };
    let longest = (0..at).map(length).max().unwrap_or(0);
    let is_same = at > 0 && text[at - 1] == text[at];
    if longest >= 3 {
        longest
    } else {
        usize::from(is_same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_in_small_ascii_letters() {
        assert!(WORDS.is_sorted());
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        for word in WORDS {
            assert!(word.len() >= 3 && word.bytes().all(is_plain), "{word}");
        }
    }

    #[test]
    fn parts_are_measured() {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        assert_eq!(row(&chars("rtyuX")), 4);
        assert_eq!(row(&chars("fedX")), 3);
        assert_eq!(row(&chars("ab")), 0);
        assert_eq!(year(&chars("1987x")), 4);
        assert_eq!(year(&chars("2987")), 0);
        assert_eq!(repetition(&chars("xyzaxyz"), 4), 3);
        assert_eq!(repetition(&chars("aab"), 1), 1);
        assert_eq!(word(&chars("passwordx"), &[]), 8);
        assert_eq!(word(&chars("lovelace"), &parts("Ada Lovelace")), 8);
        assert_eq!(word(&chars("adalovelace"), &parts("Ada Lovelace")), 11);
        assert_eq!(parts("J. R."), Vec::<Vec<char>>::new());
    }
}
