//! What became of a command, told by the door that carried it out.

use bus::{
    Draft, Envelope, RecordId, Subject, Token,
    catalogue::{
        cmd::Verb,
        outcome::{End, Outcome},
    },
    consume::Verdict,
    envelope,
    publish::Publisher,
};

/// A door that carries commands out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door {
    /// Its place in the subject of its outcomes.
    pub(crate) name: &'static str,
    /// The program that speaks.
    pub(crate) source: &'static str,
    /// Whom it asks, as people call it.
    pub(crate) other_side: &'static str,
}

/// A command that was carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command<'a> {
    /// Its identity.
    pub(crate) id: RecordId,
    /// What it was about.
    pub(crate) about: Option<&'a str>,
    /// What was ordered.
    pub(crate) verb: Verb,
}

impl Door {
    /// Publishes how a command ended; it is done with once the stream has that.
    pub(crate) async fn tell(&self, publisher: &Publisher, command: Command<'_>, end: End) -> Verdict {
        let Command { id, about, verb } = command;
        let outcome = Outcome { say: self.sentence(verb, &end), command: id, end };
        let mut envelope = Envelope::new(id.outcome(), verb.outcome_type_name(), self.source, envelope::now(), outcome);
        envelope.cause = Some(id);
        envelope.subject = about.map(Into::into);
        let subject = Subject::Outcome { door: Token::of(self.name), verb: Token::of(verb.name()) };
        let draft = match Draft::new(subject, &envelope) {
            Ok(draft) => draft,
            Err(error) => return Verdict::Poison(format!("the outcome cannot be written: {error}")),
        };
        match publisher.publish(draft).await {
            Ok(_) => Verdict::Done,
            Err(error) => Verdict::Retry(error.to_string()),
        }
    }

    fn sentence(&self, verb: Verb, end: &End) -> String {
        match end {
            End::Done { .. } => format!("{}: done", verb.name()),
            End::Refused { answer, .. } => format!("{}: {} refuses: {answer}", verb.name(), self.other_side),
            End::Failed { answer } => format!("{}: not now: {answer}", verb.name()),
        }
    }
}
