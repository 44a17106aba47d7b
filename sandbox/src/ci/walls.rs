//! What stands between a job and the machine.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

/// Makes the namespaces, mounts their own `/proc`, and kills what is in them when it is killed itself.
const UNSHARE: [&str; 8] =
    ["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
const KEEPER: &str = include_str!("keeper.sh");

/// What stands between a job and the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    /// Linux namespaces of its own: no network but a loopback, no sight of other processes or their environments, and
    /// nothing that it started outlives it, because the kernel kills all of a process namespace with its first process.
    Namespaces,
    /// A process group, where the machine allows no namespaces. The job has the machine's network and sees the machine's
    /// processes. What leaves the group is known by its environment (on Linux) and killed; a process that left the group
    /// and cleared its environment outlives its job.
    Group,
}

impl Walls {
    /// The best walls that this machine allows, found by trying.
    pub async fn found(path: &str) -> Self {
        let tried = Command::new("unshare")
            .args(UNSHARE)
            .args(["setsid", "sh", "-c", ":"])
            .env_clear()
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await;
        if tried.is_ok_and(|status| status.success()) { Self::Namespaces } else { Self::Group }
    }

    /// A program within the walls, under a keeper; its environment is empty but for the `PATH`.
    pub(super) fn around(self, program: &Path, path: &str) -> Command {
        let mut command = match self {
            // A session of its own: the keeper's group is then within the namespace, and so is all that it kills.
            Self::Namespaces => starting("unshare", &[&UNSHARE[..], &["setsid", "sh"]].concat()),
            Self::Group => starting("sh", &[]),
        };
        command.args(["-c", KEEPER, "keeper"]).arg(program);
        command.env_clear().env("PATH", path).process_group(0);
        command
    }
}

fn starting(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}
