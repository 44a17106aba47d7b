//! A command that is given each record.

use std::process::{ExitStatus, Stdio};

use tokio::{io::AsyncWriteExt as _, process::Command};

/// Runs `sh -c command` with the line on stdin.
///
/// # Errors
/// With a sentence, when it did not do it: it could not be started, or did not exit with 0.
pub(super) async fn give(command: &str, line: &str) -> Result<(), String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
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

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exited with {code}"),
        None => format!("was ended: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_command_reads_the_line_and_its_exit_code_counts() {
        give("read -r line && [ \"$line\" = 'a \"$HOME\" b' ]", "a \"$HOME\" b").await.unwrap();
        let refusal = give("exit 7", "x").await.unwrap_err();
        assert_eq!(refusal, "`exit 7` exited with 7");
        let refusal = give("kill -9 $$", "x").await.unwrap_err();
        assert!(refusal.contains("signal"), "{refusal}");
    }

    #[tokio::test]
    async fn a_command_that_reads_nothing_is_no_trouble() {
        give("true", &"x".repeat(1 << 20)).await.unwrap();
    }
}
