//! Ids and bytes.

use crate::git::{Git, cases};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sandbox::object::{Commit, Kind, Mode, Object, Objects, Oid, Signature, Tree, TreeEntry};

fn name() -> impl Strategy<Value = Vec<u8>> {
    // Names that stand in another order as a file's than as a directory's, and names that are not UTF-8.
    prop_oneof![
        "[ab]{1,3}".prop_map(String::into_bytes),
        "a[-./0]b?".prop_filter("no slash", |name| !name.contains('/')).prop_map(String::into_bytes),
        vec(prop_oneof![Just(0xe9_u8), Just(b'"'), Just(b'\n'), Just(b' ')], 1..3),
    ]
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::FILE, Mode::EXECUTABLE, Mode::SYMLINK, Mode::DIRECTORY, Mode::SUBMODULE])
}

fn signature() -> impl Strategy<Value = Signature> {
    ("[A-Zéø][a-z é]{0,8}[a-z]", "[a-z]{1,8}@example[.]com", 0..4_000_000_000_i64, -719..840_i32)
        .prop_map(|(name, email, seconds, offset_minutes)| Signature { name, email, seconds, offset_minutes })
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_blob_has_gits_id(content in vec(any::<u8>(), 0..200)) {
        let git = Git::new();
        let blob = Object::Blob(content.clone().into());
        prop_assert_eq!(git.oid(&["hash-object", "--stdin"], &content), blob.id());
    }

    #[test]
    fn a_tree_has_gits_id_and_order(entries in vec((mode(), name(), any::<[u8; 20]>()), 0..12)) {
        let git = Git::new();
        let entry = |(mode, name, oid): &(Mode, Vec<u8>, [u8; 20])| TreeEntry { mode: *mode, name: name.clone().into(), oid: Oid(*oid) };
        let tree = Tree::new(entries.iter().map(entry));
        let line = |entry: &TreeEntry| {
            [format!("{} {} {}\t", entry.mode, entry.mode.kind(), entry.oid).as_bytes(), &entry.name, b"\0"].concat()
        };
        let input: Vec<u8> = tree.entries().iter().rev().flat_map(line).collect();
        prop_assert_eq!(git.oid(&["mktree", "-z", "--missing"], &input), Object::Tree(tree.clone()).id());
        for entry in tree.entries() {
            prop_assert_eq!(tree.get(&entry.name), Some(entry.entry()));
        }
        prop_assert_eq!(tree.get(b"nothing"), None);
        prop_assert_eq!(Object::decode(Kind::Tree, Object::Tree(tree.clone()).encode()), Ok(Object::Tree(tree)));
    }

    #[test]
    fn a_commit_has_gits_id(author in signature(), committer in signature(), message in "[a-z\n é]{0,40}") {
        let mut objects = Objects::new();
        let tree = objects.insert(Tree::default());
        let first = Commit { tree, parents: vec![], author, committer, message, extra: Bytes::new() };
        let parent = objects.insert(first.clone());
        let second = Commit { parents: vec![parent], ..first };
        let oid = objects.insert(second.clone());
        let git = Git::mirror(&objects);
        let shown = git.text(&["log", "-1", "--format=%T %P %an <%ae> %at|%cn <%ce> %ct", &oid.to_string()]);
        let who = |who: &Signature| format!("{} <{}> {}", who.name, who.email, who.seconds);
        let expected = format!("{tree} {parent} {}|{}\n", who(&second.author), who(&second.committer));
        prop_assert_eq!(shown, expected);
        prop_assert_eq!(Object::decode(Kind::Commit, objects.raw(oid).unwrap().1), Ok(second.into()));
    }

    #[test]
    fn decoding_never_panics_and_keeps_the_bytes(kind in 0..4_usize, bytes in vec(any::<u8>(), 0..120)) {
        let kind = [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag][kind];
        let mut objects = Objects::new();
        if let Ok(oid) = objects.insert_raw(kind, bytes.clone().into()) {
            prop_assert_eq!(objects.raw(oid), Some((kind, bytes.into())));
        }
    }
}

#[test]
fn what_commit_tree_writes_is_what_we_write() {
    let git = Git::new();
    let tree = git.oid(&["mktree"], b"");
    assert_eq!(tree, Oid::EMPTY_TREE);
    let oid = git.oid(&["commit-tree", &tree.to_string(), "-m", "Begin"], b"");
    let who = |name: &str, seconds, offset_minutes| Signature {
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        seconds,
        offset_minutes,
    };
    let (author, committer) = (who("Ada", 1_700_000_000, 120), who("Nora", 1_700_000_060, -210));
    let commit =
        Commit { tree, parents: vec![], author, committer, message: "Begin\n".to_owned(), extra: Bytes::new() };
    assert_eq!(Object::from(commit).id(), oid);
}

