// Accounts in a browser: from the header to an account and out again, with scripts and without, by keyboard, and with mistakes.
import { accessible } from "./support/accessible.mjs";
import { expect, test } from "./support/test.mjs";

const PASSWORD = "plum lantern gravel";

for (const javaScriptEnabled of [true, false]) {
  const who = javaScriptEnabled ? "scripted" : "plain";
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("somebody signs up, out and in", { tag: ["@smoke"] }, async ({ page, quiet }) => {
      quiet.allowStatus(422, "/signup");
      quiet.allowStatus(422, "/login");
      // Every engine's tests, and repeated ones, make people of their own.
      const handle = `${who}-${Date.now().toString(36)}`;
      await page.goto("/posts");
      await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Account" }).click();
      await expect(page).toHaveURL("/login?next=%2Fsettings");
      await page.getByRole("link", { name: "Sign up" }).click();

      // A mistake: everything but the password is still there.
      const field = (name) => page.getByLabel(name, { exact: true });
      await field("Handle").fill(handle);
      await field("Name").fill("Ада Лавлейс");
      await field("E-mail address").fill(`${handle}@example.com`);
      await field("Password").fill("password123");
      await page.getByRole("button", { name: "Sign up" }).click();
      await expect(page.getByRole("alert")).toContainText("among those that are tried first");
      await expect(field("Handle")).toHaveValue(handle);
      await expect(field("Name")).toHaveValue("Ада Лавлейс");
      await expect(field("Password")).toHaveValue("");
      await expect(field("Password")).toHaveAttribute("aria-invalid", "true");
      await expect(field("Password")).toHaveAccessibleDescription(/at least 10 characters.*tried first/);
      await page.getByRole("alert").getByRole("link").click();
      await expect(field("Password")).toBeFocused();

      await page.keyboard.type(PASSWORD);
      await page.keyboard.press("Enter");
      await expect(page).toHaveURL("/settings");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Account");
      await expect(page.getByText("This browser")).toBeVisible();
      const profile = page.getByRole("main").getByRole("link", { name: `/users/${handle}` });
      await profile.click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ада Лавлейс");
      const account = page.getByRole("navigation", { name: "Site" }).getByRole("link").last();
      await expect(account).toHaveText(javaScriptEnabled ? "Ада Лавлейс" : "Account");

      await page.goto("/settings");
      await page.getByRole("link", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page).toHaveURL("/");
      await expect(account).toHaveText("Account");
      await page.goto("/settings");
      await expect(page).toHaveURL("/login?next=%2Fsettings");

      await field("Handle or e-mail address").fill(handle.toUpperCase());
      await field("Password").fill("another password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toContainText("do not belong together");
      await field("Password").fill(PASSWORD);
      await page.keyboard.press("Enter");
      await expect(page).toHaveURL("/settings");

      await page.getByRole("main").getByRole("link", { name: "Password" }).click();
      await field("New password").fill("copper thistle window");
      await page.keyboard.press("Enter");
      await expect(page).toHaveURL("/settings?changed=password");
      await expect(page.getByRole("status")).toContainText("Your password was changed.");
    });
  });
}

test("two browsers are two sessions, and one ends the other", async ({ page, browser, baseURL }) => {
  const handle = `two-${Date.now().toString(36)}`;
  const form = { handle, name: "Two", email: `${handle}@example.com`, password: PASSWORD };
  const headers = { origin: baseURL };
  expect((await page.request.post("/signup", { form, headers })).status()).toBe(200);
  const other = await browser.newContext({ baseURL, userAgent: "Other/2" });
  const signedIn = await other.request.post("/login", { form: { login: handle, password: PASSWORD }, headers });
  expect(signedIn.url()).toMatch(/\/settings$/);
  await page.goto("/settings");
  const item = page.getByRole("listitem").filter({ hasText: "Other/2" });
  await item.getByRole("button", { name: "End" }).click();
  await expect(item).toHaveCount(0);
  await expect(page).toHaveURL("/settings?changed=session");
  await expect(page.getByRole("status")).toContainText("The session was ended");
  expect((await other.request.get("/settings")).url()).toMatch(/\/login\?next=/);
  await other.close();
});

test("forms with mistakes, and the settings, are accessible in light and dark", async ({ page, quiet, baseURL }) => {
  // Many pages, each checked for accessibility in four ways.
  test.slow();
  quiet.allowStatus(422, "/signup");
  quiet.allowStatus(422, "/settings/password");
  const handle = `axe-${Date.now().toString(36)}`;
  await page.goto("/signup");
  for (const name of ["Handle", "Name", "E-mail address", "Password"]) await page.getByLabel(name, { exact: true }).fill("a@b");
  // What the browser can tell, it says at the field, and sends nothing.
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.locator(".field:has(:user-invalid) .rule")).toHaveCount(3);
  await expect(page).toHaveURL("/signup");
  await accessible(page);
  await page.locator(".account-form").evaluate((form) => {
    form.noValidate = true;
  });
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await accessible(page);
  const form = { handle, name: "Axe", email: `${handle}@example.com`, password: PASSWORD };
  await page.request.post("/signup", { form, headers: { origin: baseURL } });
  await page.goto("/settings?changed=password");
  await expect(page.getByText("This browser")).toBeVisible();
  await accessible(page);
  for (const part of ["profile", "handle", "email"]) {
    await page.goto(`/settings/${part}`);
    await accessible(page);
  }
  await page.goto("/settings/profile");
  await page.getByLabel("About you").fill("Writes <b>tests</b>.");
  await page.getByLabel("Address of link 1").fill("https://axe.example");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toContainText("Writes <b>tests</b>.");
  await accessible(page);
  await page.goto("/settings/password");
  await page.getByLabel("New password").fill("password123");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("among those that are tried first");
  await accessible(page);
});
