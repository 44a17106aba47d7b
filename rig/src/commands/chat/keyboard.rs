//! Where lines come from: a person at a terminal, or a pipe.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    sync::mpsc as thread_mpsc,
    thread,
};

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use rustyline::{
    Completer, CompletionType, Config, Context, Editor, ExternalPrinter, Helper, Highlighter, Hinter, Validator,
    completion::Completer as Completes, error::ReadlineError, history::DefaultHistory,
};
use tokio::sync::mpsc;
use unicode_width::UnicodeWidthStr as _;

use super::known::Known;

/// What the keyboard, or the pipe, gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Input {
    /// A line.
    Line(String),
    /// No more lines come.
    End,
    /// Ctrl-C.
    Interrupted,
    /// What came is no text.
    Broken(String),
}

/// The two sides of what a person sits at.
pub(super) struct Desk {
    /// What is typed.
    pub(super) input: mpsc::UnboundedReceiver<Input>,
    /// Where lines are shown.
    pub(super) screen: Screen,
}

/// Where lines are shown.
pub(super) enum Screen {
    /// Above the line that is being typed. The prompts are answers to lines: one each.
    Terminal { lines: thread_mpsc::Sender<String>, prompts: thread_mpsc::Sender<String>, _tidy: Tidy },
    /// On stdout.
    Plain,
}

impl Screen {
    /// Whether a person types here.
    pub(super) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal { .. })
    }

    /// Shows a line.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(super) fn show(&self, line: &str) -> io::Result<()> {
        match self {
            Self::Terminal { lines, .. } => {
                lines.send(in_wanted_colours(line)).map_err(|_| io::ErrorKind::BrokenPipe.into())
            }
            Self::Plain => {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{line}").and_then(|()| out.flush())
            }
        }
    }

    /// Asks for the next line.
    pub(super) fn ask(&self, prompt: &str) {
        if let Self::Terminal { prompts, .. } = self {
            // A keyboard that is gone has said so already.
            let _ = prompts.send(format!("{prompt}> "));
        }
    }
}

/// The line editor writes to the terminal itself, so NO_COLOR is heeded here.
fn in_wanted_colours(line: &str) -> String {
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(line).to_string(),
        _ => line.to_owned(),
    }
}

/// A terminal where there is one on both sides, else a pipe.
pub(super) fn sit_down(known: Known) -> Desk {
    let (events, input) = mpsc::unbounded_channel();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let screen = terminal.then(|| at_terminal(known, events.clone())).flatten().unwrap_or_else(|| at_pipe(events));
    Desk { input, screen }
}

fn at_pipe(events: mpsc::UnboundedSender<Input>) -> Screen {
    // A read of stdin cannot be called off, so it has a thread that ends with the process.
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let input = line.map_or_else(|error| Input::Broken(error.to_string()), Input::Line);
            let broken = matches!(input, Input::Broken(_));
            if events.send(input).is_err() || broken {
                return;
            }
        }
        let _ = events.send(Input::End);
    });
    Screen::Plain
}

/// The terminal as it was before the editor took it over. The program may end while somebody types.
pub(super) struct Tidy(Option<Termios>);

impl Tidy {
    fn up_later() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }
}

impl Drop for Tidy {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs no tidying. The sequence ends what the editor asked of pasted text.
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, before);
            let _ = io::stdout().write_all(b"\x1b[?2004l").and_then(|()| io::stdout().flush());
        }
    }
}

/// Nothing where the terminal can do too little for editing.
fn at_terminal(known: Known, events: mpsc::UnboundedSender<Input>) -> Option<Screen> {
    let tidy = Tidy::up_later();
    let config = Config::builder().auto_add_history(true).completion_type(CompletionType::List).build();
    let mut editor: Editor<Assistant, DefaultHistory> = Editor::with_config(config).ok()?;
    editor.set_helper(Some(Assistant { known }));
    let mut printer = editor.create_external_printer().ok()?;
    let (lines, shown) = thread_mpsc::channel::<String>();
    let (prompts, asked) = thread_mpsc::channel::<String>();
    // Printing waits for the editor, and the editor for a prompt: neither may hold up the channel's side.
    thread::spawn(move || {
        for line in shown {
            let _ = printer.print(line + "\n");
        }
    });
    thread::spawn(move || {
        for prompt in asked {
            if events.send(read(&mut editor, &prompt)).is_err() {
                return;
            }
        }
    });
    Some(Screen::Terminal { lines, prompts, _tidy: tidy })
}

fn read(editor: &mut Editor<Assistant, DefaultHistory>, prompt: &str) -> Input {
    match editor.readline(prompt) {
        Ok(line) => {
            if !line.starts_with('/') {
                wipe(editor, prompt, &line);
            }
            Input::Line(line)
        }
        Err(ReadlineError::Eof) => Input::End,
        Err(ReadlineError::Interrupted) => Input::Interrupted,
        Err(error) => Input::Broken(error.to_string()),
    }
}

/// Takes the typed line off the screen: it comes back as the record that it becomes.
fn wipe(editor: &mut Editor<Assistant, DefaultHistory>, prompt: &str, line: &str) {
    let columns = editor.dimensions().map_or(80, |(columns, _)| usize::from(columns.max(1)));
    let rows: usize = format!("{prompt}{line}").split('\n').map(|part| part.width() / columns + 1).sum();
    let mut out = io::stdout().lock();
    let _ = write!(out, "\x1b[{rows}A\r\x1b[J").and_then(|()| out.flush());
}

/// Completes what is typed.
#[derive(Helper, Completer, Hinter, Highlighter, Validator)]
struct Assistant {
    #[rustyline(Completer)]
    known: Known,
}

impl Completes for Known {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.completions(line, position))
    }
}
