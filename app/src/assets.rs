//! The addresses of the assets, from the build (`build.rs`).

include!(concat!(env!("OUT_DIR"), "/assets.rs"));
