use std::io::Write as _;

use super::*;

fn written(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, Error> {
    let file = written(text);
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::of(Some(file.path()), environment)
}

#[test]
fn nothing_configured_is_a_configuration() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.operator.name, "operator");
    assert_eq!(config.ingest.listen, None);
}

#[test]
fn the_environment_is_stronger_than_the_file() {
    let text = "[operator]\nname = \"nora\"\n[servers]\nnats_port = 4333\n";
    let config = read(text, &[("RIG__OPERATOR__NAME", "sam"), ("RIG__HEALTH__LISTEN", "127.0.0.1:0")]).unwrap();
    assert_eq!(config.operator.name, "sam");
    assert_eq!(config.servers.nats_port, Some(Port::Fixed(4333)));
    assert_eq!(config.health.listen.map(SocketAddr::from), Some("127.0.0.1:0".parse().unwrap()));
}

#[test]
fn all_faults_are_told_at_once_each_with_its_key_and_what_to_write() {
    let text = "\
        [operator]\nname = \"\"\n\
        [ingest]\nlisten = \"localhost\"\nwebhook_secret = \"hunter2\"\nwebhook_secret_file = \"/no/such/file\"\n\
        [servers]\nnats_port = 70000\npostgres_port = [1]\n\
        [bus]\nlog_max_bytes = \"a lot\"\n\
        [discord]\ntoken = \"x\"\n";
    let error = read(text, &[("RIG__SERVERS__NATS_MONITOR_PORT", "eighty"), ("RIG__LOG__FILTER", "=,=")]).unwrap_err();
    let told = error.to_string();
    for needle in [
        "has 10 faults:",
        "operator.name (",
        "a name of 1 to 64 characters",
        "`localhost` is no address; write one like 127.0.0.1:8420",
        "is `ingest.webhook_secret_file` meant?",
        "/no/such/file cannot be read",
        "`70000` is no port; write 1 to 65535",
        "a single value is needed",
        "`a lot` is no size",
        "discord.token (",
        "there is no such key; the keys are operator.name, ",
        "servers.nats_monitor_port (RIG__SERVERS__NATS_MONITOR_PORT): `eighty` is no port",
        "log.filter (RIG__LOG__FILTER)",
    ] {
        assert!(told.contains(needle), "{needle:?} is not in:\n{told}");
    }
    assert!(!told.contains("hunter2"), "a secret in the wrong key is not repeated:\n{told}");
}

#[test]
fn two_listeners_on_one_port_are_a_fault() {
    let text = "[servers]\nnats_port = 4333\n[health]\nlisten = \"127.0.0.1:4333\"\n";
    let told = read(text, &[]).unwrap_err().to_string();
    assert!(told.contains("health.listen: port 4333 is servers.nats_port's already"), "{told}");
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    let told = read("[operator\n", &[]).unwrap_err().to_string();
    assert!(told.contains("line 1"), "{told}");
}

#[test]
fn a_file_that_was_named_must_exist() {
    let told = Config::of(Some(Path::new("/no/such/rig.toml")), environment::Ours::new()).unwrap_err().to_string();
    assert!(told.contains("/no/such/rig.toml"), "{told}");
}

#[test]
fn sizes_have_units() {
    for (text, bytes) in
        [("20GB", 20_000_000_000), ("64 MiB", 64 << 20), ("100000000", 100_000_000), ("1tb", 1_000_000_000_000)]
    {
        assert_eq!(value::size(text), Ok(bytes));
    }
    for text in ["", "GB", "-1", "1.5GB", "10", "20 gigabytes", "99999999999TB"] {
        assert!(value::size(text).is_err(), "{text}");
    }
}

#[test]
fn a_path_in_the_file_stands_relative_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "0123456789abcdef\n").unwrap();
    let file = folder.path().join("rig.toml");
    std::fs::write(&file, "[ingest]\nwebhook_secret_file = \"secret\"\n").unwrap();
    let config = Config::of(Some(&file), environment::Ours::new()).unwrap();
    assert_eq!(config.ingest.webhook_secret_file, Some(folder.path().join("secret")));
}

fn is_config(line: &str) -> bool {
    line.contains(" = ") || line.starts_with("[[")
}

/// Each key of the example is commented out with its default: with all of them in force it must be a configuration
/// without unknown keys, and every key there is must be shown.
#[test]
fn the_example_shows_every_key_and_reads() {
    let example = include_str!("../../../rig.example.toml");
    let in_force: String = example
        .lines()
        .map(|line| line.strip_prefix("#").filter(|rest| is_config(rest)).unwrap_or(line).to_owned() + "\n")
        .collect();
    let file = written(&in_force);
    let mut reader = Reader::new(Some(file.path()), environment::Ours::new()).unwrap();
    let shown = reader.keys();
    let config = Config::read(&mut reader);
    assert_eq!((config.repositories.len(), config.agents.len()), (1, 1), "a table that nobody can read");
    let mut known = reader.known().to_vec();
    known.sort_unstable();
    assert_eq!(shown, known, "rig.example.toml shows other keys than there are");
    assert_eq!(config.operator.name, "operator");
    assert_eq!(config.log.filter, "info");
    let log = bus::stream::specs().iter().find(|spec| spec.name == "LOG").unwrap();
    assert_eq!(config.bus.log_max_bytes, Some(log.max_bytes));
    let ports = crate::home::Ports::default();
    assert_eq!(config.servers.nats_port, Some(Port::Fixed(ports.nats)));
    assert_eq!(config.servers.nats_monitor_port, Some(Port::Fixed(ports.nats_monitor)));
    assert_eq!(config.servers.postgres_port, Some(Port::Fixed(ports.postgres)));
    assert_eq!(config.ingest.listen.map(|listen| SocketAddr::from(listen).port()), Some(ports.webhooks));
    assert_eq!(config.health.listen.map(|listen| SocketAddr::from(listen).port()), Some(ports.health));
}

