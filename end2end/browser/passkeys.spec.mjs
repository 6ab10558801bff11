// Passkeys in a browser, by Chromium's virtual authenticator: one is added, signs in without a name, proves again who somebody is, is
// renamed and removed. Browsers make none for an address of numbers, so that the site is opened at localhost.
import { accessible } from "./support/accessible.mjs";
import { serve } from "./support/own_site.mjs";
import { expect, test } from "./support/test.mjs";

const PASSWORD = "plum lantern gravel";
const RP_ID = "localhost";
let site;
let origin;

test.beforeAll(async () => {
  site = await serve(() => {}, { REGISTRATION: "open" });
  origin = site.origin.replace("127.0.0.1", RP_ID);
});
test.afterAll(() => site.end());

/** Signs somebody up, and leaves them in the settings. */
async function signUp(page, handle) {
  await page.goto(`${origin}/signup`);
  const form = { Handle: handle, Name: "Ada", "E-mail address": `${handle}@example.com`, Password: PASSWORD };
  for (const [name, value] of Object.entries(form)) await page.getByLabel(name, { exact: true }).fill(value);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${origin}/settings`);
}

/** A phone or computer that verifies its user. It answers only while somebody touches it. */
async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  });
  return {
    touched: (enabled) => cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    credentials: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

test("a passkey is added, signs in without a name, is renamed and removed", async ({ page }) => {
  test.slow();
  // The checks for accessibility ask for it, and between them pages would change their mind about transitions.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const at = (path) => expect(page).toHaveURL(origin + path);
  await signUp(page, "scripted");
  const device = await authenticator(page);
  await page.getByRole("link", { name: "Passkeys" }).click();
  await at("/settings/passkeys");
  await accessible(page);
  await device.touched(true);
  await page.getByLabel("Name of the passkey").fill("My phone");
  await page.keyboard.press("Enter");
  await at("/settings/passkeys?changed=added");
  await expect(page.getByRole("status").first()).toContainText("The passkey was added.");
  await accessible(page);
  const [credential, ...others] = await device.credentials();
  expect(others).toEqual([]);
  expect(credential).toMatchObject({ rpId: RP_ID, isResidentCredential: true });

  await page.getByLabel("Name of the passkey").fill("Again");
  await press("Add a passkey");
  await expect(page.getByRole("status").last()).toHaveText("This device has a passkey for your account already.");

  await page.goto(`${origin}/logout`);
  await press("Sign out");
  await at("/");
  await device.touched(false);
  await page.goto(`${origin}/login?next=/settings/passkeys`);
  await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeVisible();
  await accessible(page);
  await device.touched(true);
  await press("Sign in with a passkey");
  await at("/settings/passkeys");
  await expect(page.getByText("last used")).toBeVisible();
  const [used] = await device.credentials();
  expect(used.signCount).toBeGreaterThan(credential.signCount);

  await page.getByLabel("Name of My phone", { exact: true }).fill("Телефон");
  await press("Rename My phone");
  await at("/settings/passkeys?changed=renamed");
  await expect(page.getByLabel("Name of Телефон", { exact: true })).toHaveValue("Телефон");
  await press("Remove Телефон");
  await at("/settings/passkeys?changed=removed");
  await expect(page.getByLabel("Name of Телефон", { exact: true })).toHaveCount(0);
});

test("what the site refuses is said beside the button", async ({ page, quiet }) => {
  quiet.allowStatus(401, "/fn/passkey-options");
  const status = page.getByRole("status").last();
  await signUp(page, "refused");
  const device = await authenticator(page);
  await device.touched(true);
  await page.goto(`${origin}/settings/passkeys`);
  await page.getByLabel("Name of the passkey").fill("My phone");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${origin}/settings/passkeys?changed=added`);
  // The session is over by the time that one more is to be added.
  const [session] = (await page.context().cookies()).filter(({ name }) => name === "__Host-session");
  await page.context().clearCookies({ name: session.name });
  await page.getByLabel("Name of the passkey").fill("Another");
  await page.keyboard.press("Enter");
  await expect(status).toContainText("Sign in first.");
  await page.context().addCookies([session]);
  await page.reload();
  await page.getByRole("button", { name: "Remove My phone" }).click();
  await expect(page).toHaveURL(`${origin}/settings/passkeys?changed=removed`);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the pages say that passkeys take scripts", async ({ page }) => {
    // Chromium's switch for tests turns scripts off, and still reads <noscript> as if they were on.
    const says = async (response) => expect(await response.text()).toContain("<noscript><p class=\"beside\">Passkeys take scripts");
    await says(await page.goto(`${origin}/login`));
    await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeHidden();
    await signUp(page, "plain");
    await says(await page.goto(`${origin}/settings/passkeys`));
    await expect(page.getByRole("button", { name: "Add a passkey" })).toBeHidden();
  });
});
