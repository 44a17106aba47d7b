//! What the disk forgets, and what not: seen through the kernel, as a server sees it.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use nix::libc;
use power_cut::{Disk, Entries, Options, Tear};
use servers::testing::{self, Home};

fn disk(home: &Home, entries: Entries) -> Disk {
    let options = Options { entries, ..Options::default() };
    Disk::mount(&home.path().join("disk"), options).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}

fn cut(disk: &mut Disk) {
    disk.cut(&mut Tear::clean(), || {}).unwrap();
}

fn flush(path: &Path) {
    File::open(path).unwrap().sync_all().unwrap();
}

#[test]
fn what_was_written_is_forgotten_and_what_was_flushed_is_not() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFile);
    let (flushed, written) = (disk.path().join("flushed"), disk.path().join("written"));
    let mut file = File::create(&flushed).unwrap();
    file.write_all(b"kept").unwrap();
    file.sync_data().unwrap();
    file.write_all(b" and lost").unwrap();
    drop(file);
    fs::write(&written, "lost").unwrap();
    assert_eq!(fs::read_to_string(&flushed).unwrap(), "kept and lost");
    let forgotten = disk.cut(&mut Tear::clean(), || {}).unwrap();
    assert_eq!(fs::read_to_string(&flushed).unwrap(), "kept");
    assert!(!written.exists());
    assert_eq!((forgotten.pages, forgotten.names), (1, 1), "a page of the first file and the second one's name");
}

#[test]
fn a_synchronous_write_is_flushed_when_it_returns() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFile);
    for (name, flag) in [("sync", libc::O_SYNC), ("dsync", libc::O_DSYNC)] {
        let path = disk.path().join(name);
        let mut file = OpenOptions::new().create(true).append(true).custom_flags(flag).open(&path).unwrap();
        file.write_all(b"kept").unwrap();
        cut(&mut disk);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept", "{name}");
    }
}

#[test]
fn a_new_file_is_found_when_its_folder_was_flushed_or_where_the_file_systems_in_use_do_more_itself() {
    for (entries, flush_folder, found) in [
        (Entries::WithFile, false, true),
        (Entries::WithFile, true, true),
        (Entries::WithFolder, false, false),
        (Entries::WithFolder, true, true),
    ] {
        let home = testing::home();
        let mut disk = disk(&home, entries);
        let folder = disk.path().join("a/b");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("file"), "kept").unwrap();
        flush(&folder.join("file"));
        if flush_folder {
            for folder in [&folder, &disk.path().join("a"), disk.path()] {
                flush(folder);
            }
        }
        cut(&mut disk);
        let left = fs::read_to_string(folder.join("file")).ok();
        assert_eq!(left.is_some_and(|left| left == "kept"), found, "{entries:?}, folder flushed: {flush_folder}");
    }
}

#[test]
fn a_rename_is_done_or_not_done_and_a_removal_comes_undone() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFolder);
    let at = |name: &str| home.path().join("disk").join(name);
    for name in ["old", "new", "gone"] {
        fs::write(at(name), name).unwrap();
        flush(&at(name));
    }
    flush(disk.path());
    fs::rename(at("new"), at("old")).unwrap();
    fs::remove_file(at("gone")).unwrap();
    cut(&mut disk);
    let all = ["old", "new", "gone"].map(|name| fs::read_to_string(at(name)).unwrap());
    assert_eq!(all, ["old", "new", "gone"]);
    fs::rename(at("new"), at("old")).unwrap();
    flush(disk.path());
    cut(&mut disk);
    assert_eq!(fs::read_to_string(at("old")).unwrap(), "new");
    assert!(!at("new").exists());
}

#[test]
fn whoever_holds_a_file_open_over_a_cut_is_told_that_the_disk_is_broken() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFile);
    let mut file = File::create(disk.path().join("file")).unwrap();
    file.write_all(b"before").unwrap();
    cut(&mut disk);
    assert_eq!(file.write_all(b"after").unwrap_err().raw_os_error(), Some(libc::EIO));
    assert_eq!(file.sync_all().unwrap_err().raw_os_error(), Some(libc::EIO));
}

/// The property everything else rests upon: at whatever moment the power goes, a flush that returned was done.
#[test]
fn no_flush_that_returned_is_undone_at_whatever_moment_the_power_goes() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFile);
    for round in 0..40_u64 {
        let path = disk.path().join(format!("file-{round}"));
        let (flushed, going) = (AtomicUsize::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut file = File::create(&path).unwrap();
                while file.write_all(b"line\n").and_then(|()| file.sync_data()).is_ok() {
                    flushed.fetch_add(1, Ordering::SeqCst);
                }
                assert!(going.load(Ordering::SeqCst), "a write failed before the power went");
            });
            let enough = usize::try_from(round % 7).unwrap() + 1;
            let deadline = Instant::now() + Duration::from_secs(10);
            while flushed.load(Ordering::SeqCst) < enough && Instant::now() < deadline {
                std::hint::spin_loop();
            }
            disk.cut(&mut Tear::seeded(round), || going.store(true, Ordering::SeqCst)).unwrap();
        });
        let lines = fs::read_to_string(&path).unwrap().matches("line\n").count();
        let flushed = flushed.load(Ordering::SeqCst);
        assert!(lines >= flushed && flushed > 0, "round {round}: {flushed} flushed, {lines} left");
    }
}

#[test]
fn what_is_beyond_the_room_is_refused_until_somebody_makes_room() {
    let home = testing::home();
    let options = Options { room: Some(10 * 4096), ..Options::default() };
    let mut disk = Disk::mount(&home.path().join("disk"), options).unwrap_or_else(|error| panic!("{error}: {error:?}"));
    let no_space = |error: std::io::Error| assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    let at = |name: &str| home.path().join("disk").join(name);
    fs::write(at("some"), [1; 4 * 4096]).unwrap();
    let mut file = File::create(at("more")).unwrap();
    assert_eq!(file.write(&[2; 9 * 4096]).unwrap(), 6 * 4096, "as much as fits");
    no_space(file.write(&[2; 1]).unwrap_err());
    no_space(File::create(at("another")).unwrap_err());
    no_space(fs::create_dir(at("folder")).unwrap_err());
    assert_eq!(disk.taken(), 10 * 4096);
    // What is there can be read, overwritten, flushed and renamed.
    OpenOptions::new().write(true).open(at("some")).unwrap().write_all(&[3; 4 * 4096]).unwrap();
    file.sync_all().unwrap();
    fs::rename(at("some"), at("moved")).unwrap();
    assert_eq!(fs::read(at("moved")).unwrap(), [3; 4 * 4096]);

    disk.room(11 * 4096);
    file.write_all(&[2; 4096]).unwrap();
    no_space(file.write(&[2; 1]).unwrap_err());
    fs::remove_file(at("moved")).unwrap();
    file.write_all(&[2; 4 * 4096]).unwrap();
    file.sync_all().unwrap();
    cut(&mut disk);
    assert_eq!(fs::read(at("more")).unwrap().len(), 11 * 4096);
    no_space(File::create(at("another")).unwrap_err());
}

#[test]
fn a_disk_leaves_no_mount_behind() {
    let home = testing::home();
    let mut disk = disk(&home, Entries::WithFile);
    cut(&mut disk);
    let at = disk.path().display().to_string();
    let mounted = || fs::read_to_string("/proc/self/mountinfo").unwrap().contains(&at);
    assert!(mounted());
    drop(disk);
    assert!(!mounted());
}
