//! Hostile peers: what every driver owes whatever answers on the port, and that nothing which a
//! server or a misplaced field can do brings a secret to light.

mod contract;
mod peers;
mod secrets;
