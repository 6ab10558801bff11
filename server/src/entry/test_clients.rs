//! Clients of the contract suite, for test builds.

use axum::body::Body;
use db::Dialect;
use db::contract::{Clients, EngineTraits};
use http::Request;
use worker::Env;

use super::isolate;

/// Gives the test routes clients of the database that the Worker is configured with.
pub(super) fn provide(request: &mut Request<Body>, env: &Env) {
    let (connector, is_hyperdrive) = isolate::with(env, |isolate| {
        let settings = &isolate.settings;
        (settings.connector(env, None), settings.is_hyperdrive())
    });
    let engine = match connector.dialect() {
        Dialect::Postgres => EngineTraits::POSTGRES,
        Dialect::MySql => EngineTraits::MYSQL,
        Dialect::Sqlite => EngineTraits::D1,
    };
    let engine = if is_hyperdrive && connector.is_split() {
        engine.through_hyperdrive()
    } else {
        engine
    };
    request
        .extensions_mut()
        .insert(Clients::new(connector, engine));
}
