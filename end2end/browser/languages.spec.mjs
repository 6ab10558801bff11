// Languages: what a text says of its language and direction, on its own page and wherever it is listed.
import { serve } from "./support/own_site.mjs";
import { expect, finder, test } from "./support/test.mjs";

/** Posts with their author, and the language and direction of both. `isSites`: the language is taken for the site's. */
const POSTS = [
  { title: "修一本旧书", excerpt: "书脊断了，可是纸还是好的。", name: "顾听雪", bio: "修书的人。", lang: "zh", dir: "ltr" },
  { title: "夜の列車に乗る", excerpt: "切符は要らないと言われた。", name: "小野寺 澄子", bio: "図書館で働いています。", lang: "ja", dir: "ltr" },
  { title: "밤 기차를 타다", excerpt: "표는 필요 없다고 했다.", name: "김하늘", bio: "기차를 좋아합니다.", lang: "ko", dir: "ltr" },
  { title: "خرائط لا تكذب كثيرًا", excerpt: "كل خريطة تحذف شيئًا.", name: "نوّار الخيّاط", bio: "أرسم الخرائط.", lang: "ar", dir: "rtl" },
  { title: "iPhone: مراجعة بعد عام", excerpt: "هل يستحق الشراء؟", name: "Nawar", bio: "أكتب عن الهواتف.", lang: "ar", dir: "rtl" },
  { title: "שלום עולם!", excerpt: "מילה ראשונה, ועוד אחת.", name: "דנה לוי", bio: "כותבת.", lang: "he", dir: "rtl" },
  { title: "قطار شب", excerpt: "گفتند بلیت لازم نیست.", name: "پرنیان", bio: "می‌نویسم.", lang: "fa", dir: "rtl" },
  { title: "ข้าวผัดของแม่", excerpt: "ไม่มีใครทำได้เหมือน", name: "มะลิ", bio: "ทำอาหาร", lang: "th", dir: "ltr" },
  { title: "दिन और रात", excerpt: "एक छोटी सी बात।", name: "मीरा", bio: "लिखती हूँ।", lang: "hi", dir: "ltr" },
  { title: "Ο τελευταίος σταθμός", excerpt: "Δεν χρειαζόταν εισιτήριο.", name: "Ελένη", bio: "Γράφω.", lang: "el", dir: "ltr" },
  { title: "Последний поезд", excerpt: "Билет был не нужен, и мы поехали.", name: "Мария", bio: "Мы пишем.", lang: "ru", dir: "ltr" },
  { title: "The last train", excerpt: "Nobody needed a ticket.", name: "Ada", bio: "Writes.", lang: "en", dir: "ltr", isSites: true },
];

let site;
test.beforeAll(async () => {
  site = await serve((rows) => {
    POSTS.forEach(({ title, excerpt, name, bio }, n) => {
      const author = rows.user({ handle: `person-${n}`, name, bio });
      const body = `<p dir="auto">${excerpt} <code>f(x)</code> <code>a.b()</code>!</p>\n`;
      const text = { title, excerpt, content_html: body, search_text: "findable" };
      const post = rows.post(author, { slug: `post-${n}`, comment_count: 1, ...text });
      rows.comment(post, author, { body_html: body });
    });
  });
});
test.afterAll(() => site?.end());

/** The languages and directions that apply to elements, their parents' included. */
const applied = (locator) =>
  locator.evaluateAll((elements) =>
    elements.map((element) => [
      element.closest("[lang]").lang,
      getComputedStyle(element).direction,
      getComputedStyle(element).textAlign,
    ]),
  );

POSTS.forEach(({ lang, dir, isSites, title }, n) => {
  test(`${title}: one language and direction on its page`, async ({ page }) => {
    await page.goto(`${site.origin}/posts/post-${n}`);
    await expect(page.locator("main > article")).toHaveAttribute("lang", lang);
    await expect(page.locator("main > article")).toHaveAttribute("dir", dir);
    const parts = { "h1, .post-header .lead, .prose": lang, ".post-header .meta, .author > .meta": "en", ".author h2, .author .bio": lang, ".comment .comment-body": lang };
    for (const [selector, expected] of Object.entries(parts)) {
      const found = await applied(page.locator(selector));
      expect(found.length).toBeGreaterThan(0);
      for (const one of found) expect(one, selector).toEqual([expected, dir, "start"]);
    }
    const metadata = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
    expect(metadata.inLanguage).toBe(lang);
    // The site's own words, and a name in another script, read in their own direction.
    for (const words of await page.locator(".post-header .meta > :not(a)").all()) {
      expect(await words.locator("bdi").evaluate((bdi) => getComputedStyle(bdi).direction)).toBe("ltr");
    }
  });

  test(`${title}: one language and direction in lists`, async ({ page }) => {
    for (const path of ["/", "/posts?q=findable", `/users/person-${n}`]) {
      await page.goto(site.origin + path);
      let card = page.locator(".posts article", { has: page.locator(`a[href="/posts/post-${n}"]`) });
      if ((await card.count()) === 0) {
        await page.locator('.pager a[rel="next"]').click();
        card = page.locator(".posts article", { has: page.locator(`a[href="/posts/post-${n}"]`) });
        if (path === "/") continue;
      }
      await expect(card).toHaveCount(1);
      expect(await card.getAttribute("lang")).toBe(isSites ? null : lang);
      expect(await applied(card.locator("h2, h3, .excerpt"))).toEqual([[lang, dir, "start"], [lang, dir, "start"]]);
      for (const one of await applied(card.locator("time, p.meta"))) expect(one).toEqual(["en", dir, "start"]);
    }
    await page.goto(`${site.origin}/users?q=`);
    const isListed = page.locator(`.people > li:has(a[href="/users/person-${n}"])`);
    if (n >= 10) await page.locator('.pager a[rel="next"]').click();
    await expect(isListed).toHaveCount(1);
    expect(await applied(isListed.locator("h2, .bio"))).toEqual([[lang, dir, "start"], [lang, dir, "start"]]);
    expect(await applied(isListed.locator(".meta"))).toEqual([["en", dir, "start"]]);
  });

  test(`${title}: the language of its entry in feeds`, async ({ request }) => {
    const feed = await (await request.get(`${site.origin}/users/person-${n}/feed.xml`)).text();
    expect(feed).toContain(`<entry xml:lang="${lang}">`);
  });
});

