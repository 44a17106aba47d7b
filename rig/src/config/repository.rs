//! `[[repository]]`: the repositories that are looked after.

use conductor::{machine::rules::Autonomy, probe::Check};

use super::{
    reader::Reader,
    value::{address, autonomy, repository, words},
};

/// The label that has an issue taken up where no other is named.
const LABEL: &str = "agent-ready";

/// A repository that is looked after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Repository {
    /// As `acme/hello.site`.
    pub(crate) name: String,
    /// How far the rig goes by itself.
    pub(crate) autonomy: Autonomy,
    /// The label that has an issue taken up.
    pub(crate) label: String,
    /// The checks that must be green before anything lands.
    pub(crate) checks: Vec<String>,
    /// Labels that keep a change from landing.
    pub(crate) blocking: Vec<String>,
    /// Where what landed is to be seen.
    pub(crate) site: Option<String>,
    /// The pages that are tried there.
    pub(crate) smoke: Vec<Check>,
}

impl Repository {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let name = reader.required("name", repository);
        let autonomy = reader.or("autonomy", Autonomy::Propose, autonomy);
        let label = reader.or("label", LABEL.to_owned(), words);
        let checks = reader.texts("checks", words);
        let blocking = reader.texts("blocking", words);
        let site = reader.optional("site", address);
        let smoke = reader.each("smoke", smoke);
        Some(Self { name: name?, autonomy, label, checks, blocking, site, smoke })
    }
}

fn smoke(reader: &mut Reader) -> Option<Check> {
    let name = reader.required("name", words);
    let path = reader.required("path", |text| {
        let path = text.starts_with('/').then(|| text.to_owned());
        path.ok_or_else(|| format!("`{text}` is no path of a page; write one like /about, from the slash on"))
    });
    let says = reader.optional("says", words);
    Some(Check { name: name?, path: path?, says })
}
