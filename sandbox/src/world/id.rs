//! Numbers that name things, a type a thing: an issue's number is not a pull request's id.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub u64);

            impl fmt::Display for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(formatter)
                }
            }

            impl FromStr for $name {
                type Err = std::num::ParseIntError;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }
        )*
    };
}

ids! {
    /// A person, an organisation or an App's bot.
    AccountId,
    /// A GitHub App.
    AppId,
    /// An App's installation on an account.
    InstallationId,
    /// A repository: its name may change, this does not.
    RepositoryId,
    /// The number of an issue or pull request in its repository.
    Number,
    /// A milestone: its number is another thing.
    MilestoneId,
    /// Something that happened to an issue.
    EventId,
    /// A label.
    LabelId,
    /// An issue's or pull request's comment in the conversation.
    CommentId,
    /// A review of a pull request.
    ReviewId,
    /// A comment on a line of a pull request's diff.
    ReviewCommentId,
    /// A webhook of a repository or an App.
    HookId,
    /// One delivery of one webhook.
    DeliveryId,
    /// A check suite: an App's check runs on a commit.
    CheckSuiteId,
    /// A check run.
    CheckRunId,
    /// A commit status.
    StatusId,
    /// Rules for references of some names.
    RulesetId,
    /// That a commit is to be brought to an environment.
    DeploymentId,
    /// One word on a deployment.
    DeploymentStatusId,
    /// Where deployments go.
    EnvironmentId,
    /// The file that declares a repository's checks.
    WorkflowId,
    /// What one event started of a workflow.
    WorkflowRunId,
    /// One attempt at one check of a workflow run; the number is its check run's, too.
    JobId,
}
