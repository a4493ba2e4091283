//! Passwords among the arguments, where they do not belong: nothing that is said about a command line repeats them.

use crate::run::printed;

const SECRET: &str = "Sup3rS3cret";

#[test]
fn no_usage_error_repeats_an_argument_raw() {
    for argument in
        ["--odd\u{1b}[31m", "od\u{202e}d", "--password=Sup3rS3cret", "--format=a\u{1b}]0;b", "--timeout=\u{9b}1"]
    {
        for command in ["check", "explain", "odd\u{1b}"] {
            let output = printed(&[command, argument, "x", "y"], "{}");
            assert!(!output.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{output:?}");
            assert!(!output.contains(SECRET), "{output:?}");
        }
    }
}

/// What takes a value, and words before and behind it.
const PLACES: [(&[&str], &[&str]); 27] = [
    (&["check"], &[]),
    (&["check", "--store"], &[]),
    (&["check", "--tls-ca"], &["x.json"]),
    (&["check", "--key-file"], &["store:"]),
    (&["check", "--fernet-key-file"], &["airflow:"]),
    (&["check", "--state"], &["x.json"]),
    (&["check", "--timeout"], &["-"]),
    (&["check", "--deadline"], &["-"]),
    (&["check", "--concurrency"], &["-"]),
    (&["check", "--retries"], &["-"]),
    (&["check", "--dns-server"], &["-"]),
    (&["check", "--egress-allow"], &["-"]),
    (&["check", "--egress-deny"], &["-"]),
    (&["check", "--select"], &["-"]),
    (&["check", "--type"], &["-"]),
    (&["check", "--format"], &["-"]),
    (&["check", "-", "--odd"], &[]),
    (&["list"], &[]),
    (&["explain"], &[]),
    (&["types"], &[]),
    (&["state", "forget"], &[]),
    (&["add", "x", "--conn-type", "postgres", "--host", "h", "--no-password", "--port"], &[]),
    (&["add"], &["--conn-type", "postgres", "--host", "h", "--no-password"]),
    (&["add", "x", "--uri-file"], &[]),
    (&["remove"], &[]),
    (&["import"], &[]),
    (&["export", "--output"], &["-"]),
];

#[test]
fn no_message_about_an_argument_repeats_the_password_in_it() {
    for (before, behind) in PLACES {
        for value in [
            "mysql://u:Sup3rS3cret@h",
            "u:Sup3rS3cret@h",
            "/nowhere/x?password=Sup3rS3cret",
            "mysql://u@h/x?passwd=Sup3rS3cret",
            "/nowhere/x?pwd=Sup3rS3cret",
            "host=db password=Sup3rS3cret",
            "json=/nowhere/u:Sup3rS3cret@h",
            "mysql://u:Sup3r%53%33cret@h",
        ] {
            let output = printed(&[before, &[value], behind].concat(), "");
            assert!(!output.contains(SECRET), "{before:?} {value}: {output}");
            assert!(!output.contains("Sup3r%53"), "{before:?} {value}: {output}");
        }
    }
}

#[test]
fn the_name_of_an_option_is_told() {
    let output = printed(&["check", "--format", "xml", "-"], "");
    assert!(output.contains("'xml'") && output.contains("--format"), "{output}");
}
