//! Trouble on demand: by rule, and by a seed where a rule leaves it to chance. Pure: what to do is said here, and done by
//! the adapters, so that the same seed and the same requests meet the same trouble.

mod glob;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::glob::fits;

/// One rule: to what, what, and how often.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// About requests to the REST API.
    Request {
        /// `GET`; every one if it is not said.
        method: Option<String>,
        /// A path in which `*` stands for one part and `**` for any number: `/repos/*/*/pulls/*/merge`.
        path: String,
        /// What happens to it.
        what: Trouble,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About deliveries to webhooks.
    Delivery {
        /// The event, `*` for all.
        event: String,
        /// What happens to it.
        what: Post,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
    /// About check runs of the played CI: they are begun and never end.
    Check {
        /// The check's name, `*` for all.
        name: String,
        /// How often; once if it is not said.
        #[serde(default)]
        often: Often,
    },
}

impl Rule {
    const fn often(&self) -> Often {
        match self {
            Self::Request { often, .. } | Self::Delivery { often, .. } | Self::Check { often, .. } => *often,
        }
    }
}

/// What happens to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It is answered with this status and nothing is done: 500, 502, 503.
    Status(u16),
    /// It is answered 403 with `Retry-After`, in seconds, as by GitHub's secondary limit; nothing is done.
    Limited(u64),
    /// Nothing is done, and the connection is held open this many milliseconds, then closed.
    SilentBefore(u64),
    /// It is done, and the connection is held open this many milliseconds, then closed.
    SilentAfter(u64),
    /// It is answered this many milliseconds late.
    Slow(u64),
    /// The token it carries is void from now on.
    TokenDies,
    /// It names a pull request: somebody pushes to its head first.
    BranchMoves,
}

/// What happens to a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// It is never sent; the log says that it failed.
    Lose,
    /// It is sent this many milliseconds late, and others pass it.
    Late(u64),
    /// It is sent twice, with one GUID.
    Double,
}

/// How often a rule strikes.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Often {
    /// The first so many times.
    Times(u64),
    /// Every so-manieth time.
    Every(u64),
    /// By chance: 0 never, 1 always.
    Chance(f64),
}

impl Default for Often {
    fn default() -> Self {
        Self::Times(1)
    }
}

/// Why a rule is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Unfit {
    /// A chance is a share.
    #[error("a chance lies between 0 and 1")]
    Chance,
    /// Every zeroth time is never.
    #[error("`every` counts from 1: 1 is always, 2 every second time")]
    Every,
    /// No HTTP status.
    #[error("{0} is no status that tells of trouble: 400 to 599 are")]
    Status(u16),
}

/// The rules, and where each stands.
#[derive(Clone, Debug)]
pub struct Faults {
    rules: Vec<Armed>,
    random: ChaCha8Rng,
}

#[derive(Clone, Debug)]
struct Armed {
    rule: Rule,
    /// How often it was looked at because it fitted.
    met: u64,
    struck: u64,
}

impl Faults {
    /// No trouble yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Takes one more rule.
    ///
    /// # Errors
    ///
    /// If it could never be meant.
    pub fn add(&mut self, rule: Rule) -> Result<(), Unfit> {
        check(&rule)?;
        self.rules.push(Armed { rule, met: 0, struck: 0 });
        Ok(())
    }

    /// From now on all is well.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Each rule with how often it has struck.
    pub fn rules(&self) -> impl Iterator<Item = (&Rule, u64)> {
        self.rules.iter().map(|armed| (&armed.rule, armed.struck))
    }

    /// What happens to a request: the first rule that strikes.
    pub fn request(&mut self, method: &str, path: &str) -> Option<Trouble> {
        self.strike(|rule| match rule {
            Rule::Request { method: wanted, path: pattern, what, .. } => {
                let same = wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
                (same && fits(pattern, path)).then_some(*what)
            }
            Rule::Delivery { .. } | Rule::Check { .. } => None,
        })
    }

    /// What happens to a delivery.
    pub fn delivery(&mut self, event: &str) -> Option<Post> {
        self.strike(|rule| match rule {
            Rule::Delivery { event: wanted, what, .. } => fits(wanted, event).then_some(*what),
            Rule::Request { .. } | Rule::Check { .. } => None,
        })
    }

