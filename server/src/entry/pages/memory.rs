//! Pages that this isolate has sent lately, by what they are kept under: version and path. A page that is still true needs
//! no file then.
//!
//! Everybody sees these pages alike, and a version never changes its page: nothing in here can be old or private.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use js_sys::Uint8Array;

/// How many bytes of pages are remembered; an isolate has 128 MB for everything.
const MOST: usize = 8 << 20;
/// Larger pages are not remembered.
const LARGEST: usize = 512 << 10;

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// The pages, whose bytes stay where responses take them from: outside this program's own memory.
#[derive(Default)]
struct Memory {
    pages: HashMap<String, Uint8Array>,
    /// The keys, those that came first in front.
    order: VecDeque<String>,
    bytes: usize,
}

/// The page that is remembered under `key`.
pub(super) fn find(key: &str) -> Option<Uint8Array> {
    MEMORY.with_borrow(|memory| memory.pages.get(key).cloned())
}

/// Remembers a page, and forgets those that came first when there are too many.
pub(super) fn remember(key: String, page: &Uint8Array) {
    let size = page.length() as usize;
    if size > LARGEST {
        return;
    }
    MEMORY.with_borrow_mut(|memory| {
        if memory.pages.insert(key.clone(), page.clone()).is_some() {
            return;
        }
        memory.order.push_back(key);
        memory.bytes += size;
        while memory.bytes > MOST {
            let Some(first) = memory.order.pop_front() else {
                return;
            };
            if let Some(page) = memory.pages.remove(&first) {
                memory.bytes -= page.length() as usize;
            }
        }
    });
}
