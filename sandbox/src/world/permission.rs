//! Who may do what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// May look.
    Read,
    /// May change.
    Write,
    /// May change who may.
    Admin,
}

/// What of: the permissions of an App that are played here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Workflow runs.
    Actions,
    /// Settings, protection.
    Administration,
    /// Check suites and runs.
    Checks,
    /// Commits, refs, files.
    Contents,
    /// Deployments.
    Deployments,
    /// Environments.
    Environments,
    /// Issues, their comments, labels and milestones.
    Issues,
    /// What everyone who sees the repository sees.
    Metadata,
    /// Members of an organisation.
    Members,
    /// Pages.
    Pages,
    /// Pull requests, their reviews and comments.
    PullRequests,
    /// A repository's webhooks.
    RepositoryHooks,
    /// Secrets.
    Secrets,
    /// Commit statuses.
    Statuses,
    /// Workflow files.
    Workflows,
}

impl Access {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl Permission {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Administration => "administration",
            Self::Checks => "checks",
            Self::Contents => "contents",
            Self::Deployments => "deployments",
            Self::Environments => "environments",
            Self::Issues => "issues",
            Self::Metadata => "metadata",
            Self::Members => "members",
            Self::Pages => "pages",
            Self::PullRequests => "pull_requests",
            Self::RepositoryHooks => "repository_hooks",
            Self::Secrets => "secrets",
            Self::Statuses => "statuses",
            Self::Workflows => "workflows",
        }
    }
}

/// Each permission with how much of it; one that is absent is not there at all.
pub type Permissions = BTreeMap<Permission, Access>;

/// A person's role in a repository.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees it.
    Read,
    /// Labels, closes, assigns.
    Triage,
    /// Pushes.
    Write,
    /// Sets up.
    Maintain,
    /// May everything.
    Admin,
}

impl Role {
    /// The role that this much of this permission asks of a person.
    pub(crate) const fn needed(permission: Permission, access: Access) -> Self {
        match (permission, access) {
            (Permission::Administration | Permission::RepositoryHooks | Permission::Secrets, _)
            | (_, Access::Admin) => Self::Admin,
            (_, Access::Read) => Self::Read,
            (Permission::Issues, Access::Write) => Self::Triage,
            (_, Access::Write) => Self::Write,
        }
    }
}
