//! Letters beside `git format-patch --no-binary --stdout`: the same bytes.

use crate::git::Git;
use bytes::Bytes;
use sandbox::object::{Commit, Mode, Object, Objects, Oid, Signature};

type Files<'a> = &'a [(&'a str, Option<(Mode, &'a str)>)];

fn commit(objects: &mut Objects, parent: Option<Oid>, files: Files<'_>, name: &str, message: &str) -> Oid {
    let before = parent.map_or(Oid::EMPTY_TREE, |parent| objects.commit(parent).unwrap().tree);
    let changes: Vec<_> = files
        .iter()
        .map(|(path, file)| {
            let write = |(mode, content): (Mode, &str)| {
                (mode, objects.insert(Object::Blob(Bytes::copy_from_slice(content.as_bytes()))))
            };
            (*path, file.map(write))
        })
        .collect();
    let tree = objects.edit(before, &changes).unwrap();
    let who = Signature {
        name: name.to_owned(),
        email: "ada@example.com".to_owned(),
        seconds: 1_699_999_999 + objects.len() as i64 * 86_400,
        offset_minutes: -210,
    };
    let parents = parent.into_iter().collect();
    let message = message.to_owned();
    objects.insert(Commit { tree, parents, author: who.clone(), committer: who, message, extra: Bytes::new() })
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("line {number:x} of a text that is long enough\n")).collect()
}

#[test]
fn letters_as_git_writes_them() {
    let mut objects = Objects::new();
    let file = |content| Some((Mode::FILE, content));
    let (long, longer, other) = (lines(90), lines(100), lines(3));
    let first: Files<'_> =
        &[("a", file("one\n")), ("d/long", file(&long)), ("d/e/small", file(&other)), ("bin", file("\0x"))];
    let mut commits = vec![commit(&mut objects, None, first, "Ada", "Begin\n")];
    let mut next = |files: Files<'_>, name: &str, message: &str| {
        let oid = commit(&mut objects, commits.last().copied(), files, name, message);
        commits.push(oid);
    };
    next(&[("a", None), ("d/long", None), ("d/f/long", file(&longer))], "Ada Q. Lace", "Move\n\nBecause.\n\nAnd so.\n");
    next(
        &[("bin", file("\0xy")), ("a b", Some((Mode::SYMLINK, "bin")))],
        "Ada \"A\" Lace",
        &format!("{}\nand on\n", "many words ".repeat(12).trim()),
    );
    next(&[("d/e/small", Some((Mode::EXECUTABLE, &other))), ("empty", file(""))], "Ad\u{e9}", "Run\n\n\u{e9}");
    next(&[], "Ada", "Nothing\n");
    next(&[], "Ada", "Nothing\n\nat all\n");
    let deep = "a-very-long-name/of-a-folder/in-which/there-is/yet-another/folder/with-a/file.txt";
    next(
        &[(deep, file(&longer)), ("\u{e9}", file("x"))],
        "Ada",
        &format!("Gr\u{fc}n = {}\n", "gr\u{fc}n und blau ".repeat(8).trim()),
    );
    next(&[("d/e/small", None), ("small", Some((Mode::FILE, &other)))], "Ada", "Up\n");
    let git = Git::mirror(&objects);
    for commit in &commits {
        let theirs = git.text(&[
            "-c",
            "core.abbrev=7",
            "format-patch",
            "--no-binary",
            "--stdout",
            "--root",
            "-1",
            &commit.to_string(),
        ]);
        let ours = objects.format_patch(*commit).unwrap_or_default();
        assert_eq!(without_version(&theirs), without_version(&ours));
    }
    let tip = commits.last().unwrap().to_string();
    let theirs = git.text(&["-c", "core.abbrev=7", "format-patch", "--no-binary", "--stdout", "--root", &tip]);
    assert_eq!(without_version(&theirs), without_version(&objects.format_patches(&commits)));
}

/// A letter's last line tells the version of the git that is here.
fn without_version(letters: &str) -> String {
    let mut lines: Vec<&str> = letters.lines().collect();
    for at in 1..lines.len() {
        if lines[at - 1] == "-- " {
            lines[at] = "version";
        }
    }
    lines.join("\n")
}
