// Passkeys: shows the forms that use one, asks the browser for it, and sends what it gives with the form.
// Absent: verification, which is the server's, and the forms, which are the pages'.
const credentials = globalThis.PublicKeyCredential;
const forms = document.querySelectorAll("[data-passkey]");

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? []))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The sentences about the browser's refusals, by their names. */
const REFUSALS = {
  NotAllowedError: "Nothing was done: it was cancelled, or took too long. You can try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "The browser takes no passkeys at this address.",
};
const FAILED = "This did not work. Please try again, or use your password or a code by mail.";

/** A sentence of the server. */
class Refused extends Error {}

/** The server's options for the browser, with a fresh challenge. */
async function options(purpose) {
  const response = await fetch("/fn/passkey-options", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ purpose }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.detail);
  const list = (descriptors) => descriptors?.map((one) => ({ ...one, id: bytes(one.id) }));
  const publicKey = {
    ...answer,
    challenge: bytes(answer.challenge),
    allowCredentials: list(answer.allowCredentials),
    excludeCredentials: list(answer.excludeCredentials),
  };
  if (answer.user) publicKey.user = { ...answer.user, id: bytes(answer.user.id) };
  return { publicKey, challenge: answer.challenge };
}

/** Ends the question that waits for the browser's own list of passkeys. */
let waiting;

/** Asks for a passkey, and sends it. With `mediation` the browser offers it where names are typed. */
async function ask(form, mediation) {
  waiting?.abort();
  const asked = (waiting = new AbortController());
  const purpose = form.dataset.passkey;
  const { publicKey, challenge } = await options(purpose);
  const question = { publicKey, signal: asked.signal };
  if (mediation) question.mediation = mediation;
  const container = navigator.credentials;
  const credential = await (purpose === "add" ? container.create(question) : container.get(question));
  const { response } = credential;
  send(form, {
    challenge,
    credential: text(credential.rawId),
    client_data: text(response.clientDataJSON),
    attestation: text(response.attestationObject),
    transports: response.getTransports?.().join(" ") ?? "",
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
    user_handle: text(response.userHandle),
  });
}

/** Sends the form with these fields more; the answer is a page, as that of any form. */
function send(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  form.submit();
}

/** Offers passkeys among the names that the browser fills in. */
async function offer(form) {
  const isVisible = document.visibilityState === "visible";
  if (isBusy || !isVisible || !(await credentials.isConditionalMediationAvailable?.())) return;
  // Whoever does not take the offer does nothing wrong.
  await ask(form, "conditional").catch(() => {});
}

let isBusy = false;

for (const form of credentials ? forms : []) {
  const signsIn = form.dataset.passkey === "sign_in";
  const status = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    status.textContent = "";
    try {
      await ask(form);
    } catch (error) {
      status.textContent = error instanceof Refused ? error.message : (REFUSALS[error.name] ?? FAILED);
      isBusy = false;
      if (signsIn) offer(form);
    }
  });
  if (signsIn) {
    offer(form);
    // Before the challenge is over.
    setInterval(offer, 240_000, form);
  }
}

if (!credentials) {
  for (const form of forms) if (form.dataset.passkey !== "sign_in") form.replaceWith("This browser has no passkeys.");
}

// The page was left by the form, and is shown again by Back.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
