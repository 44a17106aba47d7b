//! `label`.

use serde::Serialize;

use crate::world::{id::LabelId, issue, render::repository, repository::Repository, state::State};

#[derive(Serialize)]
pub(crate) struct Label<'a> {
    id: LabelId,
    node_id: String,
    url: String,
    name: &'a str,
    color: &'a str,
    default: bool,
    description: Option<&'a str>,
}

impl<'a> Label<'a> {
    pub(crate) fn of(state: &State, repository: &Repository, label: &'a issue::Label) -> Self {
        let issue::Label { id, name, color, description, is_default } = label;
        Self {
            id: *id,
            node_id: format!("LA_{:x}", id.0),
            url: format!("{}/labels/{}", repository::url(state, repository), encoded(name)),
            name,
            color,
            default: *is_default,
            description: description.as_deref(),
        }
    }
}

fn encoded(name: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}
