//! Who a request says that a commit or tag is of.

use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::refusal::{Code, Refusal};
use crate::object::Signature;

/// A name, an address, and maybe a time.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Authored {
    name: String,
    email: String,
    date: Option<String>,
}

impl Authored {
    /// As a signature; the time is that of `now`, where none is said.
    pub(crate) fn signature(&self, now: &Signature) -> Result<Signature, Refusal> {
        let (name, email) = (self.name.clone(), self.email.clone());
        let (seconds, offset_minutes) = match self.date.as_deref() {
            Some(date) => when(date)?,
            None => (now.seconds, now.offset_minutes),
        };
        Ok(Signature { name, email, seconds, offset_minutes })
    }
}

fn when(date: &str) -> Result<(i64, i32), Refusal> {
    let at = OffsetDateTime::parse(date, &Rfc3339).map_err(|_| Refusal::invalid("Commit", "date", Code::Invalid))?;
    Ok((at.unix_timestamp(), i32::from(at.offset().whole_minutes())))
}
