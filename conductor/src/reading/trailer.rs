//! The run that made a commit, as the commit's message names it.

use bus::catalogue::agent::Fence;

const KEY: &str = "rig-run";

/// The run in a message's trailers: `Rig-Run: <run>.<generation>`, in its last paragraph; the last where there are
/// several.
#[must_use]
pub fn run_of(message: &str) -> Option<Fence> {
    let lines = message.trim_end().lines().rev().take_while(|line| !line.trim().is_empty());
    lines.filter_map(|line| line.split_once(':')).find_map(|(key, value)| {
        let (run, generation) = value.trim().rsplit_once('.').filter(|_| key.eq_ignore_ascii_case(KEY))?;
        Some(Fence { run: run.parse().ok()?, generation: generation.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "8f9c1e52-7a4b-5d36-9e0f-1a2b3c4d5e6f";

    fn generation(message: &str) -> Option<u32> {
        let fence = run_of(&message.replace("RUN", RUN))?;
        assert_eq!(fence.run.to_string(), RUN);
        Some(fence.generation)
    }

    #[test]
    fn the_run_stands_in_the_last_paragraph() {
        assert_eq!(generation("Greet\n\nBy name.\n\nRig-Run: RUN.3\n"), Some(3));
        assert_eq!(generation("Greet\n\nrig-run:RUN.3\r\nCo-authored-by: ada <a@b>\r\n"), Some(3));
        assert_eq!(generation("Greet\n\nRig-Run: RUN.1\nRig-Run: RUN.2"), Some(2));
    }

    #[test]
    fn what_is_no_trailer_names_no_run() {
        for message in [
            "",
            "Greet",
            "Greet\n\nRig-Run: RUN.3\n\nAnd more.",
            "Rig-Run: RUN",
            "Rig-Run: RUN.x",
            "Rig-Run: 7.3",
            "Not-Rig-Run: RUN.3",
        ] {
            assert_eq!(generation(message), None, "{message}");
        }
    }
}
