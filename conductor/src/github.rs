//! GitHub: what comes in from there, and what is done there.
//!
//! A delivery goes through four steps, each a file: its signature is checked ([`signature`]), a few of its fields are
//! read ([`payload`]), it becomes a record by a total function ([`inbound`]), and it is answered once the stream has
//! the record ([`ingest`]). Nothing on the way judges: what is not known keeps its body.
//!
//! What did not come in is looked up, or asked for again ([`reconcile`]).
//!
//! What is ordered goes out through [`outbound`], each role as an App of its own ([`client`]).

pub mod client;
pub mod deliveries;
pub mod examine;
mod fault;
pub mod inbound;
pub mod ingest;
pub(crate) mod json;
pub mod manifest;
pub mod outbound;
mod pace;
pub mod payload;
pub mod principal;
pub mod reconcile;
pub mod refused;
pub mod signature;

pub use refused::Refused;
