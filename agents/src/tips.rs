//! Where the branches of a run are on GitHub now. Two short answers on a connection that is open tell whether there is
//! anything to fetch; a git that finds out the same starts two processes and asks twice.

use bus::commit::Oid;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::{
    api::{Api, Error},
    place::Place,
};

/// Where the branches of a run are; nothing where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tips {
    pub(crate) base: Option<Oid>,
    pub(crate) branch: Option<Oid>,
}

#[derive(Deserialize)]
struct Reference {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    sha: Oid,
}

impl Api<'_> {
    /// Asks once: whoever does not know fetches.
    pub(crate) async fn tips(&self, place: &Place) -> Result<Tips, Error> {
        let (base, branch) = tokio::try_join!(self.tip(place, &place.base), self.tip(place, &place.branch))?;
        Ok(Tips { base, branch })
    }

    async fn tip(&self, place: &Place, branch: &str) -> Result<Option<Oid>, Error> {
        let found = self.get_once(&place.repository, &format!("git/ref/heads/{}", escaped(branch))).await;
        match found {
            Ok(Reference { object: Object { sha } }) => Ok(Some(sha)),
            Err(Error::Http { source, .. }) if source.status() == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A branch as part of an address.
fn escaped(branch: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    branch.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_never_read_as_another_part_of_an_address() {
        assert_eq!(escaped("rig/1-Greet_it.x"), "rig/1-Greet_it.x");
        assert_eq!(escaped("a#b+ö@c"), "a%23b%2B%C3%B6%40c");
    }
}