test("scripts have faces of their own", async ({ page }) => {
  const faces = { zh: "Noto Serif CJK SC", ja: "Noto Serif CJK JP", ko: "Noto Serif CJK KR", ar: "Noto Naskh Arabic", he: "Noto Serif Hebrew", th: "Noto Serif Thai" };
  for (const [lang, face] of Object.entries(faces)) {
    await page.goto(`${site.origin}/posts/post-${POSTS.findIndex((post) => post.lang === lang)}`);
    for (const selector of ["h1", ".prose p"]) {
      const family = await page.locator(selector).evaluate((element) => getComputedStyle(element).fontFamily);
      expect(family).toContain(face);
      expect(family).toMatch(/^Charter/);
    }
    const spacing = await page.locator("h1").evaluate((heading) => getComputedStyle(heading).letterSpacing);
    expect(spacing).toBe("normal");
  }
});

test("words are divided in a language that is known, and not in one that is taken for the site's", async ({ page }) => {
  for (const { lang } of POSTS) {
    await page.goto(`${site.origin}/posts/post-${POSTS.findIndex((post) => post.lang === lang)}`);
    await expect(page.locator(".prose")).toHaveCSS("hyphens", lang === "en" ? "manual" : "auto");
  }
});

test("code reads from left to right as one piece in text from right to left", async ({ page }) => {
  await page.goto(`${site.origin}/posts/post-3`);
  for (const code of await page.locator(".prose code").all()) {
    await expect(code).toHaveCSS("direction", "ltr");
    await expect(code).toHaveCSS("unicode-bidi", "isolate");
  }
  const left = (text) =>
    page.locator(".prose p").evaluate((paragraph, text) => {
      const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(text);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().left;
      }
      return Number.NaN;
    }, text);
  expect(await left("f(x)")).toBeLessThan(await left(")"));
  // The second piece of code follows the first to the left, and the mark after it closes the sentence.
  expect(await left("a.b()")).toBeLessThan(await left("f(x)"));
  expect(await left("!")).toBeLessThan(await left("a.b()"));
});

test("a neighbour's title has its own direction", async ({ page }) => {
  const mark = (link) =>
    link.locator("bdi").evaluate((title) => {
      const { firstChild: text } = title;
      const box = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
      };
      return { first: box(0), last: box(text.length - 1) };
    });
  // Beside the Hebrew post: one in Arabic before it, one in Persian after it.
  await page.goto(`${site.origin}/posts/post-6`);
  const hebrew = page.locator('.neighbours a[href="/posts/post-5"]');
  await expect(hebrew.locator("bdi")).toHaveText("שלום עולם!");
  await expect(hebrew.locator("bdi")).toHaveAttribute("lang", "he");
  const { first, last } = await mark(hebrew);
  expect(last).toBeLessThan(first);
  await page.goto(`${site.origin}/posts/post-10`);
  const english = await mark(page.locator('.neighbours a[href="/posts/post-11"]'));
  expect(english.last).toBeGreaterThan(english.first);
});

test("direction signs in a search leave its sentence alone", async ({ page }) => {
  for (const typed of ["\u202Eabc", "\u2067abc", "\u2069abc", "אבג", "abc\u202D"]) {
    await page.goto(`${site.origin}/posts?q=${encodeURIComponent(typed)}`);
    const { status } = finder(page);
    const shown = typed.replace(/[\u202A-\u202E\u2066-\u2069]/g, "");
    await expect(status).toHaveText(`Nothing matches “${shown}”.`);
    await expect(status.locator("bdi")).toHaveText(shown);
    const order = await status.evaluate((line) => {
      const box = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().left;
      };
      const [before, after] = [line.firstChild, line.lastChild];
      return [box(before, 0), box(before, before.length - 1), line.querySelector("bdi").getBoundingClientRect().left, box(after, 0), box(after, 1)];
    });
    expect(order).toEqual([...order].sort((a, b) => a - b));
  }
});
