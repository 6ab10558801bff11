// What pages that are one file for everybody cannot know: the theme, and who is signed in.
// The theme's cookie is applied before the first paint, and the theme form handled without a reload; it also works as a plain POST.
// The link to the account gets the name of who is signed in; nobody else's browser asks for it.
(() => {
  const PAPER = { light: "#f8faf6", dark: "#101714" };
  const root = document.documentElement;
  const sync = () => {
    const theme = /(?:^|; )theme=(light|dark)/.exec(document.cookie)?.[1];
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const meta of document.querySelectorAll("[name=theme-color]")) {
      meta.content = PAPER[theme ?? /light|dark/.exec(meta.media)];
    }
    for (const button of document.querySelectorAll(".theme button")) {
      button.ariaPressed = button.value === (theme ?? "system");
    }
  };
  sync();
  addEventListener("DOMContentLoaded", async () => {
    sync();
    if (!/(?:^|; )signed-in=/.test(document.cookie)) return;
    const me = await fetch("/fn/me").then((response) => response.json(), () => null);
    if (!me?.name) return;
    const link = document.querySelector("[href='/settings']");
    link.textContent = me.name;
    link.dir = "auto";
  });
  addEventListener("pageshow", sync);
  addEventListener("submit", (event) => {
    if (!event.target.matches(".theme")) return;
    event.preventDefault();
    const theme = event.submitter.value;
    const age = theme === "system" ? 0 : 31536000;
    document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax`;
    sync();
  });
})();
