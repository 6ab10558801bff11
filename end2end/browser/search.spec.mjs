// Search as you type, on both lists: what is typed, what is shown and the address are one.
import { json } from "./support/site.mjs";
import { expect, finder, isLive, nextFrame, openLive, test } from "./support/test.mjs";

const FIND = "**/fn/list_*";

/** What each list finds; the API of the same name finds the same. */
const LISTS = [
  { path: "/posts", word: "train", other: "bread", what: "posts", address: (row) => `/posts/${row.slug}` },
  { path: "/users", word: "baker", other: "boats", what: "authors", address: (row) => `/users/${row.handle}` },
];

for (const { path, word, other, what, address } of LISTS) {
  const found = async (request, query) => {
    const list = await json(request, `/api/v1${path}?limit=10&q=${encodeURIComponent(query)}`);
    return list.data.map(address);
  };

  test.describe(path, () => {
    test("results update while typing", { tag: "@smoke" }, async ({ page, request }) => {
      await openLive(page, path);
      const { field, status, marks, addresses } = finder(page);
      await page.evaluate(() => (window.isSamePage = true));
      const heard = await status.evaluateHandle((element) => element);

      await field.pressSequentially(word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      const list = await json(request, `/api/v1${path}?q=${word}`);
      const one = `1 ${what.slice(0, -1)} matches “${word}”`;
      await expect(status).toHaveText(list.total === 1 ? one : `${list.total} ${what} match “${word}”, newest first`);
      expect(await addresses()).toEqual(await found(request, word));
      expect((await addresses()).length).toBeGreaterThan(0);
      await expect(marks.first()).toBeVisible();
      for (const mark of await marks.allTextContents()) {
        expect(mark.toLowerCase().startsWith(word)).toBe(true);
      }

      // The line that a screen reader listens to stays; only its words change.
      await expect(status).toHaveRole("status");
      expect(await heard.evaluate((element) => element.isConnected)).toBe(true);
      await expect(field).toBeFocused();
      expect(await page.evaluate(() => window.isSamePage)).toBe(true);
    });

    test("back and forward restore the field and the results", async ({ page, request }) => {
      await openLive(page, path);
      const { field, status, addresses } = finder(page);
      const everybody = await addresses();
      for (const query of [word, other]) {
        await field.fill(query);
        // Enter ends a search, so that the next one is a step of its own.
        await field.press("Enter");
        await expect(status).toContainText(`“${query}”`);
        await expect(page).toHaveURL(`${path}?q=${query}`);
      }
      expect(await addresses()).toEqual(await found(request, other));

      await page.goBack();
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await expect(field).toHaveValue(word);
      await expect(status).toContainText(`“${word}”`);
      expect(await addresses()).toEqual(await found(request, word));

      await page.goBack();
      await expect(page).toHaveURL(path);
      await expect(field).toHaveValue("");
      await expect.poll(addresses).toEqual(everybody);

      await page.goForward();
      await page.goForward();
      await expect(page).toHaveURL(`${path}?q=${other}`);
      await expect(field).toHaveValue(other);
      await expect(status).toContainText(`“${other}”`);
      expect(await addresses()).toEqual(await found(request, other));
    });

    test("one step back leaves a search that was typed slowly", async ({ page }) => {
      await openLive(page, path);
      const { field, status, addresses } = finder(page);
      const everybody = await addresses();
      for (let end = 1; end <= word.length; end += 1) {
        await field.press(word[end - 1]);
        await expect(status).toContainText(`“${word.slice(0, end)}”`);
        await expect(page).toHaveURL(`${path}?q=${word.slice(0, end)}`);
      }

      await page.goBack();
      await expect(page).toHaveURL(path);
      await expect(field).toHaveValue("");
      await expect.poll(addresses).toEqual(everybody);

      await page.goForward();
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await expect(field).toHaveValue(word);
      await expect(status).toContainText(`“${word}”`);
    });

    test("pressing Enter on the current search adds no history entry", async ({ page }) => {
      await openLive(page, path);
      const { field, results, items } = finder(page);
      await field.fill(word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await field.press("Enter");
      await nextFrame(page);
      // If it asked once more, that has been answered.
      await expect(results).not.toHaveAttribute("aria-busy", "true");
      await page.goBack();
      await expect(page).toHaveURL(path);
      await expect(field).toHaveValue("");
      await expect(items).toHaveCount(10);
    });

    test("going back from a result restores the results", async ({ page, request }) => {
      await openLive(page, path);
      const { field, status, items, addresses } = finder(page);
      await field.fill(word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      const first = items.first().locator("h2 a");
      const href = await first.getAttribute("href");
      await first.click();
      await expect(page).toHaveURL(href);
      await page.goBack();
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await expect(field).toHaveValue(word);
      await expect(status).toContainText(`“${word}”`);
      expect(await addresses()).toEqual(await found(request, word));
    });

    test("the address can be reloaded and shared", async ({ page, request }) => {
      await openLive(page, path);
      const { field, status, addresses } = finder(page);
      await field.fill(word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await page.reload();
      await expect(field).toHaveValue(word);
      await expect(status).toContainText(`“${word}”`);
      expect(await addresses()).toEqual(await found(request, word));
    });

    test("clearing the field shows everything again", async ({ page }) => {
      await openLive(page, path);
      const { field, status, marks, addresses } = finder(page);
      const everybody = await addresses();
      await field.fill(word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await field.fill("");
      await expect(page).toHaveURL(path);
      await expect.poll(addresses).toEqual(everybody);
      await expect(marks).toHaveCount(0);
      await expect(status).toHaveText(/^\s*$/);
    });

    test("an empty result says so and links to everything", async ({ page }) => {
      await openLive(page, path);
      const { field, status, items, results } = finder(page);
      await field.fill("zzzz");
      await expect(status).toHaveText("Nothing matches “zzzz”.");
      await expect(items).toHaveCount(0);
      await results.getByRole("link").click();
      await expect(page).toHaveURL(path);
      await expect(items).toHaveCount(10);
    });

    test("an outdated response is not shown", async ({ page, request }) => {
      await openLive(page, path);
      const { field, status, addresses } = finder(page);
      let release;
      const held = new Promise((resolve) => (release = resolve));
      const late = new Promise((resolve) => {
        page.route(FIND, async (route) => {
          if (new URL(route.request().url()).searchParams.get("query") !== word) return route.continue();
          resolve();
          await held;
          return route.continue();
        });
      });
      const lateAnswer = page.waitForResponse((response) => response.url().includes(`query=${word}&`));
      await field.fill(word);
      await late;
      await field.fill(other);
      await expect(status).toContainText(`“${other}”`);
      release();
      await (await lateAnswer).finished();
      // By the next frame the page has dealt with it.
      await nextFrame(page);
      await expect(status).toContainText(`“${other}”`);
      await expect(page).toHaveURL(`${path}?q=${other}`);
      await expect(field).toHaveValue(other);
      expect(await addresses()).toEqual(await found(request, other));
    });

    test("quick typing sends one request", async ({ page }) => {
      await openLive(page, path);
      const asked = [];
      page.on("request", (one) => {
        if (one.url().includes("/fn/list_")) asked.push(new URL(one.url()).searchParams.get("query"));
      });
      await finder(page).field.evaluate((field, text) => {
        for (let end = 1; end <= text.length; end += 1) {
          field.value = text.slice(0, end);
          field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }
      }, word);
      await expect(page).toHaveURL(`${path}?q=${word}`);
      expect(asked).toEqual([word]);
    });

    test("back and forward without a connection: field, list and address agree at the end", async ({ page, context, quiet }) => {
      quiet.allow(/\/fn\/list_|favicon/);
      await openLive(page, path);
      const { field, status, addresses } = finder(page);
      await field.fill(word);
      await field.press("Enter");
      await expect(status).toContainText(`“${word}”`);
      const found = await addresses();
      await context.setOffline(true);
      await page.goBack();
      await expect(field).toHaveValue("");
      await expect(status).toContainText("cannot be reached");
      await page.goForward();
      await expect(page).toHaveURL(`${path}?q=${word}`);
      await expect(field).toHaveValue(word);
      await expect(status).toContainText(`“${word}”`);
      expect(await addresses()).toEqual(found);

      await page.goBack();
      await expect(status).toContainText("cannot be reached");
      await context.setOffline(false);
      await expect(page).toHaveURL(path);
      await expect(status).toHaveText("");
      await expect(field).toHaveValue("");
    });

    test("a word that an input method composes is searched for once, when it is done", async ({ page }) => {
      await openLive(page, path);
      const { field, status } = finder(page);
      const asked = [];
      page.on("request", (one) => {
        if (one.url().includes("/fn/list_")) asked.push(new URL(one.url()).searchParams.get("query"));
      });
      await field.focus();
      const client = await page.context().newCDPSession(page);
      for (const text of ["y", "yo", "よ", "よr", "よる"]) {
        await client.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
        // Longer than a pause in typing.
        await page.waitForTimeout(250);
      }
      expect(asked).toEqual([]);
      await client.send("Input.insertText", { text: "夜" });
      await expect(status).toContainText("“夜”");
      await expect(page).toHaveURL(`${path}?q=${encodeURIComponent("夜")}`);
      expect(asked).toEqual(["夜"]);
      await page.goBack();
      await expect(page).toHaveURL(path);
    });

    test("a search that waits is seen to wait, and not for ever", async ({ page, quiet }) => {
      quiet.allow(/\/fn\/list_|favicon/);
      await page.clock.install();
      await openLive(page, path);
      const { field, status, results } = finder(page);
      await page.route(FIND, () => {});
      await field.fill(word);
      await page.clock.runFor(200);
      await expect(results).toHaveAttribute("aria-busy", "true");
      const sign = await results.evaluate((element) => {
        const line = getComputedStyle(element, "::before");
        return [line.blockSize, line.animationName, line.animationDelay, getComputedStyle(element.firstElementChild).transitionDelay];
      });
      expect(sign).toEqual(["2px", "busy", "0.15s", "0.15s"]);
      // The browser's own clock ends the wait.
      await expect(status).toContainText("cannot be reached", { timeout: 15_000 });
      await expect(results).not.toHaveAttribute("aria-busy", "true");
    });

    for (const [failure, fail] of Object.entries({
      "no connection": (route) => route.abort("connectionrefused"),
      "a database that is down": (route) =>
        route.fulfill({
          status: 503,
          headers: { "content-type": "application/problem+json", "retry-after": "5" },
          body: JSON.stringify({
            type: "urn:problem:unavailable",
            title: "The site cannot answer now",
            status: 503,
            detail: "The database did not answer in time.",
            code: "unavailable",
            retry_after: 5,
          }),
        }),
      "an answer that is no data": (route) =>
        route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Welcome to our network</h1>" }),
      "data of another form": (route) => route.fulfill({ status: 200, contentType: "application/json", body: "[1]" }),
      "a broken answer": (route) =>
        route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }),
    })) {
      test(`${failure}: an error is shown and the list stays`, async ({ page, request, quiet }) => {
        quiet.allow(/^failed: .*\/fn\/list_/);
        quiet.allow(/^status 50[23]: .*\/fn\/list_/);
        quiet.allow(/^console error: Failed to load resource: .*\/fn\/list_/);
        await openLive(page, path);
        const { field, status, items, more, results, addresses } = finder(page);
        const before = await addresses();
        await page.route(FIND, fail);

        await field.fill(word);
        await expect(status).toHaveText(/\w+ \w+/);
        const said = await status.textContent();
        expect(said, "a sentence for people").not.toMatch(/TypeError|JsValue|expected value|line \d|serde|<h1>/);
        expect(await addresses()).toEqual(before);
        await expect(field).toHaveValue(word);
        await expect(page).toHaveURL(path);
        await expect(results).not.toHaveAttribute("aria-busy", "true");
        await more.click();
        await expect(items).toHaveCount(10);
        await expect(more).toBeVisible();

        await page.unroute(FIND);
        await field.press("Enter");
        await expect(page).toHaveURL(`${path}?q=${word}`);
        await expect(status).toContainText(`“${word}”`);
        expect(await addresses()).toEqual(await found(request, word));
      });
    }
  });
}

test.describe("any query", () => {
  for (const { query, finds, isInText = false, tag = [] } of [
    // Words inside a run of characters: of a title, of a text.
    { query: "返却", finds: "/posts/ame-no-hi-no-henkyaku-bako", tag: ["@smoke"] },
    { query: "列車", finds: "/posts/yoru-no-eki-no-soba", isInText: true },
    { query: "望远镜", finds: "/posts/guan-xing-bi-ji" },
    { query: "чай", finds: "/posts/chai-v-podstakannike" },
    { query: "ЧАЙ", finds: "/posts/chai-v-podstakannike" },
    { query: "خريطة", finds: "/posts/al-khara-it-al-latifa" },
    { query: "library books", finds: "/posts/borrowing-explained-with-library-books" },
    { query: "café", finds: "/posts/the-repair-cafe-handbook" },
    { query: "cafe", finds: "/posts/the-repair-cafe-handbook" },
    { query: "“apostrophe” 'quotes\"" },
    { query: '"' },
    { query: '"night' },
    { query: "100%" },
    { query: "%41%" },
    { query: "a+b&c=d#e" },
    { query: "night AND NOT (train OR" },
    { query: "title:bread* NEAR(oven)" },
    { query: "<b>bold</b>" },
    { query: "📻" },
    { query: "👩🏽‍🌾 🏳️‍🌈" },
    { query: "\\" },
    { query: "; DROP TABLE posts --" },
    { query: "x".repeat(100) },
  ]) {
    test(`${query.slice(0, 30)}`, { tag }, async ({ page, request }) => {
      await openLive(page, "/posts");
      const { field, status, marks, addresses } = finder(page);
      const answered = page.waitForResponse("**/fn/list_*");
      await field.fill(query);
      expect((await answered).status()).toBe(200);
      await expect(page).toHaveURL(`/posts?q=${encodeURIComponent(query).replaceAll(/[!'()*]/g, percent)}`);
      await expect(status).toContainText(`“${query}”`);
      const live = await addresses();
      const list = await json(request, `/api/v1/posts?limit=10&q=${encodeURIComponent(query)}`);
      expect(live).toEqual(list.data.map((post) => `/posts/${post.slug}`));
      const all = await json(request, `/api/v1/posts?limit=100&q=${encodeURIComponent(query)}`);
      if (finds) {
        expect(all.data.map((post) => `/posts/${post.slug}`)).toContain(finds);
        if (!isInText) expect(await marks.count()).toBeGreaterThan(0);
      }
      // The same address, asked for anew, is the same page.
      await page.reload();
      await expect(field).toHaveValue(query);
      await expect(status).toContainText(`“${query}”`);
      expect(await addresses()).toEqual(live);
    });
  }
});

test("the last word matches as a prefix, and every word must match", async ({ page }) => {
  await openLive(page, "/posts");
  const { field, status, marks } = finder(page);
  await field.fill("ampersa");
  await expect(status).toContainText("“ampersa”");
  await expect(marks.first()).toHaveText(/ampersa/i);
  await field.fill("ampersands telescope lighthouse zzzz");
  await expect(status).toContainText("Nothing matches");
});

test("text typed before the script has loaded is searched for afterwards", async ({ page }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/posts");
  const { field, status } = finder(page);
  await field.fill("train");
  await expect(page.locator("[data-live]")).toHaveCount(0);
  release();
  await isLive(page);
  await expect(status).toContainText("“train”");
  await expect(page).toHaveURL("/posts?q=train");
});

function percent(character) {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
