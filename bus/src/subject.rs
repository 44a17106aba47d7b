//! The subjects: where a record stands says what it is about and who spoke it.
//!
//! This file alone builds subjects and takes them apart. Each variant is one row of the table in `docs/subjects.md`,
//! which is generated from [`FAMILIES`].

use std::{fmt, str::FromStr};

use crate::token::Token;

/// Where a record stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are the tokens of the pattern that FAMILIES documents")]
pub enum Subject {
    /// What GitHub told us, or what we observed there.
    Github { owner: Token, repo: Token, kind: Token },
    /// What a person said.
    ChatOperator { room: Token, who: Token },
    /// What an agent said, as LOG has it.
    ChatAgent { room: Token, name: Token },
    /// What an agent claims, as LOG has it.
    Agent { name: Token, kind: Token },
    /// What became of a command.
    Outcome { door: Token, verb: Token },
    /// What a consumer could not handle.
    Dead { consumer: Token },
    /// What was observed of a deployment.
    Deploy { owner: Token, repo: Token, kind: Token },
    /// A deadline passed, or the tick.
    Due { kind: Token },
    /// A transition of one work item.
    Work { owner: Token, repo: Token, number: Token, kind: Token },
    /// The conductor's position and fence.
    ConductorStep,
    /// The state of the log itself.
    Bus { kind: Token },
    /// An offer to agents.
    CmdAgent { role: Token, pool: Token, verb: Token },
    /// Work for the GitHub door.
    CmdGithub { owner: Token, repo: Token, verb: Token },
    /// Work for the chat door.
    CmdChat { room: Token, verb: Token },
    /// Work for the deploy door.
    CmdDeploy { owner: Token, repo: Token, verb: Token },
    /// What an agent claims, as the agent publishes it.
    SayAgent { name: Token, kind: Token },
    /// What an agent says, as the agent publishes it.
    SayChat { room: Token, name: Token },
    /// Turns of a run.
    Trace { agent: Token, run: Token },
    /// A pending deadline or schedule.
    Sched { kind: Token, item: Token },
    /// A deadline that fired, before LOG has taken it over.
    DueFired { kind: Token },
    /// A request to a service.
    Svc { service: Token, verb: Token },
}

/// One row of the subject tree.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The subject's pattern, places in angle brackets.
    pub pattern: &'static str,
    /// Who may speak here.
    pub speaker: &'static str,
    /// What stands here.
    pub what: &'static str,
}

macro_rules! families {
    ($($pattern:literal, $speaker:literal, $what:literal => $variant:ident { $($place:ident),* };)*) => {
        /// Every family of subjects, in the order of the table.
        pub const FAMILIES: &[Family] = &[$(Family { pattern: $pattern, speaker: $speaker, what: $what }),*];

        impl Subject {
            /// The family this subject belongs to.
            #[must_use]
            pub fn family(&self) -> Family {
                match self { $(Self::$variant { .. } => Family { pattern: $pattern, speaker: $speaker, what: $what }),* }
            }

            fn places(&self) -> Vec<&Token> {
                match self { $(Self::$variant { $($place),* } => vec![$($place),*]),* }
            }

            fn from_places(pattern: &str, places: Vec<Token>) -> Option<Self> {
                let mut places = places.into_iter();
                match pattern {
                    $($pattern => Some(Self::$variant { $($place: places.next()?),* }),)*
                    _ => None,
                }
            }
        }
    };
}

families! {
    "rig.evt.github.<owner>.<repo>.<kind>", "ingest, reconciler", "what GitHub told us, or what we observed there" => Github { owner, repo, kind };
    "rig.evt.chat.<room>.operator.<who>", "chat doors", "what a person said" => ChatOperator { room, who };
    "rig.evt.chat.<room>.agent.<name>", "that agent, through VOICE", "what an agent said" => ChatAgent { room, name };
    "rig.evt.agent.<name>.<kind>", "that agent, through VOICE", "what an agent claims" => Agent { name, kind };
    "rig.evt.outcome.<door>.<verb>", "that door", "what became of a command" => Outcome { door, verb };
    "rig.evt.dead.<consumer>", "that consumer", "what could not be handled, with the errors" => Dead { consumer };
    "rig.evt.deploy.<owner>.<repo>.<kind>", "probe", "what was observed of a deployment" => Deploy { owner, repo, kind };
    "rig.evt.due.<kind>", "CLOCK", "a deadline passed, a schedule fired, the tick" => Due { kind };
    "rig.evt.work.<owner>.<repo>.<number>.<kind>", "conductor", "a transition of one work item" => Work { owner, repo, number, kind };
    "rig.evt.conductor.step", "conductor", "its position and fence" => ConductorStep { };
    "rig.evt.bus.<kind>", "projector, operator", "the state of the log itself" => Bus { kind };
    "rig.cmd.agent.<role>.<pool>.<verb>", "conductor", "an offer to agents" => CmdAgent { role, pool, verb };
    "rig.cmd.github.<owner>.<repo>.<verb>", "conductor", "work for the GitHub door" => CmdGithub { owner, repo, verb };
    "rig.cmd.chat.<room>.<verb>", "conductor", "work for the chat door" => CmdChat { room, verb };
    "rig.cmd.deploy.<owner>.<repo>.<verb>", "conductor", "work for the deploy door" => CmdDeploy { owner, repo, verb };
    "rig.say.agent.<name>.<kind>", "that agent", "a claim; LOG has it as `rig.evt.agent.<name>.<kind>`" => SayAgent { name, kind };
    "rig.say.chat.<room>.<name>", "that agent", "words; LOG has them as `rig.evt.chat.<room>.agent.<name>`" => SayChat { room, name };
    "rig.trace.<agent>.<run>", "that agent", "turns of a run; in TRACE, not in LOG" => Trace { agent, run };
    "rig.sched.<kind>.<item>", "conductor, operator", "a pending deadline; in CLOCK, not in LOG" => Sched { kind, item };
    "rig.due.<kind>", "CLOCK", "a deadline that fired; LOG has it as `rig.evt.due.<kind>`" => DueFired { kind };
    "rig.svc.<service>.<verb>", "whoever is granted", "request and reply; in no stream" => Svc { service, verb };
}

