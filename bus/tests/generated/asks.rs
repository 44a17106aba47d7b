//! `docs/asks.md`: what may be asked, from the parser's own table.

use std::fmt::Write as _;

use bus::ask::word::{WORDS, Word};

const BEGIN: &str = "\
# What you can ask

Made from the table that the parser knows the words by (`make docs`); a test fails where the two differ.

A word is an order or a question when it is the **whole message**, in any room of the channel (`rig chat`, `rig say`), or
when it stands behind an **address** that begins a line: `/rig …` or `@conductor-e …`. In comments on GitHub people talk
with each other, so only what is addressed counts there. What is only shown (quotes, code, comments of HTML) asks nothing,
and neither does \"hold on, I think …\". Letter case and a full stop, question or exclamation mark behind it do not matter.

| say | it | you are answered |
|---|---|---|
";

const END: &str = "
**◆ changes something.** In the channel an operator may, and who is one the server holds by credential; on GitHub whoever
the repository calls owner, member or collaborator. From anybody else it is refused. The others anybody may ask; on GitHub
`queue` and `inbox` are not answered, since whoever reads along there need not know of other repositories.

**Which item.** `#3`, `3`, `acme/hello.site#3`, or its pull request, `!5`. In the room of an item, and under an issue or a
pull request, it goes without saying; so it does for an answer when only one item waits for a person. A bare number is the
item of the only repository that has one of that number; where several have, the answer names them. `file` goes to the
repository whose room it is said in, or to the only one that is looked after.

**Almost a word** is asked back: `retyr` → Did you mean `retry`? Nothing is done.

**The answer** stands where it was asked: in the room, said by `conductor-e`; for a comment on GitHub as a comment under it as
well, once, however often GitHub tells of the question. Whoever has no say in the repository is answered in the item's
room alone. What is known only later, as the number of an issue, is told there later.

**Nothing is confirmed twice**: each order acts at once, and can be undone by another. Only `land` asks for a reason.

## At the terminal

```sh
rig file \"Add a dark mode\"      # says it in the channel, waits for GitHub, prints number and address; filed again with
                                # the --id that it names when no answer comes, it is one issue
rig why 3                       # the three lines, then each step, newest first, backwards to its cause
rig why 3 --at 482              # as it stood when record 482 was the last
rig why-not 3                   # each gate, and the record that shut it
rig inbox                       # what waits for a person: who, what, since when, until when, and what happens then
rig status                      # how everything is; how many items lie where, and what is next
```

Each has `--json` and `--help` with more examples. Evidence is the number of a record (`rig tail --from 482 --count 1` shows
it), the time at which the server stored it, and the commit or address that it tells of. Times of records are in the zone of
the machine that shows them, and the heading names it; what the conductor says has UTC with it. A cause is looked for in the
8,192 records before what it caused: where it is not among them, that is said.
";

pub fn document() -> String {
    let mut text = BEGIN.to_owned();
    for Word { name: _, form, does, answer, changes } in WORDS {
        let mark = if changes { " ◆" } else { "" };
        let _ = writeln!(text, "| `{form}`{mark} | {does} | {answer} |");
    }
    text + END
}
