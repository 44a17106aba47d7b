//! One look at a repository: its branches of interest, issues, pull requests, reviews and checks.

mod branches;
mod checks;
mod pulls;

use bus::envelope::now;
use octocrab::Octocrab;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Asker, Halt, Pages,
    memory::{Memory, Newest},
    teller::Teller,
};
use crate::github::json::Json;

/// As many entries as GitHub puts on a page.
const PER_PAGE: &str = "per_page=100";

/// A look on its way.
pub(super) struct Look<'a> {
    client: Octocrab,
    name: &'a str,
    /// The repository as GitHub shows it.
    repository: String,
    base: String,
    memory: &'a mut Memory,
    teller: &'a mut Teller,
    issues: Newest,
    pulls: Newest,
}

impl<'a> Look<'a> {
    /// Looks at the repository itself.
    pub(super) async fn begin(
        client: Octocrab,
        name: &'a str,
        memory: &'a mut Memory,
        teller: &'a mut Teller,
    ) -> Result<Self, Halt> {
        let page = Asker::new(client.clone(), &mut memory.shelf).page(&format!("/repos/{name}")).await?;
        let object = page.json()?;
        let base = object.field("default_branch").and_then(Json::name).unwrap_or_default().into_owned();
        let repository = object.raw().to_owned();
        let (issues, pulls) = Default::default();
        Ok(Self { client, name, repository, base, memory, teller, issues, pulls })
    }

    /// Looks at everything in it. What was told is not told again when the look breaks off.
    pub(super) async fn run(mut self) -> Result<(), Halt> {
        self.branches().await?;
        self.list_issues().await?;
        let mut heads = self.open_pulls().await?;
        self.closed_pulls().await?;
        heads.extend(self.memory.landed(now()));
        heads.extend(self.memory.tips.get(&self.base).copied());
        heads.sort_unstable();
        heads.dedup();
        for head in heads {
            self.checks(head).await?;
        }
        self.memory.end(self.issues, self.pulls);
        Ok(())
    }

    async fn list_issues(&mut self) -> Result<(), Halt> {
        let since = written(self.memory.issues_since());
        let lists: &[String] = if self.memory.is_thorough() {
            &["state=open".to_owned(), format!("state=closed&since={since}")]
        } else {
            &[format!("state=all&since={since}")]
        };
        for list in lists {
            let mut pages = self.list(&format!("issues?{list}&sort=created&direction=asc"));
            while let Some(page) = pages.next(&mut self.asker()).await? {
                for issue in page.json()?.items() {
                    self.issues.note(moment(issue, "updated_at"));
                    self.tell("issues", &format!("\"issue\":{}", issue.raw())).await?;
                }
            }
        }
        Ok(())
    }

    /// Tells of what was found, where that is new. The fields are the payload's own.
    async fn tell(&mut self, event: &str, fields: &str) -> Result<(), Halt> {
        let payload = format!("{{\"action\":\"observed\",{fields},\"repository\":{}}}", self.repository);
        Ok(self.teller.tell(event, &payload).await?)
    }

    fn asker(&mut self) -> Asker<'_> {
        Asker::new(self.client.clone(), &mut self.memory.shelf)
    }

    /// An address inside the repository.
    fn at(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.name)
    }

    /// A list inside the repository.
    fn list(&self, rest: &str) -> Pages {
        let joint = if rest.contains('?') { '&' } else { '?' };
        Pages::of(self.at(&format!("{rest}{joint}{PER_PAGE}")))
    }
}

/// A moment in GitHub's form.
fn written(moment: OffsetDateTime) -> String {
    let moment = moment.replace_nanosecond(0).unwrap_or(moment);
    moment.format(&Rfc3339).unwrap_or_default()
}

fn moment(object: Json<'_>, field: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&object.field(field)?.name()?, &Rfc3339).ok()
}
