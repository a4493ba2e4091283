//! Everything that a message or hint names exists: each command, option and extra in the texts of the program is looked
//! up in the program itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use connprobe::driver::{Driver, Registry};
use connprobe::model::reason::ReasonCode;

/// Options of other programs that the texts mention: of `airflow connections export`, psql and `cockroach start`.
const OTHERS: &[&str] = &[
    "--serialization-format",
    "--hide-sensitive",
    "--conn-type",
    "--all",
    "--statement",
    "--cluster",
    "--name",
    "--insecure",
];

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .env("CONNPROBE_STATE", "none")
        .args(arguments)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that the help of `arguments` lists.
fn commands(arguments: &[&str]) -> Vec<String> {
    let help = help(arguments);
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    let words = listed.lines().take_while(|line| line.starts_with(' ') || line.is_empty());
    // Continuation lines are indented further than command lines.
    let words = words.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    words.filter_map(|line| line.split_whitespace().next()).filter(|word| *word != "help").map(str::to_owned).collect()
}

fn files(directory: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            found.push((path.display().to_string(), code.join("\n")));
        }
    }
}

/// The code of the program, without tests and comments.
fn code() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(Path::new("src"), &mut found);
    found.retain(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/") && !path.contains("fuzzing"));
    found
}

/// The words that follow each `before`, up to the first character that is not `is_part`.
fn behind<'a>(text: &'a str, before: &'a str, is_part: fn(char) -> bool) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).map(move |rest| &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())])
}

#[test]
fn every_command_that_is_named_exists() {
    let commands: BTreeSet<String> = commands(&[]).into_iter().collect();
    assert!(commands.contains("check") && commands.len() > 8, "{commands:?}");
    let mut missing = Vec::new();
    let mut seen = 0;
    for (path, text) in code() {
        for word in behind(&text, "`connprobe ", |letter| letter.is_ascii_lowercase()).filter(|word| !word.is_empty()) {
            seen += 1;
            if !commands.contains(word) {
                missing.push(format!("{path}: connprobe {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 10, "{seen}");
}

#[test]
fn every_option_that_is_named_exists() {
    let mut helps = help(&[]);
    for command in commands(&[]) {
        helps += &help(&[&command]);
        for sub in commands(&[&command]) {
            helps += &help(&[&command, &sub]);
        }
    }
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    let known: BTreeSet<&str> = behind(&helps, "--", is_part).collect();
    assert!(known.contains("timeout") && known.len() > 20, "{known:?}");
    let mut missing = Vec::new();
    for (path, text) in code() {
        for word in
            behind(&text, "--", is_part).filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
        {
            if !known.contains(word) && !OTHERS.iter().any(|other| &other[2..] == word) {
                missing.push(format!("{path}: --{word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_extra_that_is_named_is_one() {
    let known: BTreeSet<&str> = Registry::builtin()
        .drivers()
        .map(Driver::spec)
        .flat_map(|spec| spec.extras.iter().map(|extra| extra.name))
        .collect();
    let mut missing = Vec::new();
    for (path, text) in code() {
        for name in behind(&text, "extra `", |letter| letter != '`') {
            // Names that are filled in at run time are skipped. Of a path in an extra, only the extra itself is looked
            // up.
            let whole = name.split('.').next().unwrap_or_default();
            if !name.contains('{') && !known.contains(whole) {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The driver that a source file belongs to.
fn driver_of(path: &str) -> Option<&'static str> {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let of_model = ["/problem/", "/notice/", "/codes/"].iter().any(|room| path.contains(room));
    let drivers = Registry::builtin().drivers().map(|driver| driver.spec().name);
    let mut found =
        drivers.filter(|driver| path.contains(&format!("/driver/{driver}/")) || of_model && name.starts_with(driver));
    found.next().or_else(|| (of_model && name == "pgbouncer.rs").then_some("postgres"))
}

#[test]
fn every_extra_that_is_named_is_one_of_that_driver() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for (path, text) in code() {
        let Some(driver) = driver_of(&path) else { continue };
        let spec = Registry::builtin().drivers().map(Driver::spec).find(|spec| spec.name == driver).unwrap();
        let one = behind(&text, "extra `", |letter| letter != '`').map(str::to_owned);
        // "extras `a` and `b`", "extras `a`, `b` and `c`".
        let several =
            behind(&text, "extras `", |letter| letter != '.' && letter != ':' && letter != '"').flat_map(|list| {
                let names = list.split('`').step_by(2).map(str::to_owned);
                let joined =
                    list.split('`').skip(1).step_by(2).take_while(|joint| [", ", " and ", " or "].contains(joint));
                let count = 1 + joined.count();
                names.take(count).collect::<Vec<_>>()
            });
        for name in one.chain(several).filter(|name| !name.contains('{')) {
            seen += 1;
            let whole = name.split('.').next().unwrap_or_default();
            if !spec.extras.iter().any(|extra| extra.name == whole) {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 80, "{seen}");
}

#[test]
fn every_command_below_a_command_that_is_named_exists() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for (path, text) in code() {
        let is_part = |letter: char| letter.is_ascii_lowercase() || letter == ' ' || letter == '-';
        for words in behind(&text, "`connprobe ", is_part) {
            let words: Vec<&str> = words.split(' ').filter(|word| !word.starts_with('-')).collect();
            let [command, below, ..] = words[..] else { continue };
            let commands = commands(&[command]);
            if commands.is_empty() || below.is_empty() {
                continue;
            }
            seen += 1;
            if !commands.iter().any(|known| known == below) {
                missing.push(format!("{path}: connprobe {command} {below}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 5, "{seen}");
}

/// An option in the same pair of backticks as a command belongs to that command.
#[test]
fn every_option_that_is_named_with_a_command_is_one_of_it() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for (path, text) in code() {
        for line in behind(&text, "`connprobe ", |letter| letter != '`' && letter != '"') {
            let words: Vec<&str> = line.split_whitespace().collect();
            let options = words.iter().filter_map(|word| word.strip_prefix("--")).map(|word| word.split('=').next());
            let named: Vec<&&str> = words.iter().take_while(|word| word.starts_with(char::is_lowercase)).collect();
            let Some(command) = named.first() else { continue };
            let below = named.get(1).filter(|word| commands(&[command]).iter().any(|known| known == **word));
            let mut arguments = vec![**command];
            arguments.extend(below.map(|word| **word));
            for option in options.flatten().filter(|option| !option.is_empty()) {
                seen += 1;
                if !help(&arguments).contains(&format!("--{option}")) {
                    missing.push(format!("{path}: connprobe {line}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 0, "{seen}");
}

/// The fields in reasons are fields of the form, or extras of some driver.
#[test]
fn every_field_that_a_reason_points_at_exists() {
    let form = ["conn_id", "conn_type", "description", "host", "port", "login", "password", "schema", "extra"];
    let is_extra = |name: &str| {
        Registry::builtin().drivers().any(|driver| driver.spec().extras.iter().any(|extra| extra.name == name))
    };
    for reason in ReasonCode::ALL {
        for field in reason.fields() {
            let known = form.contains(field) || field.strip_prefix("extra.").is_some_and(is_extra);
            assert!(known, "{}: {field}", reason.as_str());
        }
    }
    let mut named = 0;
    for (path, text) in code() {
        for field in behind(&text, "Field::named(\"", |letter| letter != '"') {
            named += 1;
            let whole = field.strip_prefix("extra.").unwrap_or_default().split('.').next().unwrap_or_default();
            assert!(form.contains(&field) || is_extra(whole), "{path}: {field}");
        }
    }
    assert!(named > 10, "{named}");
}
