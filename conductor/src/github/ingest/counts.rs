//! What became of the deliveries that came in since the door opened, for whoever counts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::StatusCode;

use crate::github::Refused;

/// Why a delivery was refused, as far as a number needs it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// It is not signed with a secret of ours.
    Signature,
    /// It is no delivery of GitHub's.
    Form,
    /// It is too large.
    Size,
    /// It came too slowly.
    Time,
    /// It could not be stored then; GitHub can send it again.
    Storing,
}

/// What became of the deliveries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// They became records.
    pub taken: u64,
    /// They were records already.
    pub doubled: u64,
    /// They were refused.
    pub refused: BTreeMap<Reason, u64>,
}

/// Counts. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter(Arc<Mutex<Counts>>);

impl Reason {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Signature, Self::Form, Self::Size, Self::Time, Self::Storing];

    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Form => "form",
            Self::Size => "size",
            Self::Time => "time",
            Self::Storing => "storing",
        }
    }

    fn of(refused: &Refused) -> Self {
        match refused.status {
            StatusCode::UNAUTHORIZED => Self::Signature,
            StatusCode::PAYLOAD_TOO_LARGE => Self::Size,
            StatusCode::REQUEST_TIMEOUT => Self::Time,
            StatusCode::SERVICE_UNAVAILABLE => Self::Storing,
            _ => Self::Form,
        }
    }
}

impl Counter {
    pub(super) fn counts(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn taken(&self, is_doubled: bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_doubled {
            counts.doubled += 1;
        } else {
            counts.taken += 1;
        }
    }

    pub(super) fn refused(&self, refused: &Refused) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.refused.entry(Reason::of(refused)).or_default() += 1;
    }
}
