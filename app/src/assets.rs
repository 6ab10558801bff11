//! Where the assets are, told by the build (`build.rs`).

include!(concat!(env!("OUT_DIR"), "/assets.rs"));
