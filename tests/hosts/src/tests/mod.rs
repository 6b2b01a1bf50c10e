//! The tests by topic, and their table: a name, the engines, the browser's setting, and the test.

mod access;
mod areas;
mod configuration;
mod delivery;
mod endpoint;
mod everyone;
mod failures;
mod feed;
mod frameworks;
mod gate;
mod gate_script;
mod history;
mod hosts;
mod integration;
mod journey;
mod lifecycle;
mod metering;
mod obstacles;
mod package;
mod painting;
mod privacy;
mod promises;
mod routers;
mod rules;
mod rules_script;
mod spa;
mod storage;
mod structured_data;
mod surfaces;
mod tokens;
mod traps;
mod twin;
pub(crate) mod visual;
mod windows;

use crate::engine::{Engine, Setting};
use crate::reader::Reader;
use anyhow::Result;
use std::pin::Pin;

/// A test that is being run.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A test.
#[derive(Clone, Copy)]
pub(crate) struct Test {
    /// Its name; an adverse case carries its id: `cn_03_…`.
    pub(crate) name: &'static str,
    /// Where it runs.
    pub(crate) engines: &'static [Engine],
    /// What must be set in the browser.
    pub(crate) setting: Setting,
    /// The test itself.
    pub(crate) run: for<'a> fn(&'a mut Reader) -> Running<'a>,
}

/// Lists a topic's functions as tests.
macro_rules! tests {
    ($($name:ident: $engines:expr, $setting:ident;)*) => {
        /// This topic's part of the table.
        pub(super) fn table() -> Vec<$crate::tests::Test> {
            vec![$($crate::tests::Test {
                name: stringify!($name),
                engines: $engines,
                setting: $crate::engine::Setting::$setting,
                run: |reader| Box::pin($name(reader)),
            },)*]
        }
    };
}
use tests;

/// What was decided so far, and why: `denied LIMIT_REACHED,granted SUBSCRIBER`.
const DECIDED: &str = "witness.decisions().map(it => it.name + ' ' + it.reason).join()";

/// Every test, in the order in which they are run.
pub(crate) fn all() -> Vec<Test> {
    [
        journey::table(),
        metering::table(),
        rules::table(),
        spa::table(),
        gate::table(),
        gate_script::table(),
        rules_script::table(),
        painting::table(),
        surfaces::table(),
        obstacles::table(),
        routers::table(),
        everyone::table(),
        visual::table(),
        configuration::table(),
        failures::table(),
        traps::table(),
        twin::table(),
        feed::table(),
        frameworks::table(),
        history::table(),
        hosts::table(),
        storage::table(),
        privacy::table(),
        promises::table(),
        structured_data::table(),
        areas::table(),
        access::table(),
        endpoint::table(),
        integration::table(),
        tokens::table(),
        package::table(),
        delivery::table(),
        windows::table(),
        lifecycle::table(),
    ]
    .concat()
}
