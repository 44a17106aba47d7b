//! A rehearsal: a playbook is played, and nobody thinks. It says so.
//!
//! A playbook is chosen by the title and the kind of the task. For a sentence that it does not know it does
//! something modest: it writes the sentence down on the page, among the wishes.

mod act;
mod modest;
mod stage;

use std::str::FromStr;

use serde::Deserialize;

use super::{Answer, Desk};
use act::{Act, Kind};
use bus::{catalogue::work::Task, service::run::Word};
use stage::Trouble;

/// What the demo plays.
pub const HELLO_SITE: &str = include_str!("../../playbooks/hello-site.toml");

/// What is played.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// The page on which wishes are written down.
    page: String,
    #[serde(default, rename = "act")]
    acts: Vec<Act>,
}

impl FromStr for Playbook {
    type Err = toml::de::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        toml::from_str(text)
    }
}

impl Playbook {
    pub(super) async fn turn(&self, desk: &Desk<'_>) -> Answer {
        excuse(&desk.assignment.said, desk).await;
        let played = match (&desk.assignment.task, self.act(desk, Kind::of(&desk.assignment.task))) {
            (_, Some(act)) => act.play(desk).await,
            (Task::Build, None) => self.wish(desk).await,
            (Task::Review { head, .. }, None) => self.look(desk, *head).await,
            (Task::Rebase { .. }, None) => self.again(desk).await,
            (Task::Fix { .. } | Task::Mend { .. }, None) => Ok(Answer::GaveUp {
                say: "I only rehearse from a playbook, and it does not say what to do about this.".to_owned(),
            }),
        };
        played.unwrap_or_else(|trouble| Answer::Broken { error: format!("the rehearsal stumbled: {trouble}") })
    }

    fn act(&self, desk: &Desk<'_>, kind: Kind) -> Option<&Act> {
        self.acts.iter().find(|act| act.is_for(desk.assignment, kind))
    }

    /// Brings the branch up to date: by git, and where that contradicts itself by playing what made it once more. What
    /// nobody has asked for yet is not played: who asks for it later would see nothing new.
    async fn again(&self, desk: &Desk<'_>) -> Result<Answer, Trouble> {
        let base = desk.assignment.base_commit.to_string();
        if !desk.tree.git().call("rebase", ["--quiet", &base]).holds().await? {
            desk.tree.git().call("rebase", ["--abort"]).answer().await?;
            let left = desk.tree.git().call("log", ["--format=%s", &format!("{base}..HEAD")]).answer().await?;
            desk.tree.git().call("reset", ["--quiet", "--hard", &base]).answer().await?;
            match self.act(desk, Kind::Build) {
                Some(act) => drop(act.play(desk).await?),
                None => drop(self.wish(desk).await?),
            }
            for act in [Kind::Mend, Kind::Fix].into_iter().filter_map(|kind| self.act(desk, kind)) {
                if left.lines().any(|subject| act.commits(subject)) {
                    act.play(desk).await?;
                }
            }
        }
        Ok(Answer::Done { say: format!("up to date with {}", desk.assignment.base), title: None, body: None })
    }
}

/// Whoever said something is told that nobody listens here.
async fn excuse(said: &[Word], desk: &Desk<'_>) {
    if let Some(word) = said.last() {
        let count = if said.len() == 1 { String::new() } else { format!(", the last of {} remarks", said.len()) };
        let say = format!("I heard {}{count}. I only rehearse from a playbook, and change nothing for it.", word.who);
        desk.say(&say).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_playbook_that_comes_along_can_be_read() {
        let playbook: Playbook = HELLO_SITE.parse().unwrap();
        assert!(playbook.acts.len() >= 4);
    }

    #[test]
    fn what_a_playbook_does_not_know_is_refused() {
        let text = "page = 'index.html'\n[[act]]\ntask = 'build'\nsteps = [{ run = 'rm' }]";
        assert!(text.parse::<Playbook>().is_err());
        assert!("page = 'index.html'\ncolour = 'red'".parse::<Playbook>().is_err());
    }
}
