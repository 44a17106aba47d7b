//! The mirror follows the world: what its refs reach is on disk before they move.

use std::{collections::HashSet, path::Path};

use super::{Error, Mirror, Raw, RepositoryId, loose};
use crate::object::{Kind, Objects, Oid};

/// A step of the walk. What an object names is written before it, so that an object on disk says that all it reaches
/// is there too, and the walk ends at it, after a crash as well.
enum Step {
    Visit(Oid),
    Write(Oid),
}

impl Mirror {
    /// Moves or makes (`Some`) and deletes (`None`) refs, all at once, after writing what they reach and the mirror
    /// lacks. The price is that of what is new.
    pub fn follow<N: AsRef<str>>(
        &self,
        repository: RepositoryId,
        objects: &Objects,
        references: &[(N, Option<Oid>)],
    ) -> Result<(), Error> {
        let place = self.objects(repository)?;
        for tip in references.iter().filter_map(|(_, oid)| *oid) {
            self.carry(&place, objects, tip)?;
        }
        self.update_refs(repository, references)
    }

    /// Writes what these objects reach and the mirror lacks, without a ref: a question may name commits that no branch
    /// has, as those are that a rebase would make on its way.
    pub fn know(&self, repository: RepositoryId, objects: &Objects, tips: &[Oid]) -> Result<(), Error> {
        let place = self.objects(repository)?;
        tips.iter().try_for_each(|tip| self.carry(&place, objects, *tip))
    }

    fn carry(&self, place: &Path, objects: &Objects, tip: Oid) -> Result<(), Error> {
        let (mut steps, mut seen) = (vec![Step::Visit(tip)], HashSet::new());
        while let Some(step) = steps.pop() {
            match step {
                Step::Visit(oid) if seen.insert(oid) && !self.holds(place, oid) => {
                    steps.push(Step::Write(oid));
                    steps.extend(objects.named(oid).into_iter().map(Step::Visit));
                }
                Step::Visit(_) => {}
                Step::Write(oid) => loose::write(place, &raw(objects, oid)?)?,
            }
        }
        Ok(())
    }
}

fn raw(objects: &Objects, oid: Oid) -> Result<Raw, Error> {
    match objects.raw(oid) {
        Some((kind, bytes)) => Ok(Raw { oid, kind, bytes }),
        None if oid == Oid::EMPTY_TREE => Ok(Raw::new(Kind::Tree, "".into())),
        None => {
            Err(Error::Unreadable { oid: oid.to_string(), fault: "the world has it not, and a ref would reach it" })
        }
    }
}
