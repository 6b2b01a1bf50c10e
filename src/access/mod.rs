//! Who may read, whatever the meter says.

pub mod entitlement;
pub mod referrer;
