//! Trouble on demand: by rule, and by a seed where a rule leaves it to chance. Pure: what to do is said here, and done by
//! the adapters, so that the same seed and the same requests meet the same trouble.

mod list;
mod rule;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

pub(crate) use self::list::{listed, read};
pub use self::rule::{Deployment, Often, Post, Rule, Trouble, Unfit, Visit};
use crate::glob::fits;

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
        rule.check()?;
        self.extend([rule]);
        Ok(())
    }

    /// Takes rules that have been checked.
    pub(crate) fn extend(&mut self, rules: impl IntoIterator<Item = Rule>) {
        self.rules.extend(rules.into_iter().map(|rule| Armed { rule, met: 0, struck: 0 }));
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
            _ => None,
        })
    }

    /// What happens to a delivery.
    pub fn delivery(&mut self, event: &str) -> Option<Post> {
        self.strike(|rule| match rule {
            Rule::Delivery { event: wanted, what, .. } => fits(wanted, event).then_some(*what),
            _ => None,
        })
    }

    /// Whether a check never reports.
    pub fn check(&mut self, name: &str) -> bool {
        let silent = self.strike(|rule| match rule {
            Rule::Check { name: wanted, .. } => fits(wanted, name).then_some(()),
            _ => None,
        });
        silent.is_some()
    }

    /// What becomes of a deployment of this repository's site.
    pub fn deployment(&mut self, repository: &str) -> Option<Deployment> {
        self.strike(|rule| match rule {
            Rule::Deployment { repository: wanted, what, .. } => {
                is(wanted.as_deref(), repository).then(|| what.clone())
            }
            _ => None,
        })
    }

    /// What happens to a visit to this repository's site.
    pub fn visit(&mut self, repository: &str, path: &str) -> Option<Visit> {
        self.strike(|rule| match rule {
            Rule::Visit { repository: wanted, path: pattern, what, .. } => {
                (is(wanted.as_deref(), repository) && fits(pattern, path)).then_some(*what)
            }
            _ => None,
        })
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

fn is(wanted: Option<&str>, repository: &str) -> bool {
    wanted.is_none_or(|wanted| fits(wanted, repository))
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
    fn a_site_meets_what_is_meant_for_it() {
        let lie = "on = 'deployment'\nrepository = 'acme/*'\nwhat = 'lie'";
        let broken = "on = 'visit'\npath = '/**'\nwhat = { status = 503 }";
        let mut faults = faults(&[lie, broken]);
        assert_eq!(faults.deployment("ada/site"), None);
        assert_eq!(faults.visit("ada/site", "/a/b.js"), Some(Visit::Status(503)));
        assert_eq!([(); 2].map(|()| faults.deployment("acme/hello.site")), [Some(Deployment::Lie), None]);
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
