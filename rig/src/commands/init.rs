//! `rig init`: three questions, and the two files with which a rig of one's own begins.

mod files;
mod question;

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use self::{files::Answers, question::Question};
use crate::{
    exit::Failure,
    screen::{self, GOOD, NAME},
};

const EXAMPLES: &str = "\
Examples:
  rig init                                                        asks three questions
  rig init --repository acme/site --operator nora --check test    asks nothing

Writes rig.toml, and keys/.gitignore so that no key is ever committed. What is there already is not touched: then
nothing is written, and the code is 4. Next: rig github setup.";

/// See [`run`].
#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The repository that is looked after, as acme/site
    #[arg(long, value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// Your login on GitHub: who is asked when nobody else is named
    #[arg(long, value_name = "LOGIN")]
    operator: Option<String>,
    /// A check that must be green before anything lands; as often as there are checks
    #[arg(long = "check", value_name = "NAME")]
    checks: Vec<String>,
    /// How far the Rig goes by itself
    #[arg(long, value_enum, default_value_t = Autonomy::Propose)]
    autonomy: Autonomy,
    /// Where the two files go
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// How far the Rig goes by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Autonomy {
    /// It says what it would do
    Watch,
    /// Everything but the merge
    Propose,
    /// Everything
    Land,
}

/// Asks what was not said, then writes.
pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let Args { repository, operator, checks, autonomy, folder } = args;
    // Before anything is asked: nobody answers three questions for nothing.
    files::must_be_free(&folder)?;
    let repository = Question::REPOSITORY.answered(repository)?;
    let operator = Question::OPERATOR.answered(operator)?;
    let checks = match checks.is_empty() {
        true => Question::CHECKS.answered(None)?,
        false => Question::CHECKS.answered(Some(checks.join(",")))?,
    };
    let checks = checks.split(',').map(str::trim).filter(|check| !check.is_empty()).map(str::to_owned).collect();
    let written = files::write(&folder, &Answers { repository, operator, checks, autonomy: autonomy.name() })?;
    for file in written {
        screen::say(&format!("{GOOD}✓{GOOD:#} {}", file.display()));
    }
    screen::say(&format!("  Next: {NAME}rig github setup{NAME:#} makes the three Apps that act for you."));
    Ok(())
}

impl Autonomy {
    const fn name(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Propose => "propose",
            Self::Land => "land",
        }
    }
}
