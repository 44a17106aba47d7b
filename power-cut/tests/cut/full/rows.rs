//! The disk of PostgreSQL fills up.
