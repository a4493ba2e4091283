//! The rules of the project that the compiler does not enforce: which layer may import which, which module may print,
//! exit or read the environment, and that every driver is complete. Each failure names what is missing.

use std::fs;
use std::path::{Path, PathBuf};

use connprobe::driver::Registry;

/// The layers, lowest first. Layers with the same number do not import each other.
const LAYERS: &[(&str, u8)] = &[
    ("model", 0),
    ("net", 1),
    ("report", 1),
    ("driver", 2),
    ("engine", 3),
    ("schedule", 4),
    ("sql", 4),
    ("history", 5),
    ("store", 5),
    ("source", 6),
    ("cli", 7),
];

/// Every Rust file below `directory`.
fn rust_files(directory: &str) -> Vec<(PathBuf, String)> {
    fn walk(directory: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    let mut files = Vec::new();
    walk(Path::new(directory), &mut files);
    files
}

/// The code of a file without comments and without its unit tests, which are at its end.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn layer(path: &Path) -> Option<(&'static str, u8)> {
    let relative = path.strip_prefix("src").ok()?;
    let first = relative.components().next()?.as_os_str().to_str()?;
    LAYERS.iter().find(|(name, _)| *name == first).copied()
}

#[test]
fn a_layer_knows_only_lower_ones() {
    let mut broken = Vec::new();
    for (path, text) in rust_files("src") {
        let Some((own, height)) = layer(&path) else { continue };
        for (other, other_height) in LAYERS {
            if *other != own && *other_height >= height && code(&text).contains(&format!("crate::{other}")) {
                broken.push(format!("{} ({own}) imports {other}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_kit_of_the_drivers_knows_no_driver() {
    let names: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let knows = |text: &str, name: &str| code(text).contains(&format!("driver::{name}"));
    let broken: Vec<String> = rust_files("src/driver/kit")
        .iter()
        .flat_map(|(path, text)| {
            names.iter().filter(|name| knows(text, name)).map(move |name| format!("{} imports {name}", path.display()))
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The files that may name a driver besides its own folder and `tests/drivers/NAME`, and why.
const NAME_DRIVERS: &[(&str, &str)] = &[
    ("src/driver/mod.rs", "declares the folders"),
    ("src/driver/registry.rs", "is the list of them"),
    ("src/sql/", "is the SQL client over two of them"),
    ("src/store/", "keeps itself in a database of one, over `sql`"),
    ("src/source/store.rs", "reads the URL of a store"),
    ("src/source/airflow/", "reads the URL of a metadata database, in SQLAlchemy's words"),
    ("src/model/uri/", "reads URIs as Airflow does, with its one alias"),
    ("src/model/plain/pasted.rs", "knows the programs of command lines"),
];

/// A driver is one folder. Other modules read what they need about it from its spec.
#[test]
fn nothing_outside_its_folder_names_a_driver() {
    let names: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let mut found = Vec::new();
    let mut needed = Vec::new();
    for (path, text) in rust_files("src") {
        let shown = path.display().to_string();
        if shown.contains("/tests") || shown.ends_with("testing.rs") {
            continue;
        }
        // A feature has the name of its driver. It only selects what is built.
        let code: String = code(&text).lines().filter(|line| !line.contains("cfg(")).collect::<Vec<_>>().join("\n");
        for name in names.iter().filter(|name| !shown.starts_with(&format!("src/driver/{name}/"))) {
            // The scheme of a URL is spelt like this type, but is not meant as the type.
            let spelt = code.contains(&format!("\"{name}\"")) && *name != "http";
            let spoken = [format!("driver::{name}"), format!("super::{name}::")];
            if spelt || spoken.iter().any(|words| code.contains(words)) {
                match NAME_DRIVERS.iter().find(|(excepted, _)| shown.starts_with(excepted)) {
                    Some((excepted, _)) => needed.push(*excepted),
                    None => found.push(format!("{shown} names {name}")),
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let idle = |(path, _): &&(&str, &str)| *path != "src/driver/mod.rs" && !needed.contains(path);
    let idle: Vec<_> = NAME_DRIVERS.iter().filter(idle).collect();
    assert!(idle.is_empty(), "these name no driver any more: {idle:?}");
}

/// Which tests name drivers outside `tests/drivers/NAME`, and why. What a user writes may stand in any: `NAME` as the type of a
/// connection.
const NAME_DRIVERS_IN_TESTS: &[(&str, &str)] = &[
    ("tests/faults/matrix/seam.rs", "chooses who plays the faults of the kit, with the reason for each"),
    ("tests/faults/publish/compared/", "compares with the clients of two databases"),
    ("tests/live/poolers.rs", "is about what stands before the servers of one"),
    ("tests/live/mariadb.rs", "is about another product that one of them logs in to"),
    ("tests/offline/words/samples/reasons.rs", "has words that one of them gives to a reason of all"),
    ("tests/offline/hostile/egress.rs", "spells a host in the words of each"),
    ("tests/offline/hostile/secrets.rs", "has the places where each keeps secrets"),
    ("tests/offline/sources/shapes.rs", "has what people write as a type"),
    ("tests/commands/strangers.rs", "is about the wrong type at the port of another"),
    ("tests/commands/interrupted.rs", "is about what others mean for the one whose servers count interruptions"),
];

/// As many drivers in one test are a list by hand, which a new driver would have to join.
const A_LIST: usize = 4;

/// Tests find the drivers through `tests/drivers/list.rs`: none imports one, the tests of faults name none, and none lists them.
#[test]
fn no_test_outside_its_folder_names_a_driver() {
    let names: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let mut found = Vec::new();
    let mut needed = Vec::new();
    for (path, text) in rust_files("tests") {
        let (shown, code) = (path.display().to_string(), code(&text));
        let others = names.iter().filter(|name| !shown.starts_with(&format!("tests/drivers/{name}/")));
        // The scheme of a URL is the name of a type, but not meant so.
        let spelt: Vec<&&str> =
            others.clone().filter(|name| **name != "http" && code.contains(&format!("\"{name}\""))).collect();
        let imported = others.filter(|name| {
            let paths = [format!("drivers::{name}"), format!("driver::{name}"), format!("crate::speech::{name}")];
            paths.iter().any(|path| code.contains(path))
        });
        let is_list = spelt.len() >= A_LIST || shown.starts_with("tests/faults/") && !spelt.is_empty();
        if imported.count() > 0 || is_list {
            match NAME_DRIVERS_IN_TESTS.iter().find(|(excepted, _)| shown.starts_with(excepted)) {
                Some((excepted, _)) => needed.push(*excepted),
                None => found.push(format!("{shown} names drivers: {spelt:?}")),
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let idle: Vec<_> = NAME_DRIVERS_IN_TESTS.iter().filter(|(path, _)| !needed.contains(path)).collect();
    assert!(idle.is_empty(), "these name no driver any more: {idle:?}");
}

/// The texts about a definition and of a warning are made in `model`, and in two files of each driver.
#[test]
fn words_are_made_in_their_files_alone() {
    let made = |path: &Path, code: &str| {
        let shown = path.display().to_string();
        let own = shown.starts_with("src/model/") || shown.ends_with("/flaws.rs") || shown.ends_with("/notices.rs");
        !own && ["Words::new(", "Warning::new("].iter().any(|word| code.contains(word))
    };
    let files = rust_files("src").into_iter().filter(|(path, text)| made(path, &code(text)));
    let found: Vec<PathBuf> = files.map(|(path, _)| path).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_list_of_folders_is_that_of_the_registry() {
    let names: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let listed: Vec<&str> = crate::drivers::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, names, "tests/drivers/list.rs");
}

#[test]
fn every_module_says_what_it_owns() {
    let silent: Vec<PathBuf> = ["src", "tests", "examples"]
        .iter()
        .flat_map(|directory| rust_files(directory))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "no `//!` at the top: {silent:?}");
}

#[test]
fn only_the_named_layers_touch_the_world() {
    let rules: &[(&str, &[&str], &[&str])] = &[
        (
            "opens outward sockets",
            &["net"],
            &["TcpStream::connect", "UnixStream::connect", "UdpSocket::bind", "lookup_host", "to_socket_addrs"],
        ),
        ("reads the environment", &["cli", "source"], &["env::var", "env::vars"]),
        ("prints", &["report", "cli"], &["println!", "eprintln!", "io::stdout(", "io::stderr("]),
        ("ends the process", &[], &["process::exit", "process::abort"]),
        // `crate::clock` and `crate::threads` do this, and tolerate odd clocks and environments.
        ("reads the clock of the machine by itself", &[], &["Timestamp::now"]),
        ("starts a thread by itself", &[], &["thread::Builder", "thread::spawn"]),
        (
            "formats a driver crate's options, which may show the password",
            &[],
            &["{opts:?}", "{options:?}", "{config:?}"],
        ),
    ];
    let mut broken = Vec::new();
    // A module `tests` has servers and clients of its own.
    for (path, text) in rust_files("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let own = layer(&path).map_or("", |(name, _)| name);
        for (what, allowed, words) in rules {
            let word = words.iter().find(|word| code(&text).contains(**word));
            if let (Some(word), false) = (word, allowed.contains(&own)) {
                broken.push(format!("{} {what}: {word}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_driver_is_complete() {
    let readme = fs::read_to_string("README.md").unwrap();
    let compose = fs::read_to_string("docker-compose.yml").unwrap();
    let examples = fs::read_to_string("fixtures/connections.json").unwrap();
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let folders = fs::read_to_string("tests/drivers/list.rs").unwrap();
    let mut missing = Vec::new();
    for driver in Registry::builtin().drivers() {
        let spec = driver.spec();
        let name = spec.name;
        let mut need = |there: bool, what: String| {
            if !there {
                missing.push(format!("{name}: {what}"));
            }
        };
        need(Path::new(&format!("src/driver/{name}")).is_dir(), format!("src/driver/{name}/"));
        let codes = format!("src/driver/{name}/codes.rs");
        need(Path::new(&codes).is_file() && !spec.codes.rows.is_empty(), codes);
        for file in [
            "live.rs",
            "words.rs",
            "speech.rs",
            "faults.rs",
            "told.rs",
            "gate.rs",
            "transcript.rs",
            "servers",
            "seeds/login",
        ] {
            let file = format!("tests/drivers/{name}/{file}");
            need(Path::new(&file).exists(), file);
        }
        let served = spec.types.iter().any(|(word, _)| compose.contains(&format!("\n  {word}:")));
        need(served, "a service in docker-compose.yml, called by one of its types".to_owned());
        let page = format!("docs/faults/{name}.md");
        need(Path::new(&page).is_file(), page);
        need(manifest.contains(&format!("\n{name} = [")), format!("the feature `{name}` in Cargo.toml"));
        need(folders.contains(&format!(" {name}")), "its folder in tests/drivers/list.rs".to_owned());
        for file in ["spec", "options", "probe", "driver"] {
            let file = format!("src/driver/{name}/{file}.rs");
            need(Path::new(&file).is_file(), file);
        }
        need(
            spec.types.iter().any(|(word, _)| examples.contains(&format!("\"conn_type\": \"{word}\""))),
            "an example in fixtures/connections.json".into(),
        );
        for (word, _) in spec.types {
            need(readme.contains(&format!("`{word}`")), format!("the type `{word}` in README.md"));
        }
        for extra in spec.extras {
            need(!extra.doc.is_empty(), format!("a line of documentation for extra `{}`", extra.name));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_release_build_unwinds() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let settings = manifest.lines().filter(|line| !line.trim_start().starts_with('#'));
    assert!(settings.into_iter().all(|line| !line.contains("panic = \"abort\"")));
}

/// A number from outside that is too large must cause an error, and never wrap to a small one.
#[test]
fn a_release_build_checks_its_arithmetic() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let (_, release) = manifest.split_once("[profile.release]\n").unwrap();
    let own = release.split("\n[").next().unwrap();
    assert!(own.lines().any(|line| line.trim() == "overflow-checks = true"), "{own}");
}

/// `make advisories` fails without a database of advisories, and a workflow looks them up every day.
#[test]
fn advisories_are_looked_up_or_it_is_said_that_they_are_not() {
    let directory = tempfile::tempdir().unwrap();
    for tool in ["cargo", "cargo-audit"] {
        std::os::unix::fs::symlink("/bin/true", directory.path().join(tool)).unwrap();
    }
    fs::create_dir_all(directory.path().join("database/crates")).unwrap();
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    for (database, succeeds) in [("", false), ("empty", false), ("database", true)] {
        let given = Some(database).filter(|database| !database.is_empty());
        let database = given.map(|name| format!("ADVISORY_DB={}", directory.path().join(name).display()));
        let mut make = std::process::Command::new("make");
        for name in ["ADVISORY_DB", "MAKEFLAGS", "MAKEOVERRIDES"] {
            make.env_remove(name);
        }
        let ended = make.arg("advisories").args(&database).env("PATH", &path).output().unwrap();
        assert_eq!(ended.status.success(), succeeds, "{database:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    let workflow = fs::read_to_string(".github/workflows/advisories.yml").unwrap();
    assert!(workflow.contains("schedule:\n    - cron:"));
}

/// No test touches the user's own ledger: each that starts connprobe names the ledger's file.
#[test]
fn every_test_names_the_state_of_the_connprobe_that_it_starts() {
    let literal = ["CARGO_BIN", "_EXE_connprobe"].concat();
    let starts = |body: &str| {
        // The examples are beside the program. `fn binary` only returns its path; its callers are checked instead.
        body.match_indices(&literal).any(|(at, _)| !body[at..].starts_with(&format!("{literal}\")).with_file_name")))
            && !body.starts_with("fn binary(")
            || body.contains("Command::new(binary())")
            || body.contains("run::binary()")
    };
    let mut silent = Vec::new();
    let mut found = 0;
    for (path, text) in ["tests", "benches"].into_iter().flat_map(rust_files) {
        for body in text.split("fn ").map(|body| format!("fn {body}")).filter(|body| starts(body)) {
            found += 1;
            // The path of the program and its environment are set in two functions of one file.
            let state = if body.contains("run::binary()") { &text } else { &body };
            if !state.contains("CONNPROBE_STATE") {
                let name = body.split('(').next().unwrap_or_default();
                silent.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(found >= 15, "the rule finds nobody any more: {found}");
    assert!(silent.is_empty(), "these start connprobe without CONNPROBE_STATE: {silent:#?}");
}

#[test]
fn nothing_is_ignored_stubbed_or_silenced_without_a_reason() {
    let stub = ["to", "do!("].concat();
    let words = [
        stub.as_str(),
        &["unimple", "mented!("].concat(),
        &["#[ig", "nore"].concat(),
        &["#[al", "low("].concat(),
        &["#![al", "low("].concat(),
    ];
    let mut found = Vec::new();
    for directory in ["src", "tests", "examples"] {
        for (path, text) in rust_files(directory) {
            found.extend(
                words.iter().filter(|word| text.contains(**word)).map(|word| format!("{}: {word}", path.display())),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// An error is a `ReasonCode` and a warning a `WarningCode`: no code derives either from the English text.
#[test]
fn no_meaning_is_read_back_from_a_message() {
    const READERS: &[&str] = &["starts_with(", "ends_with(", "strip_suffix(", "strip_prefix(", "contains(", "eq("];
    let mut found = Vec::new();
    for (path, text) in rust_files("src") {
        if path.components().any(|part| ["tests", "tests.rs", "scripted"].iter().any(|name| part.as_os_str() == *name))
        {
            continue;
        }
        for line in code(&text).lines() {
            let reads = [".message", ".hint", ".why"].iter().any(|field| {
                line.split(field).skip(1).any(|behind| {
                    let behind = behind
                        .trim_start_matches(".as_str()")
                        .trim_start_matches(".as_deref()")
                        .trim_start_matches(".to_lowercase()");
                    let call = behind.strip_prefix('.').unwrap_or_default();
                    READERS.iter().any(|reader| call.starts_with(reader)) || behind.starts_with(" == \"")
                })
            });
            if reads {
                found.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Tests assert class, code, reason and fields, and compare texts with those of the types. Phrases are in snapshots,
/// which one command renews. Tests may search for the data in a message, a command or an option.
#[test]
fn no_test_looks_for_a_phrase_in_a_message() {
    const SAID: &[&str] = &["message", "hint", "\"message\"]", "\"hint\"]", "stderr", "stdout", "error.to_string()"];
    let mut found = Vec::new();
    for (path, text) in ["src", "tests"].into_iter().flat_map(rust_files) {
        for line in text.lines().filter(|line| line.contains("assert")) {
            for reader in [".contains(\"", ".starts_with(\"", ".ends_with(\""] {
                for (at, _) in line.match_indices(reader) {
                    let before = line[..at]
                        .trim_end_matches("()")
                        .trim_end_matches(".as_str")
                        .trim_end_matches("()")
                        .trim_end_matches(".unwrap");
                    let literal = line[at + reader.len()..].split('"').next().unwrap_or_default();
                    let bare = literal.trim_start_matches(['`', ' ']);
                    let names = bare.starts_with("connprobe ") || bare.starts_with("--") || bare.ends_with(": ");
                    let phrase = literal.trim().contains(' ') && !names;
                    if phrase && SAID.iter().any(|said| before.ends_with(said)) {
                        found.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_file_mod_declares_and_reexports() {
    // The tests of the ledger, of MongoDB and of S3, and the DNS server of the fault matrix, have code in such a file.
    let excepted = |path: &Path| {
        path.ends_with("tests/mod.rs") || path.ends_with("samples/mod.rs") || path.ends_with("dns/mod.rs")
    };
    let is_logic = |line: &&str| {
        let line = line.trim_start().replace("'static ", "");
        !line.starts_with("#[") && ["fn ", "impl", "static ", "trait "].iter().any(|word| line.contains(word))
    };
    let found: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(rust_files)
        .filter(|(path, _)| path.ends_with("mod.rs") && !excepted(path))
        .filter_map(|(path, text)| Some(format!("{}: {}", path.display(), code(&text).lines().find(is_logic)?)))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}
