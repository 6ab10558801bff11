// The theme: applies the cookie before the first paint, and handles the theme form without a reload.
// Absent: the form, which also works as a plain POST.
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
  addEventListener("DOMContentLoaded", sync);
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
