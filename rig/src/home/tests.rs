use super::*;

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir_in("/tmp").unwrap();
    let wanted = folder.path().join("home");
    (folder, wanted)
}

#[test]
fn a_home_is_made_once_and_found_again() {
    let (_folder, wanted) = scratch();
    let (home, note) = Home::make(&wanted).unwrap();
    assert_eq!((home.path(), note), (wanted.as_path(), None));
    assert_eq!(Home::find(&wanted).unwrap(), home);
    assert_eq!(Home::make(&wanted).unwrap().0, home);
}

#[test]
fn looking_for_a_home_makes_nothing() {
    let (_folder, wanted) = scratch();
    Home::find(&wanted).unwrap();
    assert!(!wanted.exists());
}

#[test]
fn a_folder_with_other_things_is_neither_taken_nor_emptied() {
    let (folder, _) = scratch();
    let precious = folder.path().join("thesis.txt");
    fs::write(&precious, "years of work").unwrap();
    assert!(matches!(Home::make(folder.path()), Err(Error::NotOurs(_))));

    let pretended = Home { path: folder.path().to_path_buf() };
    let lock = pretended.lock().unwrap();
    assert!(matches!(pretended.empty(&lock), Err(Error::NotOurs(_))));
    assert!(precious.exists());
}

#[test]
fn emptying_removes_what_is_there_and_follows_no_link() {
    let (folder, wanted) = scratch();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("kept"), "").unwrap();
    let (home, _) = Home::make(&wanted).unwrap();
    home.make_folders().unwrap();
    std::os::unix::fs::symlink(&outside, wanted.join("link")).unwrap();

    home.empty(&home.lock().unwrap()).unwrap();

    let mut left: Vec<_> = fs::read_dir(&wanted).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["lock", MARK]);
    assert!(outside.join("kept").exists());
}

#[test]
fn a_demo_empties_what_a_demo_left_and_nothing_else() {
    let (_folder, wanted) = scratch();
    let (home, _) = Home::make(&wanted).unwrap();
    let lock = home.lock().unwrap();
    let words = wanted.join("words");
    let store = || fs::write(&words, "kept").unwrap();

    home.give_to_demo(&lock).unwrap();
    store();
    home.give_to_demo(&lock).unwrap();
    assert!(!words.exists(), "a demo's home is emptied at each start");

    store();
    home.give_to_rig(&lock).unwrap();
    assert!(matches!(home.give_to_demo(&lock), Err(Error::NotADemos(_))), "a rig was up in it since");
    assert!(words.exists());
}

#[test]
fn the_demos_home_in_the_usual_one_keeps_it_from_nothing_and_outlives_it() {
    let (_folder, wanted) = scratch();
    let (demo, _) = Home::make(&wanted.join("demo")).unwrap();
    demo.make_folders().unwrap();
    let (home, _) = Home::make(&wanted).unwrap();
    home.make_folders().unwrap();
    home.empty(&home.lock().unwrap()).unwrap();
    assert!(demo.logs().exists() && !home.logs().exists());
}

#[test]
fn a_second_rig_is_told_who_is_there() {
    let (_folder, wanted) = scratch();
    let (home, _) = Home::make(&wanted).unwrap();
    let held = home.lock().unwrap();
    match home.lock() {
        Err(Error::InUse { pid, .. }) => assert_eq!(pid, std::process::id().to_string()),
        other => panic!("{other:?}"),
    }
    drop(held);
    home.lock().unwrap();
}

#[test]
fn what_is_private_is_readable_by_its_owner_alone() {
    let (_folder, wanted) = scratch();
    let (home, _) = Home::make(&wanted).unwrap();
    home.make_folders().unwrap();
    home.secrets().password("ingest").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.secrets().folder()), 0o700);
    assert_eq!(mode(&home.secrets().folder().join("ingest.password")), 0o600);
}
