// The live preview of a profile: what the server makes of what is typed, after a pause, while nothing that was typed is touched.
import { accessible } from "./support/accessible.mjs";
import { serve } from "./support/own_site.mjs";
import { expect, test } from "./support/test.mjs";

const PASSWORD = "plum lantern gravel";
const PATH = "/settings/profile";
let site;

test.beforeAll(async () => {
  site = await serve(() => {}, { REGISTRATION: "open" });
});
test.afterAll(() => site.end());

/** Signs somebody up, and opens the form of their profile. */
async function open(page, handle) {
  await page.goto(`${site.origin}/signup`);
  const form = { Handle: handle, Name: "Ada", "E-mail address": `${handle}@example.com`, Password: PASSWORD };
  for (const [name, value] of Object.entries(form)) await page.getByLabel(name, { exact: true }).fill(value);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${site.origin}/settings`);
  await page.goto(site.origin + PATH);
  const field = (name) => page.getByLabel(name, { exact: true });
  return { field, preview: page.getByRole("region", { name: "Preview" }), status: page.locator("#live-preview [role=status]") };
}

test("a profile is previewed while it is typed", async ({ page }) => {
  // The check for accessibility asks for it.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { field, preview, status } = await open(page, "previewing");
  await expect(preview).toHaveCount(0);
  const bio = field("About you");
  await bio.pressSequentially("Walks  and <b>writes</b>.");
  await expect(status).toHaveText("Preview updated.");
  // As the server stores it, and as text.
  await expect(preview).toContainText("Walks and <b>writes</b>.");
  await expect(preview).toContainText("Ada");
  await expect(bio).toBeFocused();
  await expect(bio).toHaveValue("Walks  and <b>writes</b>.");

  // While the answer is on its way, more is typed: it stays, and is previewed then.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let asked = 0;
  await page.route(site.origin + PATH, async (route) => {
    if ((asked += 1) === 1) await held;
    // The first question may have been given up by then.
    await route.continue().catch(() => {});
  });
  await bio.pressSequentially(" One");
  await expect.poll(() => asked).toBe(1);
  await bio.pressSequentially(" Two");
  release();
  await expect(preview).toContainText("writes</b>. One Two");
  await expect(bio).toHaveValue("Walks  and <b>writes</b>. One Two");
  await expect(preview).toHaveCount(1);
  await field("Address of link 1").fill("https://links.example/me");
  await expect(preview.getByRole("link", { name: "links.example" })).toBeVisible();
  await accessible(page);

  await page.getByRole("button", { name: "Save" }).last().click();
  await expect(page).toHaveURL(`${site.origin}/settings?changed=profile`);
});

test("a preview that fails says so, and loses nothing", async ({ page, quiet }) => {
  const { field, preview, status } = await open(page, "unlucky");
  // The failures of this test.
  quiet.allow(/\/settings\/profile\b/);
  const bio = field("About you");
  await bio.fill("First.");
  await expect(preview).toContainText("First.");
  await page.route(site.origin + PATH, (route) => route.abort());
  await bio.fill("Second.");
  await expect(status).toHaveText("The preview could not be made. What you typed is still in the form.");
  await expect(bio).toHaveValue("Second.");
  await expect(preview).toContainText("First.");
  // Of what is not right, the server says why.
  await page.unroute(site.origin + PATH);
  await field("Address of link 1").fill("http://links.example/");
  await expect(status).toContainText("https://");
  await expect(bio).toHaveValue("Second.");
});
