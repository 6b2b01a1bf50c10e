//! Who may read, whatever the meter says.

pub mod authorizer;
pub mod entitlement;
pub mod json;
pub mod referrer;
pub mod token;
