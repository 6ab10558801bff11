// Development only: live reload. Reloads the page, replaces its stylesheet, or shows the error of the last build. The URL of
// the event stream is in the script element's data-events.

const events = new EventSource(new URL("/events", document.currentScript.dataset.events));

events.addEventListener("reload", async () => {
  while (!(await isReachable())) await new Promise((resolve) => setTimeout(resolve, 100));
  location.reload();
});

events.addEventListener("css", () => {
  dismiss();
  for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
    const url = new URL(old.href);
    if (url.origin !== location.origin) continue;
    url.searchParams.set("v", Date.now());
    const fresh = old.cloneNode();
    fresh.href = url.href;
    // The old stylesheet stays until the new one has loaded, so that the page is never unstyled.
    fresh.addEventListener("load", () => old.remove());
    old.after(fresh);
  }
});

events.addEventListener("ok", dismiss);

// A lost connection also fires "error", but without data.
events.addEventListener("error", (event) => {
  if (event.data !== undefined) show(event.data);
});

async function isReachable() {
  try {
    await fetch(location.href, { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

let overlay;

function dismiss() {
  overlay?.remove();
  overlay = undefined;
}

function show(text) {
  dismiss();
  overlay = document.createElement("section");
  overlay.className = "dev-error";
  overlay.setAttribute("role", "alert");
  const heading = document.createElement("h2");
  heading.textContent = "The build failed. This page is from the last successful build.";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Dismiss";
  close.addEventListener("click", dismiss);
  const output = document.createElement("pre");
  output.tabIndex = 0;
  output.textContent = text;
  overlay.append(heading, close, output);
  document.body.append(overlay);
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape") dismiss();
});

// A constructed stylesheet, because the content security policy forbids inline styles.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  .dev-error {
    position: fixed; inset: auto 0 0; z-index: 2147483647; max-height: 70vh; overflow: auto;
    padding: 1rem 1.25rem 1.25rem; border-top: 4px solid #f47067;
    background: #161b22; color: #e6edf3; font: 0.875rem/1.5 ui-monospace, monospace; text-align: start;
  }
  .dev-error h2 { margin: 0 6rem 0.75rem 0; color: #f47067; font: bold 1rem/1.5 system-ui, sans-serif; }
  .dev-error button {
    position: absolute; inset: 0.9rem 1.25rem auto auto; padding: 0.2rem 0.7rem;
    border: 1px solid #768390; border-radius: 4px; background: none; color: inherit; font: inherit; cursor: pointer;
  }
  .dev-error pre { margin: 0; background: none; color: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
