//! Benchmarks of the core: `benches/core.rs`, run by `cargo xtask bench`. Nothing else is in this crate.
