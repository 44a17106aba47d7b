//! The three who act for us on GitHub, and what each of their Apps has to be allowed.

/// One of the three; each is an App of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Principal {
    /// Makes changes.
    Implementer,
    /// Judges them.
    Reviewer,
    /// Lands them, and tells people how it stands.
    Conductor,
}

/// A permission by GitHub's name, and how much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Need {
    /// As `pull_requests`.
    pub permission: &'static str,
    /// Whether looking is enough.
    pub access: Access,
}

/// How much of a permission.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Access {
    /// May look.
    Read,
    /// May change.
    Write,
}

impl Access {
    /// GitHub's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether an App that has this much, in GitHub's words, has enough.
    #[must_use]
    pub fn is_met_by(self, has: &str) -> bool {
        matches!((self, has), (_, "write" | "admin") | (Self::Read, "read"))
    }
}

const fn read(permission: &'static str) -> Need {
    Need { permission, access: Access::Read }
}

const fn write(permission: &'static str) -> Need {
    Need { permission, access: Access::Write }
}

impl Principal {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Implementer, Self::Reviewer, Self::Conductor];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implementer => "implementer",
            Self::Reviewer => "reviewer",
            Self::Conductor => "conductor",
        }
    }

    /// What its App has to be allowed. A push or a merge that changes a workflow's file asks for `workflows`; who mends a red
    /// check reads it (`checks`, `statuses`), and its job's log (`actions`).
    #[must_use]
    pub const fn needs(self) -> &'static [Need] {
        const IMPLEMENTER: &[Need] = &[
            write("contents"),
            write("pull_requests"),
            write("workflows"),
            read("actions"),
            read("checks"),
            read("statuses"),
            read("metadata"),
        ];
        const REVIEWER: &[Need] = &[read("contents"), write("pull_requests"), read("metadata")];
        const CONDUCTOR: &[Need] = &[
            write("contents"),
            write("issues"),
            write("pull_requests"),
            write("checks"),
            write("workflows"),
            read("statuses"),
            read("metadata"),
        ];
        match self {
            Self::Implementer => IMPLEMENTER,
            Self::Reviewer => REVIEWER,
            Self::Conductor => CONDUCTOR,
        }
    }

    /// What its App is told of. One is enough to tell it.
    #[must_use]
    pub const fn events(self) -> &'static [&'static str] {
        match self {
            Self::Conductor => &[
                "check_run",
                "delete",
                "issue_comment",
                "issues",
                "pull_request",
                "pull_request_review",
                "push",
                "status",
            ],
            Self::Implementer | Self::Reviewer => &[],
        }
    }
}
