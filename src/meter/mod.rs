//! The meter: the calendar its periods are cut from, the ledger of reads, and the policy that decides.

pub mod ledger;
pub mod period;
pub mod policy;
