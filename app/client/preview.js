// The live preview of a profile: after a pause it sends what is typed, as the button "Preview" does, and shows the preview that the
// answer has. Absent: the rendering, which is the server's. No field is touched.
const form = document.querySelector("form[data-preview]");
const place = document.getElementById("live-preview");
const status = place.querySelector("[role=status]");

/** The pause in milliseconds: fewer previews than the 60 a minute that the server makes. */
const DEBOUNCE = 1_100;
const FAILED = "The preview could not be made. What you typed is still in the form.";

let timer;
let waiting;

/** Gives up the preview that is to come. */
function stop() {
  clearTimeout(timer);
  waiting?.abort();
}

/** The preview in a page, if it has one. */
const previewIn = (page) => page.getElementById("preview")?.closest("section");

async function preview() {
  // No name, or half an address: the browser marks it at the field.
  if (form.matches(":invalid")) return;
  const question = (waiting = new AbortController());
  const body = new URLSearchParams(new FormData(form));
  body.set("preview", "1");
  try {
    const response = await fetch(form.action, { method: "POST", body, signal: question.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const shown = previewIn(page);
    const before = previewIn(document);
    if (shown && before) before.replaceWith(shown);
    else if (shown) place.prepend(shown);
    status.textContent = shown ? "Preview updated." : (page.querySelector(".form-errors li")?.textContent ?? FAILED);
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = FAILED;
  }
}

form.addEventListener("input", () => {
  stop();
  status.textContent = "";
  timer = setTimeout(preview, DEBOUNCE);
});
form.addEventListener("submit", stop);
