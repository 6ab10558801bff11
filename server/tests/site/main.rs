//! The whole site, natively: the router, the pages and the API on an in-memory SQLite with the real migrations.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod addresses;
mod administration;
mod attempts;
mod cast;
mod codes;
mod confirm;
mod context;
mod data;
mod email;
mod email_forms;
mod engines;
mod erased;
mod events;
mod feeds;
mod handle;
mod hostile;
mod invites;
mod leave;
mod links;
mod listed;
mod lists;
mod mail;
mod old_reads;
mod openapi;
mod pages;
mod policy;
mod prerender;
mod problems;
mod profile;
mod reset;
mod sessions;
mod support;
mod withdrawn;
