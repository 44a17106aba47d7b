//! What a pusher sends before the pack: commands, and options if it has promised some.

use std::{collections::BTreeSet, str};

use bytes::{Buf, BytesMut};
use gix_packetline::{
    PacketLineRef,
    decode::{Stream, streaming},
};
use thiserror::Error;

use crate::{
    git::{Command, reference},
    object::Oid,
};

/// A push's wishes, as far as they have been read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) commands: Vec<Command>,
    pub(super) capabilities: Capabilities,
    pub(super) options: Vec<String>,
    part: Part,
    /// Bytes read so far.
    read: usize,
}

/// What the pusher makes use of.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(super) struct Capabilities {
    pub(super) report_status: bool,
    pub(super) side_band: bool,
    pub(super) atomic: bool,
    pub(super) push_options: bool,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum Part {
    #[default]
    Commands,
    Options,
    Pack,
}

/// Bytes that no git sends.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum Malformed {
    #[error("a packet's length is damaged")]
    Packet,
    #[error("a command is not `old new ref`")]
    Command,
    #[error("a name is not UTF-8")]
    Text,
    #[error("its objects are not named by SHA-1")]
    Format,
    #[error("it has more than {MOST} bytes of commands")]
    TooMany,
}

/// Some ten thousand refs.
const MOST: usize = 2 << 20;

impl Request {
    /// Takes what it can from the front of the buffer. When it says true, the pack begins there.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Result<bool, Malformed> {
        while self.part != Part::Pack {
            match streaming(buffer).map_err(|_| Malformed::Packet)? {
                Stream::Incomplete { .. } => return Ok(false),
                Stream::Complete { line, bytes_consumed } => {
                    self.line(line)?;
                    self.read += bytes_consumed;
                    buffer.advance(bytes_consumed);
                }
            }
            if self.read > MOST {
                return Err(Malformed::TooMany);
            }
        }
        Ok(true)
    }

    /// Whether a pack follows.
    pub(super) fn has_pack(&self) -> bool {
        self.commands.iter().any(|command| command.new.is_some())
    }

    /// What speaks against this command before anyone is asked, in git's words.
    pub(super) fn faults(&self) -> Vec<Option<&'static str>> {
        let mut seen = BTreeSet::new();
        self.commands
            .iter()
            .map(|command| match seen.insert(command.reference.as_str()) {
                _ if !reference::is_name(&command.reference) => Some("funny refname"),
                false => Some("multiple updates for ref"),
                true => None,
            })
            .collect()
    }

    fn line(&mut self, line: PacketLineRef<'_>) -> Result<(), Malformed> {
        match (self.part, line) {
            (Part::Commands, PacketLineRef::Data(line)) => self.command(line),
            (Part::Options, PacketLineRef::Data(line)) => {
                self.options.push(text(line)?.trim_end_matches('\n').to_owned());
                Ok(())
            }
            (Part::Commands, PacketLineRef::Flush) if self.capabilities.push_options => {
                self.part = Part::Options;
                Ok(())
            }
            (_, PacketLineRef::Flush) => {
                self.part = Part::Pack;
                Ok(())
            }
            _ => Err(Malformed::Packet),
        }
    }

    fn command(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let line = text(line)?.trim_end_matches('\n');
        if line.starts_with("shallow ") {
            // Where the pusher's history ends. Git looks itself whether ours goes on.
            return Ok(());
        }
        let (command, promised) = match line.split_once('\0') {
            Some((command, promised)) if self.commands.is_empty() => (command, promised),
            _ => (line, ""),
        };
        self.commands.push(wish(command)?);
        if !promised.is_empty() {
            self.capabilities = Capabilities::read(promised)?;
        }
        Ok(())
    }
}

impl Capabilities {
    fn read(text: &str) -> Result<Self, Malformed> {
        let has = |name| text.split(' ').any(|word| word == name);
        let mut formats = text.split(' ').filter_map(|word| word.strip_prefix("object-format="));
        if formats.any(|format| format != "sha1") {
            return Err(Malformed::Format);
        }
        Ok(Self {
            report_status: has("report-status"),
            side_band: has("side-band-64k"),
            atomic: has("atomic"),
            push_options: has("push-options"),
        })
    }
}

