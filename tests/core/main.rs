//! Native tests of the core as a whole: reading histories played through the machine, and the rules of the house.

mod device;
mod findings;
mod histories;
mod house;
mod languages;
mod rules;
mod surfaces;
mod turns;
