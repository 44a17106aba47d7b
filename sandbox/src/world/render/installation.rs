//! An installation: the two fields of it that every webhook of an App carries.

use serde::Serialize;

use crate::world::id::InstallationId;

/// `simple-installation`.
#[derive(Serialize)]
pub(crate) struct Lite {
    id: InstallationId,
    node_id: String,
}

impl Lite {
    pub(crate) fn of(id: InstallationId) -> Self {
        Self { id, node_id: format!("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u{:x}", id.0) }
    }
}