fn wish(line: &str) -> Result<Command, Malformed> {
    let mut words = line.splitn(3, ' ');
    let (old, new) = (oid(words.next())?, oid(words.next())?);
    let reference = words.next().filter(|name| !name.is_empty()).ok_or(Malformed::Command)?;
    Ok(Command { reference: reference.to_owned(), old, new })
}

fn oid(word: Option<&str>) -> Result<Option<Oid>, Malformed> {
    let oid: Oid = word.and_then(|word| word.parse().ok()).ok_or(Malformed::Command)?;
    Ok((!oid.is_zero()).then_some(oid))
}

fn text(line: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(line).map_err(|_| Malformed::Text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use gix_packetline::blocking_io::encode::{data_to_write, flush_to_write};
    use proptest::prelude::*;

    use super::*;

    fn sent(commands: &[Command], capabilities: &str, options: &[String]) -> Vec<u8> {
        let word = |oid: Option<Oid>| oid.unwrap_or(Oid::ZERO);
        let mut out = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            let line = format!("{} {} {}", word(command.old), word(command.new), command.reference);
            let more = if at == 0 { format!("\0 {capabilities}") } else { String::new() };
            data_to_write(format!("{line}{more}\n").as_bytes(), &mut out).unwrap();
        }
        flush_to_write(&mut out).unwrap();
        if capabilities.contains("push-options") {
            for option in options {
                data_to_write(option.as_bytes(), &mut out).unwrap();
            }
            flush_to_write(&mut out).unwrap();
        }
        out
    }

    fn commands() -> impl Strategy<Value = Vec<Command>> {
        let oid = || proptest::option::of(any::<[u8; 20]>().prop_map(Oid));
        let command = ("refs/[a-z]{1,6}/[a-z/ .]{1,20}", oid(), oid()).prop_map(|(reference, old, new)| Command {
            reference,
            old: old.filter(|oid| !oid.is_zero()),
            new: new.filter(|oid| !oid.is_zero()),
        });
        proptest::collection::vec(command, 1..8)
    }

    proptest! {
        #[test]
        fn what_was_sent_is_read_wherever_it_is_cut(
            commands in commands(),
            options in proptest::collection::vec("[a-z=]{1,9}", 0..4),
            pushes_options: bool,
            cut in 1_usize..64,
        ) {
            let capabilities =
                if pushes_options { "report-status side-band-64k push-options" } else { "report-status side-band-64k" };
            let mut whole = sent(&commands, capabilities, &options);
            whole.extend_from_slice(b"PACKrest");
            let (mut request, mut buffer, mut begun) = (Request::default(), BytesMut::new(), false);
            for piece in whole.chunks(cut) {
                buffer.extend_from_slice(piece);
                begun = request.take(&mut buffer).unwrap();
            }
            prop_assert!(begun);
            prop_assert_eq!(&buffer[..], b"PACKrest");
            prop_assert_eq!(request.commands, commands);
            prop_assert_eq!(request.options, if pushes_options { options } else { Vec::new() });
            prop_assert!(request.capabilities.report_status && request.capabilities.side_band);
            prop_assert!(!request.capabilities.atomic);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut buffer = BytesMut::from(&bytes[..]);
            let _any = Request::default().take(&mut buffer);
        }

        #[test]
        fn no_damage_makes_it_panic(commands in commands(), at: prop::sample::Index, byte: u8) {
            let mut whole = sent(&commands, "report-status push-options", &["a".to_owned()]);
            let at = at.index(whole.len());
            whole[at] = byte;
            let mut request = Request::default();
            if request.take(&mut BytesMut::from(&whole[..])).is_ok() {
                prop_assert_eq!(request.faults().len(), request.commands.len());
            }
        }
    }

    #[test]
    fn names_that_lead_out_of_the_repository_are_no_names() {
        let funny = ["refs/heads/../../../etc/passwd", "HEAD", "refs/heads", "refs/heads/a.lock", "refs/heads/a b", ""];
        for name in funny {
            assert!(!reference::is_name(name), "{name}");
        }
        assert!(reference::is_name("refs/heads/feature/ü-1"));
    }
}