    /// Whether a check never reports.
    pub fn check(&mut self, name: &str) -> bool {
        let silent = self.strike(|rule| match rule {
            Rule::Check { name: wanted, .. } => fits(wanted, name).then_some(()),
            Rule::Request { .. } | Rule::Delivery { .. } => None,
        });
        silent.is_some()
    }

    fn strike<T>(&mut self, fitting: impl Fn(&Rule) -> Option<T>) -> Option<T> {
        for armed in &mut self.rules {
            let Some(what) = fitting(&armed.rule) else { continue };
            armed.met += 1;
            let strikes = match armed.rule.often() {
                Often::Times(times) => armed.struck < times,
                Often::Every(every) => armed.met % every.max(1) == 0,
                Often::Chance(chance) => share(&mut self.random) < chance,
            };
            if strikes {
                armed.struck += 1;
                return Some(what);
            }
        }
        None
    }
}

fn check(rule: &Rule) -> Result<(), Unfit> {
    match rule.often() {
        Often::Chance(chance) if !(0.0..=1.0).contains(&chance) => return Err(Unfit::Chance),
        Often::Every(0) => return Err(Unfit::Every),
        Often::Chance(_) | Often::Every(_) | Often::Times(_) => {}
    }
    match rule {
        Rule::Request { what: Trouble::Status(status), .. } if !(400..=599).contains(status) => {
            Err(Unfit::Status(*status))
        }
        Rule::Request { .. } | Rule::Delivery { .. } | Rule::Check { .. } => Ok(()),
    }
}

/// A share from 0 to 1, without 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds exactly")]
fn share(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &[&str]) -> Faults {
        let mut faults = Faults::new(3);
        for rule in rules {
            faults.add(toml::from_str(rule).unwrap()).unwrap();
        }
        faults
    }

    const MERGE: &str = "on = 'request'\nmethod = 'PUT'\npath = '/repos/*/*/pulls/*/merge'\nwhat = { status = 502 }";

    #[test]
    fn a_rule_strikes_once_and_only_what_it_names() {
        let mut faults = faults(&[MERGE]);
        assert_eq!(faults.request("GET", "/repos/acme/site/pulls/1/merge"), None);
        assert_eq!(faults.request("PUT", "/repos/acme/site/pulls/1"), None);
        assert_eq!(faults.request("put", "/repos/acme/hello.site/pulls/1/merge"), Some(Trouble::Status(502)));
        assert_eq!(faults.request("PUT", "/repos/acme/site/pulls/1/merge"), None);
        assert_eq!(faults.rules().map(|(_, struck)| struck).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn every_third_delivery_is_lost() {
        let mut faults = faults(&["on = 'delivery'\nevent = '*'\nwhat = 'lose'\noften = { every = 3 }"]);
        let lost: Vec<bool> = (0..6).map(|_| faults.delivery("push").is_some()).collect();
        assert_eq!(lost, [false, false, true, false, false, true]);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let rule = "on = 'delivery'\nevent = 'push'\nwhat = { late = 50 }\noften = { chance = 0.3 }";
        let [mut one, mut two] = [faults(&[rule]), faults(&[rule])];
        let lates: Vec<_> = (0..1000).map(|_| one.delivery("push")).collect();
        assert_eq!(lates, (0..1000).map(|_| two.delivery("push")).collect::<Vec<_>>());
        let late = lates.iter().flatten().count();
        assert!((200..400).contains(&late), "{late} of 1000");
    }

    #[test]
    fn a_check_keeps_silent() {
        let mut faults = faults(&["on = 'check'\nname = 'test'\noften = { times = 2 }"]);
        assert_eq!(
            [faults.check("test"), faults.check("lint"), faults.check("test"), faults.check("test")],
            [true, false, true, false]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |rule: &str| Faults::new(0).add(toml::from_str(rule).unwrap()).unwrap_err();
        assert_eq!(refused("on = 'check'\nname = '*'\noften = { chance = 2.0 }"), Unfit::Chance);
        assert_eq!(refused("on = 'check'\nname = '*'\noften = { every = 0 }"), Unfit::Every);
        let fine = MERGE.replace("502", "200");
        assert_eq!(refused(&fine), Unfit::Status(200));
        assert!(toml::from_str::<Rule>("on = 'request'\npath = '/'\nwhat = 'explode'").is_err());
    }
}
