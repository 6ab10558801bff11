//! The whole site, natively: the router, the pages and the API on an in-memory SQLite with the real migrations.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod addresses;
mod attempts;
mod codes;
mod confirm;
mod context;
mod data;
mod engines;
mod erased;
mod feeds;
mod hostile;
mod invites;
mod leave;
mod links;
mod listed;
mod lists;
mod mail;
mod openapi;
mod pages;
mod prerender;
mod problems;
mod reset;
mod sessions;
mod support;
mod withdrawn;
