//! What GitHub tells us.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A kind of GitHub's events, by the name in `X-GitHub-Event`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names are GitHub's, and GitHub documents them")]
pub enum Event {
    BranchProtectionConfiguration,
    BranchProtectionRule,
    CheckRun,
    CheckSuite,
    CodeScanningAlert,
    CommitComment,
    Create,
    CustomProperty,
    CustomPropertyValues,
    Delete,
    DependabotAlert,
    DeployKey,
    Deployment,
    DeploymentProtectionRule,
    DeploymentReview,
    DeploymentStatus,
    Discussion,
    DiscussionComment,
    Fork,
    GithubAppAuthorization,
    Gollum,
    Installation,
    InstallationRepositories,
    InstallationTarget,
    IssueComment,
    IssueDependencies,
    Issues,
    Label,
    MarketplacePurchase,
    Member,
    Membership,
    MergeGroup,
    Meta,
    Milestone,
    OrgBlock,
    Organization,
    Package,
    PageBuild,
    PersonalAccessTokenRequest,
    Ping,
    Project,
    ProjectCard,
    ProjectColumn,
    ProjectsV2,
    ProjectsV2Item,
    ProjectsV2StatusUpdate,
    Public,
    PullRequest,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewThread,
    Push,
    RegistryPackage,
    Release,
    Repository,
    RepositoryAdvisory,
    RepositoryDispatch,
    RepositoryImport,
    RepositoryRuleset,
    RepositoryVulnerabilityAlert,
    SecretScanningAlert,
    SecretScanningAlertLocation,
    SecretScanningScan,
    SecurityAdvisory,
    SecurityAndAnalysis,
    Sponsorship,
    Star,
    Status,
    SubIssues,
    Team,
    TeamAdd,
    Watch,
    WorkflowDispatch,
    WorkflowJob,
    WorkflowRun,
    /// An event that this version does not know; its name is in the data.
    Unknown,
}

macro_rules! events {
    ($($variant:ident $name:literal),* $(,)?) => {
        impl Event {
            /// Every event, the unknown one last.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// GitHub's name for it; `unknown` for the unknown one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The envelope's `type`.
            #[must_use]
            pub const fn type_name(self) -> &'static str {
                match self { $(Self::$variant => concat!("rig.github.", $name, ".v1")),* }
            }
        }
    };
}

events! {
    BranchProtectionConfiguration "branch_protection_configuration",
    BranchProtectionRule "branch_protection_rule",
    CheckRun "check_run",
    CheckSuite "check_suite",
    CodeScanningAlert "code_scanning_alert",
    CommitComment "commit_comment",
    Create "create",
    CustomProperty "custom_property",
    CustomPropertyValues "custom_property_values",
    Delete "delete",
    DependabotAlert "dependabot_alert",
    DeployKey "deploy_key",
    Deployment "deployment",
    DeploymentProtectionRule "deployment_protection_rule",
    DeploymentReview "deployment_review",
    DeploymentStatus "deployment_status",
    Discussion "discussion",
    DiscussionComment "discussion_comment",
    Fork "fork",
    GithubAppAuthorization "github_app_authorization",
    Gollum "gollum",
    Installation "installation",
    InstallationRepositories "installation_repositories",
    InstallationTarget "installation_target",
    IssueComment "issue_comment",
    IssueDependencies "issue_dependencies",
    Issues "issues",
    Label "label",
    MarketplacePurchase "marketplace_purchase",
    Member "member",
    Membership "membership",
    MergeGroup "merge_group",
    Meta "meta",
    Milestone "milestone",
    OrgBlock "org_block",
    Organization "organization",
    Package "package",
    PageBuild "page_build",
    PersonalAccessTokenRequest "personal_access_token_request",
    Ping "ping",
    Project "project",
    ProjectCard "project_card",
    ProjectColumn "project_column",
    ProjectsV2 "projects_v2",
    ProjectsV2Item "projects_v2_item",
    ProjectsV2StatusUpdate "projects_v2_status_update",
    Public "public",
    PullRequest "pull_request",
    PullRequestReview "pull_request_review",
    PullRequestReviewComment "pull_request_review_comment",
    PullRequestReviewThread "pull_request_review_thread",
    Push "push",
    RegistryPackage "registry_package",
    Release "release",
    Repository "repository",
    RepositoryAdvisory "repository_advisory",
    RepositoryDispatch "repository_dispatch",
    RepositoryImport "repository_import",
    RepositoryRuleset "repository_ruleset",
    RepositoryVulnerabilityAlert "repository_vulnerability_alert",
    SecretScanningAlert "secret_scanning_alert",
    SecretScanningAlertLocation "secret_scanning_alert_location",
    SecretScanningScan "secret_scanning_scan",
    SecurityAdvisory "security_advisory",
    SecurityAndAnalysis "security_and_analysis",
    Sponsorship "sponsorship",
    Star "star",
    Status "status",
    SubIssues "sub_issues",
    Team "team",
    TeamAdd "team_add",
    Watch "watch",
    WorkflowDispatch "workflow_dispatch",
    WorkflowJob "workflow_job",
    WorkflowRun "workflow_run",
    Unknown "unknown",
}

impl Event {
    /// The event of this name in `X-GitHub-Event`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.iter().copied().find(|event| event.name() == name).unwrap_or(Self::Unknown)
    }
}

/// `rig.github.<event>.v1`: one delivery, its payload unchanged.
///
/// `P` is the payload: raw JSON when reading.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delivered<P = Box<RawValue>> {
    /// The sentence people are shown.
    pub say: String,
    /// GitHub's name for the event.
    pub event: String,
    /// GitHub's `action`, where the event has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The delivery's GUID: a redelivery has the same. Of what was looked up, `observed-` and a digest of what was found.
    pub delivery: String,
    /// The hook's id, from `X-GitHub-Hook-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// The repository as GitHub spells it, `owner/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The repository's numeric id, which survives renames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<u64>,
    /// GitHub's bytes.
    pub payload: P,
}

/// `rig.github.outage.v1`: deliveries could not be stored for a while, and GitHub was told so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outage {
    /// The sentence people are shown.
    pub say: String,
    /// When the first delivery was refused, RFC 3339.
    pub from: String,
    /// When deliveries were stored again, RFC 3339.
    pub until: String,
    /// How many were refused.
    pub refused: u64,
}
