//! Pages that this isolate has sent lately, by version and path: those need no file.
//!
//! Everyone sees these pages alike, and a version never changes its page: nothing in here can be outdated or private.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use js_sys::Uint8Array;

/// The bytes of pages that are remembered; an isolate has 128 MB for everything.
const MAX_BYTES: usize = 8 << 20;
/// The largest page that is remembered.
const MAX_PAGE_BYTES: usize = 512 << 10;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// The pages. Their bytes stay where responses take them from, outside the wasm memory.
#[derive(Default)]
struct Memory {
    pages: HashMap<String, Uint8Array>,
    /// The keys, oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

pub(super) fn find(key: &str) -> Option<Uint8Array> {
    MEMORY.with_borrow(|memory| memory.pages.get(key).cloned())
}

/// Remembers a page, and forgets the oldest when there are too many.
pub(super) fn remember(key: String, page: &Uint8Array) {
    let size = page.length() as usize;
    if size > MAX_PAGE_BYTES {
        return;
    }
    MEMORY.with_borrow_mut(|memory| {
        if memory.pages.insert(key.clone(), page.clone()).is_some() {
            return;
        }
        memory.order.push_back(key);
        memory.bytes += size;
        while memory.bytes > MAX_BYTES {
            let Some(first) = memory.order.pop_front() else {
                return;
            };
            if let Some(page) = memory.pages.remove(&first) {
                memory.bytes -= page.length() as usize;
            }
        }
    });
}
