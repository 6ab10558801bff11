//! The start of an instance: allocator, logger, panic hook, constructors.

use worker::event;

use super::panics;

/// Every page is made of many small strings, and a profile showed the default allocator among the first costs of a page;
/// this one is made for wasm.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[event(start)]
fn start() {
    // A second start is a fresh instance after a panic; its logger is set up anew.
    let _ = console_log::init_with_level(log::Level::Info);
    std::panic::set_hook(Box::new(|panic| {
        log::error!("{panic}");
        panics::report();
    }));
    constructors::run();
}

/// Runs the constructors by which server functions register themselves, as a loader does natively.
#[expect(unsafe_code, reason = "the linker's own function")]
mod constructors {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }

    pub(super) fn run() {
        // SAFETY: called once for each instance, before anything else runs in it.
        unsafe { __wasm_call_ctors() }
    }
}
