//! Stands for `servers` in a Worker that knows D1 alone.

use db::drivers::left_out;
use db::{Connector, ConsistencyToken};
use wasm_bindgen::JsValue;

/// There is none.
pub(super) enum Server {}

impl Server {
    pub(super) fn from_settings(driver: &str, _: Option<String>) -> Result<Self, String> {
        Err(left_out(match driver {
            "postgres" => "PostgreSQL",
            "mysql" => "MySQL",
            _ => "database servers",
        }))
    }

    pub(super) fn connector(
        &self,
        _: &JsValue,
        _: Option<&ConsistencyToken>,
        _: bool,
    ) -> Box<dyn Connector> {
        match *self {}
    }
}
