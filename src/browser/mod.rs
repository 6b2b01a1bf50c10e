//! The browser shell: the only room that names the web's crates. It turns what happens in a page into signals, and
//! carries out the machine's effects. It decides nothing.
//!
//! | file | what it does |
//! |---|---|
//! | `entry` | the module's two exports; signals in, effects out |
//! | `shim` | the loader's shim, as Rust sees it: listeners, timer, undo journals, events, the console |
//! | `connect` | the authorizer's facts and acts |
//! | `settings` | attributes and JSON → the core's flat entries |
//! | `page` | what the page says of itself; where the article's text is |
//! | `storage` | the one wrapper around storage: local → session → memory |
//! | `intl` | the answers to the core's requests for `Intl` |
//! | `gate` | views → entries, which the shim turns into objects and nodes |
//! | `allocator` | the module's heap |

#[cfg(target_family = "wasm")]
mod allocator;
mod connect;
mod entry;
mod gate;
mod intl;
mod page;
mod settings;
mod shim;
mod storage;

pub use entry::{signal, start};
pub use intl::answer;
pub use settings::entries;
pub use shim::Shim;
pub use storage::Store;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: allocator::Pools = allocator::Pools::new();
