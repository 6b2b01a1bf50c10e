//! What the commands need on the machine. Each file finds one kind of thing, installs it where that is possible, and
//! otherwise says exactly what a person has to install.

pub(crate) mod browsers;
pub(crate) mod cargo;
pub(crate) mod compiler;
pub(crate) mod node;
pub(crate) mod packages;
