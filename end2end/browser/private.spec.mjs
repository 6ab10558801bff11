// What only its owner or an administrator sees: every page is accessible, and a whole journey takes no more than a keyboard. The
// native server serves rows of the test's own.
import { createHash, randomUUID } from "node:crypto";

import { accessible } from "./support/accessible.mjs";
import { serve } from "./support/own_site.mjs";
import { expect, test } from "./support/test.mjs";

const PASSWORD = "plum lantern gravel";
const HOUR = 3_600_000;
let site;

test.beforeAll(async () => {
  site = await serve(
    (rows) => {
      const ada = rows.user({ handle: "ada", name: "Ada Lovelace", role: "admin", email_verified_at: 1 });
      const bea = rows.user({ handle: "bea", name: "Bea", suspended_at: 1, suspended_reason: "Sells watches" });
      rows.user({ handle: "cai", name: "蔡", role: "reader" });
      const now = Date.now();
      for (const [token, confirmed_at] of [["fresh", now], ["old", 1]]) {
        const id = createHash("sha256").update(token).digest("hex");
        const times = { created_at: 1, expires_at: now + HOUR, last_seen_at: now, confirmed_at };
        rows.insert("sessions", { id, user_id: ada.id, ...times, user_agent: "Test/1", public_id: randomUUID() });
      }
      const key = { credential_id: Buffer.of(1), public_key: Buffer.of(1), algorithm: -7, sign_count: 0 };
      const kept = { transports: "", backup_eligible: 0, backed_up: 0, created_at: 1 };
      for (const name of ["Phone", "Laptop"]) rows.insert("passkeys", { id: randomUUID(), user_id: ada.id, name, ...key, ...kept });
      for (const [kind, person] of [["signed_in", ada], ["suspended", bea]]) {
        const event = { id: randomUUID(), kind, user_id: person.id, actor_id: ada.id, address: "192.0.2.1" };
        rows.insert("events", { ...event, detail: "", created_at: now });
      }
    },
    { REGISTRATION: "invite" },
  );
});
test.afterAll(() => site.end());

const signIn = (page, value) =>
  page.context().addCookies([
    { name: "__Host-session", value, domain: "127.0.0.1", path: "/", expires: -1, secure: true, httpOnly: true, sameSite: "Lax" },
  ]);

for (const path of [
  "/settings",
  "/settings/data",
  "/settings/delete",
  "/settings/email",
  "/settings/events",
  "/settings/handle",
  "/settings/invites",
  "/settings/passkeys",
  "/settings/password",
  "/settings/profile",
  "/settings/tokens",
  "/admin",
  "/admin?q=bea&state=suspended",
  "/admin?q=nobody",
  "/admin/events",
  "/admin/invites",
  "/admin/people/ada",
  "/admin/people/bea",
  "/admin/people/cai",
]) {
  test(`${path} is accessible`, async ({ page }) => {
    await signIn(page, "fresh");
    await page.goto(site.origin + path);
    await expect(page).toHaveURL(site.origin + path);
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
}

test("states that forms lead to are accessible", async ({ page, quiet }) => {
  test.slow();
  quiet.allowStatus(422, "/confirm");
  quiet.allowStatus(422, "/settings/delete");
  quiet.allowStatus(422, "/settings/passkeys/rename");
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  await signIn(page, "fresh");
  await page.goto(`${site.origin}/settings/tokens`);
  await page.getByLabel("Name", { exact: true }).fill("A script");
  await press("Make a token");
  await expect(page.getByText(/wpt_\w+/).first()).toBeVisible();
  await accessible(page);
  await page.goto(`${site.origin}/settings/invites`);
  await page.getByLabel("For whom").fill("Dora");
  await press("Make an invite");
  await expect(page.getByText("/invite?token=").first()).toBeVisible();
  await accessible(page);
  await page.goto(`${site.origin}/settings/delete`);
  await page.getByLabel("Your handle").fill("somebody");
  await page.getByRole("radio").first().check();
  await press("Delete my account");
  await expect(page.getByRole("alert")).toBeVisible();
  await accessible(page);
  await page.goto(`${site.origin}/settings/passkeys`);
  await page.getByLabel("Name of Laptop").fill(" ");
  await press("Rename Laptop");
  await page.getByRole("alert").getByRole("link").click();
  await expect(page.getByLabel("Name of Laptop")).toBeFocused();
  await expect(page.getByLabel("Name of Laptop")).toHaveAccessibleDescription(/name that people can read/);
  await accessible(page);
  // Whoever has not shown lately who they are is asked for it first.
  await signIn(page, "old");
  await page.goto(`${site.origin}/settings/email`);
  await expect(page).toHaveURL(/\/confirm\?/);
  await accessible(page);
  await page.getByLabel("Password").fill("not this one");
  await press("Confirm");
  await expect(page.getByRole("alert")).toBeVisible();
  await accessible(page);
});

test("an account takes no more than a keyboard: sign up, a profile, a mistake, sign out and in", async ({ page, quiet, browser }) => {
  test.slow();
  quiet.allowStatus(422, "/invite");
  // An invite, which an administrator makes.
  const inviting = await browser.newPage();
  await signIn(inviting, "fresh");
  await inviting.goto(`${site.origin}/settings/invites`);
  await inviting.getByLabel("For whom").fill("Eve");
  await inviting.getByRole("button", { name: "Make an invite" }).click();
  const invite = /\/invite\?token=[\w-]+/.exec(await inviting.getByRole("main").innerText())[0];
  await inviting.close();

  const key = (name) => page.keyboard.press(name);
  /** Goes on by Tab until it is there; what comes first in the document comes first. */
  const reach = async (target) => {
    for (let steps = 0; steps < 60; steps += 1) {
      await key("Tab");
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error("not reached");
  };
  const field = (name) => page.getByLabel(name, { exact: true });
  const type = async (name, text) => {
    await reach(field(name));
    await page.keyboard.type(text);
  };
  const main = page.getByRole("main");
  const at = (path) => expect(page).toHaveURL(site.origin + path);

  await page.goto(site.origin + invite);
  await type("Handle", "eve");
  await type("Name", "Eve");
  await type("E-mail address", "eve@example.com");
  await type("Password", "password123");
  await key("Enter");
  // The mistake leads to its field.
  await expect(page.getByRole("alert")).toContainText("among those that are tried first");
  await reach(page.getByRole("alert").getByRole("link"));
  await key("Enter");
  await expect(field("Password")).toBeFocused();
  await page.keyboard.type(PASSWORD);
  await key("Enter");
  await at("/settings");

  await reach(main.getByRole("link", { name: "Profile", exact: true }));
  await key("Enter");
  await at("/settings/profile");
  await type("About you", "Listens at doors.");
  await reach(page.getByRole("button", { name: "Save", exact: true }));
  await key("Space");
  await at("/settings?changed=profile");
  await expect(page.getByRole("status").first()).toContainText("profile");

  await reach(main.getByRole("link", { name: "Sign out", exact: true }));
  await key("Enter");
  await reach(page.getByRole("button", { name: "Sign out" }));
  await key("Enter");
  await at("/");
  await reach(page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Account" }));
  await key("Enter");
  await type("Handle or e-mail address", "eve");
  await type("Password", PASSWORD);
  await key("Enter");
  await at("/settings");
});
