//! What a tool printed, without the parts that change from run to run: a tool distinguishes two faults if its answers
//! differ.

use std::collections::BTreeSet;

/// The number of characters of an answer that are published.
const SHOWN: usize = 90;

/// psql prints this before every error message. It contains no information.
const PREAMBLE: &str = " connection to server at \"127.0.0.1\", port N failed:";

/// What an earlier call left in `errno`: mariadb prints sometimes the one, sometimes the other.
const LEFT_OVER: [&str; 2] = ["system error: 115", "system error: 11"];

/// `printed` without control characters, dates, times of day and ports of loopback, such as `port`. Lines that repeat
/// an earlier one, as with every retry, count once. Left out are the lines in which wait4x announces a try, which are
/// the same for every fault, and the stacks of a panic, which always differ.
pub fn answer(printed: &str, port: u64) -> String {
    let mut seen = BTreeSet::new();
    let lines = printed.lines().take_while(|line| !line.starts_with("goroutine "));
    let lines = lines.map(|line| plain(line, &port.to_string()));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("INF ") && seen.insert(line.clone()));
    lines.collect::<Vec<_>>().join(" / ")
}

fn plain(line: &str, port: &str) -> String {
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = line.split_whitespace().filter(|word| !is_date_or_time(word));
    let plain = words.map(|word| placeless(word, port)).collect::<Vec<_>>().join(" ");
    LEFT_OVER.iter().find_map(|end| plain.strip_suffix(end)).map_or(plain.clone(), str::to_owned)
}

/// `2026-11-22T09:31:00Z`, `2026/11/22`, `09:31:00`: digits and the separators of dates and times.
fn is_date_or_time(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && word.chars().all(|c| c.is_ascii_digit() || "-/:.TZ".contains(c)) && word.contains(['-', '/', ':'])
}

/// `word` with a letter in place of the port of this run and of any other port of loopback.
fn placeless(word: &str, port: &str) -> String {
    let mut plain = String::new();
    let mut rest = word;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - at);
        plain += &rest[..at];
        let number = &rest[at..at + digits];
        plain += if number == port || plain.ends_with("127.0.0.1:") { "N" } else { number };
        rest = &rest[at + digits..];
    }
    plain + rest
}

/// An answer as a cell of a Markdown table.
pub fn shown(answer: &str) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace('`', "'").replace('<', "&lt;");
    let answer = answer.replacen(PREAMBLE, "", 1);
    if answer.chars().count() <= SHOWN {
        return escaped(&answer);
    }
    escaped(&answer.chars().take(SHOWN).collect::<String>()) + "…"
}

#[test]
fn an_answer_is_what_does_not_change_from_run_to_run() {
    for (printed, expected) in [
        ("ERROR 2013 (HY000): Lost connection", "ERROR 2013 (HY000): Lost connection"),
        ("2026-11-22T18:27:51Z INF [PostgreSQL] Checking 127.0.0.1:4711 ...", ""),
        ("[mysql] 2026/11/22 18:27:51 packets.go:58: unexpected EOF", "[mysql] packets.go:58: unexpected EOF"),
        ("read tcp 127.0.0.1:40312->127.0.0.1:4711: reset", "read tcp 127.0.0.1:N->127.0.0.1:N: reset"),
        ("server at \"127.0.0.1\", port 4711 failed", "server at \"127.0.0.1\", port N failed"),
        ("Lost connection at 'first packet', system error: 115", "Lost connection at 'first packet', "),
        (
            "Lost connection at 'first packet', system error: 110",
            "Lost connection at 'first packet', system error: 110",
        ),
        ("panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()", "panic: index out of range"),
        ("again\nagain\nand then\nagain", "again / and then"),
        ("SSH-2.0-\u{1b}[31mOpenSSH_9.2", "SSH-2.0- [31mOpenSSH_9.2"),
    ] {
        assert_eq!(answer(printed, 4711), expected);
    }
}

#[test]
fn a_shown_answer_stays_in_its_cell() {
    assert_eq!(shown("2: psql: error: connection to server at \"127.0.0.1\", port N failed: no"), "2: psql: error: no");
    assert_eq!(shown("a | b ` <c>"), "a \\| b ' &lt;c>");
    assert_eq!(shown(&"ä".repeat(SHOWN + 1)), "ä".repeat(SHOWN) + "…");
}
