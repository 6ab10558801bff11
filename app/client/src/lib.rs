//! Makes the islands of a page live in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

/// Smaller than the default allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Called once, when the module is ready, before any island is hydrated.
#[wasm_bindgen]
pub fn hydrate() {
    // Names the islands, so that the linker keeps them.
    _ = app::islands::SearchIsland;
    leptos::mount::hydrate_islands();
}
