//! A command that is given each record.

use std::process::{ExitStatus, Stdio};

use bus::Sequenced;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::line;

/// Runs `sh -c command` with the record as a line of JSON on stdin. What it needs for doing it once stands in its
/// environment, so that it need not take JSON apart: `RIG_ID`, `RIG_SUBJECT`, `RIG_SEQUENCE`.
///
/// # Errors
/// With a sentence, when it did not do it: it could not be started, or did not exit with 0.
pub(super) async fn give(command: &str, record: &Sequenced) -> Result<(), String> {
    let line = line::json(record, None);
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("RIG_ID", id(record))
        .env("RIG_SUBJECT", &record.subject)
        .env("RIG_SEQUENCE", record.sequence.to_string())
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("`{command}` cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command may exit without reading all of it: its exit code is what counts.
        let _ = stdin.write_all(format!("{line}\n").as_bytes()).await;
    }
    match child.wait().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{command}` {}", in_words(status))),
        Err(error) => Err(format!("`{command}` was lost: {error}")),
    }
}

/// What is no record is known by its place.
fn id(record: &Sequenced) -> String {
    match record.decode() {
        Ok((_, envelope)) => envelope.id.to_string(),
        Err(_) => format!("sequence-{}", record.sequence),
    }
}

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exited with {code}"),
        None => format!("was ended: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn record(body: &str) -> Sequenced {
        Sequenced {
            sequence: 7,
            subject: "rig.evt.bus.gap".to_owned(),
            headers: async_nats::HeaderMap::new(),
            body: body.to_owned().into(),
            stored_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn the_command_reads_the_line_and_its_exit_code_counts() {
        give("grep -q '\"sequence\":7,.*HOME'", &record("\"$HOME\"")).await.unwrap();
        let refusal = give("exit 7", &record("{}")).await.unwrap_err();
        assert_eq!(refusal, "`exit 7` exited with 7");
        let refusal = give("kill -9 $$", &record("{}")).await.unwrap_err();
        assert!(refusal.contains("signal"), "{refusal}");
    }

    #[tokio::test]
    async fn the_command_knows_the_record_without_taking_json_apart() {
        let knows = "[ \"$RIG_ID $RIG_SUBJECT $RIG_SEQUENCE\" = 'sequence-7 rig.evt.bus.gap 7' ]";
        give(knows, &record("{}")).await.unwrap();
        let id = bus::RecordId::of_delivery("one").to_string();
        let envelope = format!(
            r#"{{"specversion":"1.0","id":"{id}","type":"rig.bus.gap.v1","source":"/x","time":"2026-11-22T00:00:00Z","data":{{}}}}"#
        );
        give(&format!("[ \"$RIG_ID\" = {id} ]"), &record(&envelope)).await.unwrap();
    }

    #[tokio::test]
    async fn a_command_that_reads_nothing_is_no_trouble() {
        give("true", &record(&format!("\"{}\"", "x".repeat(1 << 20)))).await.unwrap();
    }
}
