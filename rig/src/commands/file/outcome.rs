//! What became of something that was filed: LOG read from the words on.

use bus::{
    RecordId, Sequenced, Subject,
    catalogue::{
        cmd::{self, GithubOrder},
        outcome::{self, Left, Outcome},
    },
    connect::Connection,
    envelope::Sealed,
    filter::Filter,
    number::IssueNumber,
    read::{Reader, Start},
};

use crate::{commands::tail, exit::Failure};

/// How many commands and outcomes are looked through for what was filed before.
const BEFORE: u64 = 4096;

/// What is heard next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// GitHub has it.
    Filed { repository: String, title: String, number: IssueNumber, url: Option<String> },
    /// It was understood and is not done.
    Refused(String),
    /// GitHub did not take it; it is tried again.
    NotNow(String),
}

/// Since when it may have been filed.
#[derive(Clone, Copy)]
pub(super) enum Since {
    /// Since the words of this number.
    Words(u64),
    /// These words may have been said before.
    LongAgo,
}

/// Watches for it.
pub(super) struct Watch {
    reader: Reader,
    filing: Filing,
}

/// What is known so far of something that is being filed.
struct Filing {
    /// The words.
    asked: RecordId,
    /// The command, once one was given. After a failure another one is, with the same order.
    command: Option<(RecordId, cmd::Github)>,
}

impl Watch {
    pub(super) async fn begin(connection: &Connection, asked: RecordId, since: Since) -> Result<Self, Failure> {
        let filters: Vec<String> = ["cmd", "outcome"]
            .into_iter()
            .filter_map(|family| Filter::of_family(family).map(|filter| filter.to_string()))
            .collect();
        let start = match since {
            Since::Words(said) => Start::Sequence(said),
            Since::LongAgo => tail::last(connection, &filters, BEFORE).await?,
        };
        let reader = Reader::open(connection, start, &filters).await?;
        Ok(Self { reader, filing: Filing { asked, command: None } })
    }

    /// Waits for what is heard next.
    pub(super) async fn next(&mut self) -> Result<End, Failure> {
        loop {
            if let Some(end) = self.filing.hear(&self.reader.next().await?) {
                return Ok(end);
            }
        }
    }

    /// Whether the conductor gave the command.
    pub(super) const fn is_ordered(&self) -> bool {
        self.filing.command.is_some()
    }
}

impl Filing {
    fn hear(&mut self, record: &Sequenced) -> Option<End> {
        let (subject, envelope) = record.decode().ok()?;
        match subject {
            Subject::CmdChat { .. } if envelope.cause == Some(self.asked) => {
                Some(End::Refused(envelope.open::<cmd::Say>().ok()?.say))
            }
            Subject::CmdGithub { .. } => {
                self.hear_command(&envelope);
                None
            }
            Subject::Outcome { .. } => self.hear_outcome(&envelope),
            _ => None,
        }
    }

    fn hear_command(&mut self, envelope: &Sealed<'_>) {
        let Some(order) = envelope.open::<cmd::Github>().ok().filter(is_file) else {
            return;
        };
        let is_ours = match &self.command {
            None => envelope.cause == Some(self.asked),
            Some((_, before)) => before.order == order.order && before.repository_id == order.repository_id,
        };
        if is_ours {
            self.command = Some((envelope.id, order));
        }
    }

    fn hear_outcome(&self, envelope: &Sealed<'_>) -> Option<End> {
        let (command, order) = self.command.as_ref()?;
        let outcome = envelope.open::<Outcome>().ok().filter(|outcome| outcome.command == *command)?;
        Some(match outcome.end {
            outcome::End::Done { left: Left::Issue { issue: number, url } } => {
                let GithubOrder::File { title, .. } = &order.order else {
                    return None;
                };
                End::Filed { repository: order.repository.clone(), title: title.clone(), number, url }
            }
            outcome::End::Done { .. } => End::Refused("GitHub says it is done, and names no issue".to_owned()),
            outcome::End::Refused { answer, .. } => End::Refused(format!("GitHub refuses it: {answer}")),
            outcome::End::Failed { answer } => End::NotNow(answer),
        })
    }
}

const fn is_file(order: &cmd::Github) -> bool {
    matches!(order.order, GithubOrder::File { .. })
}
