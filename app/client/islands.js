// Makes the islands of a page live. Loaded late and at low priority: everything works before it.
import init, * as client from "./client.js";

// The wasm's hashed address stands on the page's own preload link, so that both are one download.
const wasm = document.querySelector('link[rel="preload"][as="fetch"]').href;

init({ module_or_path: wasm }).then(() => {
  client.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    client[island.dataset.component]?.(island);
  }
});
