//! `collaborator` and `repository-collaborator-permission`.

use serde::Serialize;

use super::{repository::Permissions, user::With};
use crate::world::{account::Account, permission::Role, state::State};

/// A person with a role in a repository.
pub(crate) type Collaborator<'a> = With<'a, InRole>;

#[derive(Serialize)]
pub(crate) struct InRole {
    permissions: Permissions,
    role_name: Role,
}

pub(crate) fn of<'a>(state: &'a State, account: &'a Account, role: Role) -> Collaborator<'a> {
    With::of(state, account, InRole { permissions: Permissions::of(role), role_name: role })
}

/// What a person may do in a repository, in the words that GitHub had before it had five roles.
#[derive(Serialize)]
pub(crate) struct Permission<'a> {
    permission: &'static str,
    role_name: &'static str,
    user: Option<Collaborator<'a>>,
}

impl<'a> Permission<'a> {
    pub(crate) fn of(state: &'a State, account: &'a Account, role: Option<Role>) -> Self {
        let (permission, role_name) = match role {
            None => ("none", "none"),
            Some(Role::Read) => ("read", "read"),
            Some(Role::Triage) => ("read", "triage"),
            Some(Role::Write) => ("write", "write"),
            Some(Role::Maintain) => ("write", "maintain"),
            Some(Role::Admin) => ("admin", "admin"),
        };
        Self { permission, role_name, user: role.map(|role| of(state, account, role)) }
    }
}
