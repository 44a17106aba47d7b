//! What agents say of their runs.

use bus::{
    Token,
    catalogue::agent::{Alive, Claimed, Failed, Finished, GaveUp},
    envelope::Sealed,
};

use crate::machine::{
    Fact,
    fact::{Claim, Says},
};

/// The claim of the agent of this name; nothing for a claim that decides nothing, as what it thinks on its way.
pub(super) fn claims(name: &Token, kind: &str, envelope: &Sealed<'_>) -> Option<Fact> {
    let (fence, what) = match kind {
        "claimed" => {
            let Claimed { say: _, fence } = envelope.open().ok()?;
            (Some(fence), Says::Claimed)
        }
        "alive" => {
            let Alive { say: _, role: _, pool: _, work, resting_until } = envelope.open().ok()?;
            (work, Says::Alive { resting_until })
        }
        "finished" => {
            let Finished { say: _, fence, result } = envelope.open().ok()?;
            (Some(fence), Says::Finished(result))
        }
        "failed" => {
            let Failed { say: _, fence, failure } = envelope.open().ok()?;
            (Some(fence), Says::Failed(failure))
        }
        "gave_up" => {
            let GaveUp { say, fence } = envelope.open().ok()?;
            (Some(fence), Says::GaveUp(say))
        }
        _ => return None,
    };
    Some(Fact::Claim(Claim { agent: name.text()?, fence, what }))
}