/// Commits that git did not write: each keeps its bytes and so its id.
#[test]
fn odd_commits_keep_their_bytes() {
    let tree = Oid::EMPTY_TREE;
    let plain = "Ada <ada@example.com> 1 +0000";
    let odd = [
        format!(
            "tree {tree}\nauthor {plain}\ncommitter {plain}\nencoding latin1\ngpgsig -----BEGIN\n \n -----END\n\nSigned\n"
        ),
        format!("tree {tree}\nauthor Ada <ada@example.com> 1 -0000\ncommitter {plain}\n\nZone\n"),
        format!("tree {tree}\nauthor Ada <ada@example.com> 1 +051800\ncommitter {plain}\n\nZone\n"),
        format!("tree {tree}\nauthor <> 1 +0000\ncommitter  Ada  <ada@<example.com> 01 +0000\n\nGaps"),
        format!("tree {tree}\nauthor \ncommitter {plain}\n\n"),
        format!("tree {tree}\nauthor {plain}\ncommitter {plain}\n"),
        format!("tree {tree}\nauthor {plain}\ncommitter {plain}\nmergetag object\n"),
    ];
    let latin1 = [odd[0].as_bytes(), &[0xe9, b'\n']].concat();
    for bytes in odd.map(String::into_bytes).into_iter().chain([latin1]) {
        let mut objects = Objects::new();
        let oid = objects.insert_raw(Kind::Commit, bytes.clone().into()).unwrap();
        assert_eq!(objects.raw(oid), Some((Kind::Commit, bytes.clone().into())));
        let git = Git::new();
        assert_eq!(git.oid(&["hash-object", "--literally", "-t", "commit", "--stdin"], &bytes), oid);
    }
}

/// As git's own identities: what would end a header line, or the address, is left out.
#[test]
fn a_name_cannot_break_out_of_its_line() {
    let who = Signature {
        name: "Ada\nparent <x>".to_owned(),
        email: "a>\0\n@example.com".to_owned(),
        seconds: -1,
        offset_minutes: -1,
    };
    assert_eq!(who.to_string(), "Adaparent x <a@example.com> -1 -0001");
}

#[test]
fn a_signed_commit_encodes_to_its_bytes() {
    let who = "Ada <ada@example.com> 1 +0130";
    let text =
        format!("tree {}\nauthor {who}\ncommitter {who}\ngpgsig -----BEGIN\n \n -----END\n\nSigned\n", Oid::EMPTY_TREE);
    let object = Object::decode(Kind::Commit, text.clone().into()).unwrap();
    assert_eq!(object.encode(), text);
    let Object::Commit(commit) = object else { panic!("a commit") };
    assert_eq!((commit.author.offset_minutes, commit.message.as_str()), (90, "Signed\n"));
}

#[test]
fn trees_that_git_would_not_check_out_are_refused() {
    let entry = |mode: &str, name: &str| [format!("{mode} {name}\0").as_bytes(), &[7; 20]].concat();
    let refused = [
        entry("100644", ""),
        entry("100644", ".git"),
        entry("40000", ".GIT"),
        entry("40000", ".."),
        entry("100644", "a/b"),
        entry("100600", "a"),
        entry("100644", "a")[..15].to_vec(),
        [entry("100644", "b"), entry("100644", "a")].concat(),
        [entry("100644", "a"), entry("100644", "a")].concat(),
        [entry("100644", "a"), entry("100644", "a.b"), entry("40000", "a")].concat(),
    ];
    for bytes in refused {
        assert!(Object::decode(Kind::Tree, bytes.clone().into()).is_err(), "{bytes:?}");
    }
}

#[test]
fn an_annotated_tag_is_kept_and_peeled() {
    let git = Git::new();
    let commit = git.oid(&["commit-tree", &git.oid(&["mktree"], b"").to_string(), "-m", "Begin"], b"");
    git.run(&["tag", "-a", "-m", "One", "v1", &commit.to_string()], b"");
    git.run(&["tag", "-a", "-m", "Two", "v2", "v1"], b"");
    let mut objects = Objects::new();
    for (kind, name) in [(Kind::Commit, commit.to_string()), (Kind::Tag, "v1".to_owned()), (Kind::Tag, "v2".to_owned())]
    {
        let bytes = git.run(&["cat-file", kind.name(), &name], b"");
        assert_eq!(objects.insert_raw(kind, bytes.into()), Ok(git.oid(&["rev-parse", &name], b"")));
    }
    assert_eq!(objects.peel(git.oid(&["rev-parse", "v2"], b"")), Some(commit));
    assert_eq!(objects.len(), 3);
}
