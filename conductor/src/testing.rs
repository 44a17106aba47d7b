//! For tests of whatever drives the machine: rules to begin with, and what has to hold after every record.
//!
//! - [`rules()`]: the rules of a test, with defaults.
//! - [`Conservation`]: watches the machine; every item that came in lies in exactly one place after every record.
//! - [`conserved()`]: folds LOG from its beginning under that watch.
//! - [`AtTheEnd`]: does so when it is dropped, so that no test can forget it.
//!
//! This is part of the library, without a feature, so that every crate's tests can use it. It panics where a test
//! should fail.

mod conservation;
mod end;
mod rules;

pub use self::{
    conservation::{Broken, Conservation},
    end::{AtTheEnd, conserved},
    rules::{Builder, rules},
};
