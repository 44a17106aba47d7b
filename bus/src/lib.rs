//! The log and its language.
