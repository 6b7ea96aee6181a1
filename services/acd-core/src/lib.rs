//! The vocabulary of the contact-centre ACD (automatic contact distributor): what centers, contacts,
//! agents and skills are, and what a center reports. The types are also the wire format. No I/O.

pub mod agent;
pub mod center;
pub mod consistency;
pub mod contact;
pub mod event;
pub mod explain;
pub mod ids;
pub mod names;
pub mod page;
pub mod skill;
pub mod stats;
pub mod time;