impl Subject {
    /// Whether LOG holds records under this subject.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        let pattern = self.family().pattern;
        pattern.starts_with("rig.evt.") || pattern.starts_with("rig.cmd.")
    }

    /// The last place, which names the kind of the record where the family has kinds.
    #[must_use]
    pub fn kind(&self) -> Option<&Token> {
        match self {
            Self::Github { kind, .. }
            | Self::Agent { kind, .. }
            | Self::Deploy { kind, .. }
            | Self::Due { kind }
            | Self::Work { kind, .. }
            | Self::Bus { kind }
            | Self::SayAgent { kind, .. }
            | Self::DueFired { kind } => Some(kind),
            Self::CmdAgent { verb, .. }
            | Self::CmdGithub { verb, .. }
            | Self::CmdChat { verb, .. }
            | Self::CmdDeploy { verb, .. }
            | Self::Outcome { verb, .. } => Some(verb),
            _ => None,
        }
    }
}

fn is_place(part: &str) -> bool {
    part.starts_with('<')
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places = self.places().into_iter();
        for (n, part) in self.family().pattern.split('.').enumerate() {
            if n > 0 {
                f.write_str(".")?;
            }
            match is_place(part).then(|| places.next()).flatten() {
                Some(token) => f.write_str(token.as_str())?,
                None => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

/// A subject that belongs to none of the families.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a subject of the Rig; `rig subjects` lists them")]
pub struct UnknownSubject(String);

impl FromStr for Subject {
    type Err = UnknownSubject;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        FAMILIES
            .iter()
            .find_map(|family| Self::from_places(family.pattern, places_in(family.pattern, text)?))
            .ok_or_else(|| UnknownSubject(text.to_owned()))
    }
}

fn places_in(pattern: &str, text: &str) -> Option<Vec<Token>> {
    let mut places = Vec::new();
    let mut tokens = text.split('.');
    for part in pattern.split('.') {
        let token = tokens.next()?;
        if is_place(part) {
            places.push(Token::parse(token)?);
        } else if part != token {
            return None;
        }
    }
    tokens.next().is_none().then_some(places)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_subject_reads_as_the_design_writes_it() {
        let subject = Subject::Github {
            owner: Token::of_github_name("Acme"),
            repo: Token::of_github_name("hello.site"),
            kind: Token::of("issues"),
        };
        assert_eq!(subject.to_string(), "rig.evt.github.acme.hello%2Esite.issues");
        assert_eq!(Subject::ConductorStep.to_string(), "rig.evt.conductor.step");
    }

    #[test]
    fn an_agents_room_cannot_be_taken_for_an_operators() {
        let subject: Subject = "rig.evt.chat.general.agent.dev-e".parse().unwrap();
        assert!(matches!(subject, Subject::ChatAgent { .. }));
    }

    #[test]
    fn no_two_families_take_the_same_subject() {
        for family in FAMILIES {
            let sample = family.pattern.replace(['<', '>'], "");
            let taking = FAMILIES.iter().filter(|other| places_in(other.pattern, &sample).is_some());
            assert_eq!(taking.count(), 1, "{sample}");
        }
    }

    #[test]
    fn what_is_not_ours_is_refused_with_its_name() {
        for text in
            ["", "rig", "rig.evt.github.acme.site", "rig.evt.github.acme.si te.issues", "foo.bar", "rig.evt.bus."]
        {
            assert!(text.parse::<Subject>().unwrap_err().to_string().contains(text));
        }
    }

    proptest! {
        #[test]
        fn every_subject_comes_back_from_its_text(owner in ".*", repo in ".*", kind in ".*", n in 0..FAMILIES.len()) {
            let texts = [owner, repo, kind, "4".to_owned()];
            let pattern = FAMILIES[n].pattern;
            let count = pattern.split('.').filter(|part| is_place(part)).count();
            let places = texts.iter().take(count).map(|text| Token::of(text)).collect();
            let subject = Subject::from_places(pattern, places).unwrap();
            prop_assert_eq!(subject.to_string().parse::<Subject>().unwrap(), subject);
        }
    }
}
