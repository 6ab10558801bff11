// Posts and users of the example site that must not be visible.

/** Never published. */
export const DRAFTS = [
  "a-blanket-and-a-thermos-in-august",
  "a-kettle-with-a-loose-wire",
  "a-timetable-for-the-hedge",
  "a-van-with-nine-hundred-books",
  "before-the-ink-warms",
  "counting-to-sixty-one",
  "dawn-chorus-in-order",
  "dough-at-four-in-the-morning",
  "first-light-on-the-press",
  "hands-in-the-trough",
  "kettle-second-life",
  "left-on-the-platform",
  "listening-to-dough",
  "lying-in-the-grass-looking-up",
  "meteors-and-a-sore-neck",
  "missed-by-a-minute",
  "morning-at-the-treadle",
  "notes-on-justification",
  "one-crimp-eleven-years",
  "stop-six-by-the-church",
  "ten-to-four-in-the-hedge",
  "the-kettle-came-back",
  "the-red-lights-of-the-last-train",
  "the-smell-of-the-shop-at-six",
  "what-i-would-ask-the-sea",
  "who-sings-first",
];

/** Not published yet. */
export const SCHEDULED = [
  "climbing-into-bed-at-sixty-miles-an-hour",
  "something-went-wrong",
  "the-comet-we-were-promised",
  "the-longest-aerial-allowed",
  "the-wrong-screwdriver",
  "things-that-cannot-be-mended",
];

/** Withdrawn. */
export const ARCHIVED = [
  "a-boat-that-fits-in-the-hallway",
  "a-tree-is-a-public-building",
  "a-word-for-the-sound-of-rain",
  "counting-contours-at-the-kitchen-table",
  "desire-lines",
  "directions-from-a-man-with-a-bucket",
  "forty-metres-after-midnight",
  "listening-to-weather-elsewhere",
  "morse-at-the-breakfast-table",
  "ninety-nine-three-ways",
  "the-best-commit-of-the-week",
  "the-corner-shop-at-night",
  "the-house-style-in-nine-lines",
  "the-mystery-beans",
  "the-page-that-asked-too-often",
  "the-same-two-miles",
  "varnish-coat-seven",
  "watering-at-dusk",
  "what-i-did-to-the-pear-tree",
  "when-the-harbour-empties",
];

/** Deleted. */
export const DELETED = [
  "a-quarrel-about-apostrophes",
  "a-report-from-the-salad-bed",
  "interpreting-a-silence",
  "light-on-the-corner-all-night",
  "poster-letters-with-a-history",
  "six-dark-sickles-over-the-roof",
  "the-hum-in-the-kitchen-set",
  "the-moon-is-not-a-nuisance",
  "the-samovar-at-the-end-of-the-corridor",
  "the-view-astern",
  "what-the-dough-said-at-four",
];

/** Written by deleted users. */
export const POSTS_OF_DELETED_USERS = [
  "embarrassed-in-two-languages",
  "four-villages-before-lunch",
  "letters-like-furniture",
  "reading-a-dictionary-for-pleasure",
  "seat-eleven",
  "signing-with-a-big-letter",
  "the-dictionary-on-the-shelf-by-the-stove",
  "the-last-cinema-organ",
  "the-mobile-library-on-tuesdays",
  "the-word-that-looked-like-mine",
  "winter-regulars",
];

/** Handles of deleted users. */
export const DELETED_USERS = ["bertil-ask", "casimir-holloway"];

/** Every post that is not public. */
export const HIDDEN_POSTS = [...DRAFTS, ...SCHEDULED, ...ARCHIVED, ...DELETED, ...POSTS_OF_DELETED_USERS];
