// Hydrates the islands of a page. Loaded late and at low priority: the page works without it.
import init, * as client from "./client.js";

// The hashed URL of the wasm comes from the page's preload link, so that it is downloaded once.
const wasm = document.querySelector('link[rel="preload"][as="fetch"]').href;

init({ module_or_path: wasm }).then(() => {
  client.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    client[island.dataset.component]?.(island);
  }
});
