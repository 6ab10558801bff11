// Codes by mail in a browser, with scripts and without: an address is confirmed, a password is reset, and somebody signs in by a
// code. The native server hands its mail to a mail server of the test.
import { accessible } from "./support/accessible.mjs";
import { mailServer } from "./support/mail.mjs";
import { serve } from "./support/own_site.mjs";
import { expect, test } from "./support/test.mjs";

const PASSWORD = "plum lantern gravel";
const NEW = "quiet copper thistle";
let mail;
let site;

test.beforeAll(async () => {
  mail = await mailServer();
  site = await serve(() => {}, { SMTP_URL: mail.url, MAIL_FROM: "mail@example.com", REGISTRATION: "open" });
});
test.afterAll(async () => {
  await site.end();
  await mail.end();
});

for (const javaScriptEnabled of [true, false]) {
  const handle = javaScriptEnabled ? "scripted" : "plain";
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("an address is confirmed, a password is reset, and a code signs in", async ({ page, quiet }) => {
      // Many pages, each checked for accessibility in four ways.
      test.slow();
      quiet.allowStatus(422, "/reset");
      quiet.allowStatus(422, "/reset/code");
      quiet.allowStatus(422, "/verify");
      const email = `${handle}@example.com`;
      const field = (name) => page.getByLabel(name, { exact: true });
      const press = (name) => page.getByRole("button", { name, exact: true }).click();
      const sent = mail.mails.length;
      const code = (nth) => mail.code(sent + nth);
      const at = (path) => expect(page).toHaveURL(site.origin + path);

      // The checks for accessibility ask for it, and between them pages would change their mind about transitions.
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.goto(`${site.origin}/signup`);
      await field("Handle").fill(handle);
      await field("Name").fill("Ada");
      await field("E-mail address").fill(email);
      await field("Password").fill(PASSWORD);
      await press("Sign up");
      await at("/settings");
      await page.getByRole("link", { name: "Confirm your address" }).click();
      await expect(page.getByText(`A mail is on its way to ${email}`)).toBeVisible();
      await field("Code").fill("12345678");
      await press("Confirm");
      await expect(field("Code")).toHaveAccessibleDescription(/eight digits.*not right/);
      if (javaScriptEnabled) await accessible(page);
      await field("Code").fill(code(1));
      await page.keyboard.press("Enter");
      await at("/settings?changed=verified");
      await expect(page.getByRole("link", { name: "Confirm your address" })).toHaveCount(0);
      await page.goto(`${site.origin}/logout`);
      await press("Sign out");

      await page.goto(`${site.origin}/login?next=%2Fposts`);
      await page.getByRole("link", { name: "set a new password" }).click();
      await field("E-mail address").fill("ada@b");
      await press("Send a code");
      // The browser can tell by itself, and sends nothing.
      await expect(page.locator(".field:has(:user-invalid) .rule")).toHaveCount(1);
      await expect(field("E-mail address")).toHaveValue("ada@b");
      if (javaScriptEnabled) await accessible(page);
      await field("E-mail address").fill(email);
      await press("Send a code");
      await at("/reset/code");
      await press("Send another code");
      await at("/reset/code");
      await field("Code").fill(code(3).replace(" ", ""));
      await field("New password").fill("password123");
      await press("Set the password");
      await expect(page.getByRole("alert")).toContainText("among those that are tried first");
      await expect(field("New password")).toHaveValue("");
      if (javaScriptEnabled) await accessible(page);
      await field("New password").fill(NEW);
      await page.keyboard.press("Enter");
      await at("/settings?changed=reset");
      expect(mail.mails.at(-1)).toContain("Subject: Your password was changed");
      await page.goto(`${site.origin}/logout`);
      await press("Sign out");

      await page.goto(`${site.origin}/login?next=%2Fposts`);
      await page.getByRole("link", { name: "Sign in with a code" }).click();
      await field("E-mail address").fill(email);
      await press("Send a code");
      await expect(page.getByText(`A mail is on its way to ${email}`)).toBeVisible();
      if (javaScriptEnabled) await accessible(page);
      await field("Code").fill(code(5));
      await press("Sign in");
      await at("/posts");
      await page.goto(`${site.origin}/settings`);
      await expect(page.getByText("This browser")).toBeVisible();
    });
  });
}
