//! What an agent says of its work.

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{
        agent::{Alive, Claimed, Failed, Failure, Fence, Kind, Progressed},
        cmd::Offer,
    },
    envelope::now,
    publish::{self, Publisher},
};
use serde::Serialize;

use super::Doing;
use crate::character::{Character, Moment};

/// The program, as envelopes have it.
pub(super) const SOURCE: &str = "/rig/agent";

/// Speaks for an agent, of one piece of work or of itself.
pub(crate) struct Claims<'a> {
    pub(crate) publisher: &'a Publisher,
    pub(crate) character: &'a Character,
    pub(crate) offer: Option<&'a Offer>,
}

impl Claims<'_> {
    /// The sentence for a moment of this work.
    pub(crate) fn sentence(&self, moment: Moment, places: &[(&str, &str)]) -> String {
        let issue = self.offer.map_or_else(String::new, |offer| offer.item.number.to_string());
        let title = self.offer.map_or("", |offer| offer.item.title.as_str());
        let all = [&[("issue", issue.as_str()), ("title", title)], places].concat();
        self.character.say.sentence(moment, &all)
    }

    /// Takes the offer. Said twice by the same agent, it is one record.
    pub(crate) async fn claimed(&self, offer: &Offer) -> Result<(), publish::Error> {
        let say = self.sentence(Moment::Claimed, &[]);
        self.say(Kind::Claimed, self.id(offer, Kind::Claimed), Claimed { say, fence: offer.fence }).await
    }

    /// What it thinks on its way; `place` is the same for whoever says it again. Words that cannot be stored stop nobody.
    pub(crate) async fn progressed(&self, say: String, place: &str) {
        if let Some(offer) = self.offer {
            let id = offer.fence.run.named(&format!("{} {place} {say}", Kind::Progressed.name()));
            let said = self.say(Kind::Progressed, id, Progressed { say, fence: offer.fence }).await;
            if let Err(error) = said {
                tracing::warn!(%error, "words of a run were not stored");
            }
        }
    }

    /// Takes an offer of which only the fence can be read, to say what is wrong with it.
    pub(crate) async fn claimed_unread(&self, fence: Fence) -> Result<(), publish::Error> {
        let say = format!("{} cannot read this offer.", self.character.name);
        self.say(Kind::Claimed, self.id_of(fence, Kind::Claimed), Claimed { say, fence }).await
    }

    /// Says of it that it cannot be read.
    pub(crate) async fn failed_unread(&self, fence: Fence, error: String) -> Result<(), publish::Error> {
        let say = format!("✗ {} cannot read the offer: {error}", self.character.name);
        let failed =
            Failed { say, fence, failure: Failure::Broken { error: format!("the offer cannot be read: {error}") } };
        self.say(Kind::Failed, self.id_of(fence, Kind::Failed), failed).await
    }

    /// A sign of life. The next one comes soon.
    pub(crate) async fn alive(&self, Doing { work, resting_until }: Doing) {
        let (role, pool) = (self.character.role.name().to_owned(), self.character.pool.to_string());
        let alive = Alive { say: format!("{} lives.", self.character.name), role, pool, work, resting_until };
        if let Err(error) = self.say(Kind::Alive, RecordId::new(), alive).await {
            tracing::warn!(%error, "a sign of life was not stored");
        }
    }

    /// The id of what is said once of a run by this agent.
    pub(crate) fn id(&self, offer: &Offer, kind: Kind) -> RecordId {
        self.id_of(offer.fence, kind)
    }

    fn id_of(&self, fence: Fence, kind: Kind) -> RecordId {
        fence.run.named(&format!("{} {}", self.character.name, kind.name()))
    }

    pub(crate) async fn say<D: Serialize>(&self, kind: Kind, id: RecordId, data: D) -> Result<(), publish::Error> {
        let name = self.character.name.as_str();
        let mut envelope = Envelope::new(id, kind.type_name(), SOURCE, now(), data);
        (envelope.actor, envelope.trust) = (Some(name.into()), Trust::Agent);
        if let Some(offer) = self.offer {
            envelope.subject = Some(format!("{}{}", offer.item.repository, offer.item.number).into());
            envelope.run = Some(offer.fence.run.to_string().into());
        }
        let subject = Subject::SayAgent { name: Token::of(name), kind: Token::of(kind.name()) };
        let refused = |source: serde_json::Error| publish::Error::Refused {
            subject: subject.to_string(),
            reason: source.to_string(),
        };
        let draft = Draft::new(subject.clone(), &envelope).map_err(refused)?;
        self.publisher.publish(draft).await.map(drop)
    }
}
