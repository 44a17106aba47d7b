//! The chat bridge.