#[test]
fn a_secret_that_can_be_guessed_is_a_fault_and_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    for (text, needle) in [("", "is empty"), ("hunter2", "has 7 bytes and needs 16"), ("a\nb", "more than one line")] {
        std::fs::write(&secret, text).unwrap();
        let told = read("", &[("RIG__INGEST__WEBHOOK_SECRET_FILE", secret.to_str().unwrap())]).unwrap_err().to_string();
        assert!(told.contains(needle) && !told.contains("hunter2"), "{told}");
    }
}

fn keys(folder: &Path) {
    for role in ["dev-e", "review-e", "conductor-e"] {
        std::fs::write(folder.join(role), "-----BEGIN RSA PRIVATE KEY-----\n").unwrap();
    }
}

fn in_folder(text: &str) -> Result<Config, Error> {
    let folder = tempfile::tempdir().unwrap();
    keys(folder.path());
    let file = folder.path().join("rig.toml");
    std::fs::write(&file, text).unwrap();
    Config::of(Some(&file), environment::Ours::new())
}

const APPS: &str = "\
    [operator]\nname = \"nora\"\n\
    [github]\napi = \"http://127.0.0.1:8480/api/v3/\"\n\
    [github.implementer]\napp = 1\nkey_file = \"dev-e\"\nlogin = \"Dev-E\"\n\
    [github.reviewer]\napp = 2\nkey_file = \"review-e\"\nlogin = \"review-e[bot]\"\n\
    [github.conductor]\napp = 3\nkey_file = \"conductor-e\"\nlogin = \"conductor-e[bot]\"\n";

#[test]
fn apps_repositories_and_agents_are_read() {
    let text = format!(
        "{APPS}[[repository]]\nname = \"Acme/hello.site\"\nautonomy = \"land\"\nchecks = [\"test\"]\n\
         smoke = [{{ name = \"home\", path = \"/\" }}]\n\
         [[agent]]\ncharacter = \"dev-e\"\nreplicas = 2\n[[agent]]\ncharacter = \"review-e\"\n"
    );
    let config = in_folder(&text).unwrap();
    assert_eq!(config.github.api, "http://127.0.0.1:8480/api/v3");
    let apps = config.github.apps.unwrap();
    assert_eq!(apps.each().map(|(_, app)| app.login.clone()), ["dev-e[bot]", "review-e[bot]", "conductor-e[bot]"]);
    let [repository] = &config.repositories[..] else { panic!("{:?}", config.repositories) };
    assert_eq!((repository.name.as_str(), repository.label.as_str()), ("Acme/hello.site", "agent-ready"));
    assert_eq!((repository.checks.len(), repository.smoke.len()), (1, 1));
    assert_eq!(config.agents.iter().map(|agent| agent.replicas).collect::<Vec<_>>(), [2, 1]);
}

/// Who is asked would be mentioned on GitHub under a login that is somebody else's.
#[test]
fn where_the_rig_acts_on_github_the_person_has_to_be_named() {
    let nobody = APPS.replacen("[operator]\nname = \"nora\"\n", "", 1);
    let told = in_folder(&nobody).unwrap_err().to_string();
    assert!(told.contains("operator.name: it is needed where Apps are named"), "{told}");
    assert!(told.contains("[operator] name = \"nora\""), "{told}");
    assert_eq!(in_folder(APPS).unwrap().operator.name, "nora");
}

#[test]
fn what_is_wrong_in_a_list_is_told_with_its_number() {
    let text = "\
        [[repository]]\nname = \"acme/site\"\nautonomy = \"everything\"\nlabels = \"x\"\nchecks = \"test\"\n\
        [[repository]]\nsmoke = [{ path = \"about\" }]\n[[repository]]\nname = \"Acme/Site\"\n\
        [[agent]]\ncharacter = \"nobody.toml\"\nreplicas = 0\n";
    let told = in_folder(text).unwrap_err().to_string();
    for needle in [
        "repository 1, autonomy (",
        "`everything` is no autonomy; write watch",
        "repository 1, labels (",
        "is `label` meant?",
        "repository 1, checks (",
        "a list is needed here",
        "repository 2, name: it is needed here",
        "repository 2, smoke 1, name: it is needed here",
        "`about` is no path of a page",
        "repository: acme/site stands here twice",
        "agent 1, character: ",
        "nobody.toml cannot be read",
        "`0` is no number of replicas",
    ] {
        assert!(told.contains(needle), "{needle:?} is not in:\n{told}");
    }
}

#[test]
fn i_01_two_roles_with_one_identity_are_refused() {
    let told = in_folder(&APPS.replace("app = 2", "app = 1")).unwrap_err().to_string();
    assert!(told.contains("github.reviewer: it is the implementer's App too"), "{told}");
    let told = in_folder(&APPS.replace("conductor-e[bot]", "DEV-E[bot]")).unwrap_err().to_string();
    assert!(told.contains("github.conductor: it is the implementer's App too"), "{told}");
    let (two, _) = APPS.split_once("[github.conductor]").unwrap();
    assert!(in_folder(two).unwrap_err().to_string().contains("all three Apps are needed"));
}
