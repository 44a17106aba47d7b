//! What a pusher hears.

use std::io;

use gix_packetline::{
    Channel,
    blocking_io::encode::{band_to_write, data_to_write, flush_to_write},
};

use super::request::Capabilities;

/// What became of a push, ready to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// Why the pack could not be taken.
    pub(super) unpack: Option<String>,
    /// Each ref, and why not if not.
    pub(super) refs: Vec<(String, Result<(), String>)>,
    /// Lines for the person who pushes.
    pub(super) messages: Vec<String>,
}

/// A side-band packet's most bytes, without its length and its band.
const BAND: usize = 65_515;

impl Report {
    /// In the form that the pusher asked for.
    pub(super) fn write(&self, capabilities: Capabilities) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let status = if capabilities.report_status { self.status()? } else { Vec::new() };
        if !capabilities.side_band {
            return Ok(status);
        }
        for line in self.messages.iter().flat_map(|message| message.lines()) {
            for piece in format!("{line}\n").as_bytes().chunks(BAND) {
                band_to_write(Channel::Progress, piece, &mut out)?;
            }
        }
        for piece in status.chunks(BAND) {
            band_to_write(Channel::Data, piece, &mut out)?;
        }
        flush_to_write(&mut out)?;
        Ok(out)
    }

    fn status(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let unpack = self.unpack.as_deref().map_or_else(|| "ok".to_owned(), one_line);
        data_to_write(format!("unpack {unpack}\n").as_bytes(), &mut out)?;
        for (name, end) in &self.refs {
            let line = match end {
                Ok(()) => format!("ok {name}\n"),
                Err(reason) => format!("ng {name} {}\n", one_line(reason)),
            };
            data_to_write(line.as_bytes(), &mut out)?;
        }
        flush_to_write(&mut out)?;
        Ok(out)
    }
}

/// A reason is a part of a line.
fn one_line(reason: &str) -> String {
    reason.lines().collect::<Vec<_>>().join(" ").chars().take(1_000).collect()
}
