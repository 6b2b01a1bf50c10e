//! Tollgate: the paywall a publisher adds to any website with one script tag.
//!
//! The crate is a sans-IO core in a thin browser shell. The core ([`machine::Machine`]) takes every fact as a
//! [`machine::Signal`] with the time in it and answers with [`machine::Effect`]s; it never touches the page, the
//! clock, storage or the network. `browser` (feature `browser`) turns a page's happenings into signals and carries
//! the effects out. ARCHITECTURE.md has the map and the life of one page view.
//!
//! | room | what it knows |
//! |---|---|
//! | [`config`] | what the publisher asked for: settings → [`config::Config`] and diagnostics |
//! | [`article`] | which article this is: canonical address → key → short hash |
//! | [`meter`] | periods, the ledger of reads, the policy that decides |
//! | [`offer`] | plans, prices, savings, benefits |
//! | [`access`] | who may read, whatever the meter says |
//! | [`teaser`] | where the text is cut |
//! | `structured_data` | what a page's JSON-LD should say of a paywall, for `tollgate.debug.js` |
//! | [`text`] | the messages and number words |
//! | `digest` | SHA-256 and base64url for the short hash |
//! | [`link`], [`look`] | addresses and colours that may be trusted |
//! | [`view`] | decision + offer + messages → everything a gate shows, as data |
//! | [`machine`] | the one place where the rooms above meet |
//! | `signing` (feature `signing`, native) | a publisher's keys, tokens and gift links |
//! | `history`, `trace` (feature `history`) | what happened as lines of JSON and its replay; decisions in words |
#![forbid(unsafe_op_in_unsafe_fn)]
// The module may not trap: a trap takes the paywall down with the page watching (platform rule A3.7).
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::get_unwrap
    )
)]
// Each of these pulls in core::fmt, which costs more than the meter (style.md section 5).
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::format_push_string)]

pub mod access;
pub mod article;
pub mod config;
mod digest;
#[cfg(feature = "history")]
pub mod history;
pub mod link;
pub mod look;
pub mod machine;
pub mod meter;
pub mod offer;
#[cfg(all(feature = "signing", not(target_family = "wasm")))]
pub mod signing;
#[cfg(any(feature = "history", not(target_family = "wasm")))]
pub mod structured_data;
pub mod teaser;
pub mod text;
#[cfg(feature = "history")]
mod trace;
pub mod view;

#[cfg(feature = "browser")]
pub mod browser;
