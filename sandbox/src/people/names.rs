//! The names that acts give, and those that they use.

use std::collections::BTreeSet;

use super::{Act, Close, Comment, Deed, File, Label, Merge, On, Open, Rename, Reopen, Review};

/// What is named before it is there, or named twice.
pub(super) fn faults(acts: &[Act], repositories: &[String]) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut places: BTreeSet<String> = repositories.iter().cloned().collect();
    let mut names = BTreeSet::new();
    for act in acts {
        if !places.contains(&act.repository) {
            sentences.push(format!("there is no repository {} when {} acts in it", act.repository, act.who));
        }
        if let Some(On::Name(name)) = act.deed.on()
            && !names.contains(&(act.repository.as_str(), name.as_str()))
        {
            sentences.push(format!("nothing in {} is called {name:?} when {} acts on it", act.repository, act.who));
        }
        if let Some(name) = act.deed.name()
            && !names.insert((act.repository.as_str(), name))
        {
            sentences.push(format!("{name:?} is given twice in {}", act.repository));
        }
        if let Deed::Rename(Rename::Repository(to)) = &act.deed
            && let Some((owner, _)) = act.repository.split_once('/')
        {
            places.remove(&act.repository);
            let renamed = format!("{owner}/{to}");
            let moved: Vec<_> = names.iter().filter(|(at, _)| *at == act.repository).map(|(_, name)| *name).collect();
            if let Some(later) = acts.iter().find(|act| act.repository == renamed) {
                names.extend(moved.into_iter().map(|name| (later.repository.as_str(), name)));
            }
            places.insert(renamed);
        }
    }
    sentences
}

impl Deed {
    fn on(&self) -> Option<&On> {
        match self {
            Self::Comment(Comment { on, .. })
            | Self::Label(Label { on, .. })
            | Self::Close(Close { on, .. })
            | Self::Reopen(Reopen { on })
            | Self::Rename(Rename::Title(on, _))
            | Self::Review(Review { on, .. })
            | Self::Merge(Merge { on, .. }) => Some(on),
            Self::File(_) | Self::Rename(Rename::Repository(_)) | Self::Push(_) | Self::Open(_) | Self::Revert(_) => {
                None
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::File(File { name, .. }) | Self::Open(Open { name, .. }) => name.as_deref(),
            _ => None,
        }
    }
}
