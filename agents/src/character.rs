//! Who an agent is: one file a character.
//!
//! A file is read strictly and to its end: whoever wrote it is told everything that is wrong with it at once.

mod fields;
mod say;

use std::{fmt, path::PathBuf, time::Duration};

use bus::roles::{Name, Skill};

use fields::Fields;
pub use fields::duration;
pub(crate) use say::tidy;
pub use say::{Moment, Say};

/// dev-e, who makes changes.
pub const DEV_E: &str = include_str!("../characters/dev-e.toml");

/// review-e, who judges them.
pub const REVIEW_E: &str = include_str!("../characters/review-e.toml");

/// An agent, as its file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Character {
    /// Its name: its user on the channel, and how people know it.
    pub name: Name,
    /// What it can do.
    pub role: Role,
    /// How it thinks and talks, in words for its brain.
    pub persona: String,
    /// Where it runs: whose offers it takes.
    pub pool: Name,
    /// What it thinks with.
    pub brain: Brain,
    /// How much one run may take.
    pub limits: Limits,
    /// What it says.
    pub say: Say,
}

/// What an agent can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Makes changes.
    Implementer,
    /// Judges them.
    Reviewer,
}

/// What an agent thinks with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Brain {
    /// A program.
    Command {
        /// The program.
        program: PathBuf,
        /// Its arguments, as they are: no shell reads them.
        args: Vec<String>,
    },
    /// A playbook, and no thinking at all.
    Rehearsal {
        /// Its file; nothing for the one that comes along.
        playbook: Option<PathBuf>,
    },
}

/// How much one run may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// When it is asked to come to an end.
    pub soft: Duration,
    /// When it is ended.
    pub hard: Duration,
    /// How long it may say nothing.
    pub quiet: Duration,
    /// How many turns it may take.
    pub turns: u32,
}

/// Everything that is wrong with a character's file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the character cannot be read: {}", self.0.join("; "))
    }
}

impl Role {
    /// Its name, as subjects have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implementer => "implementer",
            Self::Reviewer => "reviewer",
        }
    }

    fn of(name: &str) -> Result<Self, String> {
        [Self::Implementer, Self::Reviewer]
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| format!("`{name}` is no role: implementer or reviewer"))
    }
}

impl Character {
    /// Reads a character's file.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let table = text.parse::<toml::Table>().map_err(|error| Faults(vec![error.to_string()]))?;
        let mut faults = Vec::new();
        let mut fields = Fields::new("", table, &mut faults);
        let name = fields.text("name", |text| Name::of(text).map_err(|error| error.to_string()));
        let role = fields.text("role", Role::of);
        let persona = fields.text("persona", |text| Ok(text.trim().to_owned()));
        let pool = fields.text("pool", |text| Name::of(text).map_err(|error| error.to_string()));
        let brain = fields.table("brain");
        let limits = fields.table("limits");
        let say = fields.table("say");
        fields.end();
        let brain = brain.and_then(|table| brain_of(Fields::new("brain.", table, &mut faults)));
        let limits = limits.and_then(|table| limits_of(Fields::new("limits.", table, &mut faults)));
        let say = say.map(|table| Say::of(Fields::new("say.", table, &mut faults)));
        match (name, role, persona, pool, brain, limits, say) {
            (Some(name), Some(role), Some(persona), Some(pool), Some(brain), Some(limits), Some(say))
                if faults.is_empty() =>
            {
                Ok(Self { name, role, persona, pool, brain, limits, say })
            }
            _ => Err(Faults(faults)),
        }
    }

    /// The credential's role on the channel.
    ///
    /// # Errors
    /// Never for a role of ours: their names are skills.
    pub fn on_the_channel(&self) -> Result<bus::roles::Role, bus::roles::BadName> {
        Ok(bus::roles::Role::Agent { role: Skill::of(self.role.name())?, pool: self.pool.clone() })
    }
}

fn brain_of(mut fields: Fields<'_>) -> Option<Brain> {
    let kind = fields.text("kind", |text| Ok(text.to_owned()))?;
    let brain = match kind.as_str() {
        "command" => fields
            .text("program", |text| Ok(PathBuf::from(text)))
            .map(|program| Brain::Command { program, args: fields.texts("args") }),
        "rehearsal" => Some(Brain::Rehearsal { playbook: fields.optional_text("playbook").map(PathBuf::from) }),
        other => {
            fields.fault("kind", &format!("`{other}` is no brain: command or rehearsal"));
            None
        }
    };
    fields.end();
    brain
}

fn limits_of(mut fields: Fields<'_>) -> Option<Limits> {
    let (soft, hard) = (fields.duration("soft"), fields.duration("hard"));
    let (quiet, turns) = (fields.duration("quiet"), fields.count("turns"));
    if let (Some(soft), Some(hard)) = (soft, hard)
        && soft >= hard
    {
        fields.fault("hard", "it comes after soft");
    }
    fields.end();
    Some(Limits { soft: soft?, hard: hard?, quiet: quiet?, turns: turns? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cast_can_be_read() {
        let dev = Character::parse(DEV_E).unwrap();
        let review = Character::parse(REVIEW_E).unwrap();
        assert_eq!((dev.name.as_str(), dev.role), ("dev-e", Role::Implementer));
        assert_eq!((review.name.as_str(), review.role), ("review-e", Role::Reviewer));
        for character in [dev, review] {
            let durable = character.on_the_channel().unwrap().grants(&character.name).durable.unwrap();
            assert_eq!(durable.name, format!("agent-{}-{}", character.role.name(), character.pool));
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = r#"
            name = "Dev E"
            role = "boss"
            persona = 7
            colour = "red"
            [brain]
            kind = "command"
            args = [1]
            [limits]
            soft = "30m"
            hard = "20m"
            quiet = "soon"
            turns = 0
            [say]
            claimed = "I take {everything}."
            shout = "!"
        "#;
        let Faults(faults) = Character::parse(text).unwrap_err();
        let all = faults.join("\n");
        for place in ["name", "role", "persona", "pool", "colour", "brain.program", "brain.args"] {
            assert!(all.contains(place), "{place} is not told:\n{all}");
        }
        for place in ["limits.hard", "limits.quiet", "limits.turns", "say.claimed", "say.shout", "say.pushed"] {
            assert!(all.contains(place), "{place} is not told:\n{all}");
        }
    }

    #[test]
    fn what_is_no_toml_is_one_fault() {
        assert_eq!(Character::parse("name = ").unwrap_err().0.len(), 1);
    }
}
