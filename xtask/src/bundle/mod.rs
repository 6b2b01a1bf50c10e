//! From the crate to `www/dist`: one step per file, in the order of the list.

pub(crate) mod arrange;
pub(crate) mod budget;
pub(crate) mod data;
pub(crate) mod glue;
pub(crate) mod languages;
pub(crate) mod manifest;
pub(crate) mod measure;
pub(crate) mod module;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod pack;
pub(crate) mod package;
pub(crate) mod script;
pub(crate) mod split;
pub(crate) mod trim;
pub(crate) mod twin;
pub(crate) mod wasm;
