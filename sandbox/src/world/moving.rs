//! A reference that a request moves: the same may be done to it as by a push.

use http::StatusCode;

use super::{call::Call, push::name_refusal, refusal::Refusal, rules::Declined};
use crate::object::Oid;

/// Why a request may not move a reference.
#[derive(Debug)]
pub(crate) enum Denied {
    /// Rules for the reference are against it.
    Declined(Declined),
    /// For another reason.
    Refused(Refusal),
}

impl Denied {
    /// As GitHub answers where references are asked for by name.
    pub(crate) fn unprocessable(self) -> Refusal {
        match self {
            Self::Declined(declined) => Refusal::unprocessable(declined.message()),
            Self::Refused(refusal) => refusal,
        }
    }

    /// As GitHub answers where something else was wanted, such as to write a file.
    pub(crate) fn conflict(self, wanted: &str) -> Refusal {
        match self {
            Self::Declined(declined) if declined.is_by_ruleset() => {
                Refusal::new(StatusCode::CONFLICT, declined.message())
            }
            Self::Declined(declined) => Refusal::new(StatusCode::CONFLICT, format!("{wanted}: {}", declined.message())),
            Self::Refused(refusal) => refusal,
        }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Call<'_> {
    /// Whether the principal may move a reference of the repository that the path names.
    pub(crate) fn may_move(&self, reference: &str, after: Option<Oid>) -> Result<(), Denied> {
        let repository = self.repository()?;
        let before = repository.references.get(reference).copied();
        let plain = name_refusal(reference).or_else(|| self.state.move_refusal(repository, reference, after));
        if let Some(reason) = plain {
            return Err(Refusal::unprocessable(reason).into());
        }
        if after.is_some_and(|after| self.state.workflow_refusal(&self.who, repository, after).is_some()) {
            return Err(Refusal::forbidden("Resource not accessible by integration").into());
        }
        let refusal = self.state.push_refusal(repository.id, reference, before, after, &self.who);
        match refusal {
            Some(declined) => Err(Denied::Declined(declined)),
            None => Ok(()),
        }
    }

    /// Moves a reference of the repository that the path names, if the principal may.
    pub(crate) fn move_reference(&mut self, reference: &str, after: Option<Oid>) -> Result<(), Denied> {
        self.may_move(reference, after)?;
        let (repository, sender) = (self.repository_id()?, self.actor()?);
        self.state.change_reference(repository, reference, after, sender);
        Ok(())
    }
}
