//! The fuzz targets, and the replay of their seeds, so that every test run checks what a fuzzer once found, with any
//! toolchain. Built for fuzzing and tests alone.
//!
//! A seed is a file in `fuzz/seeds/TARGET/`, or for a driver in `tests/drivers/NAME/seeds/{answers,login}/`. Its name
//! is `NAME.REACHED`, where `REACHED` is the value that the target must return for it: a seed that no longer reaches
//! what it was made for fails.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use crate::model::redact::{Redactor, is_hazard};
use crate::model::uri::Uri;

pub use crate::driver::fuzzing::{answers, login};
pub use crate::net::fuzzing::{browser, certificate};
pub use crate::source::fuzzing::{aws, dotenv, fernet, json, value, vault, yaml};
pub use crate::store::fuzzing::{store_row, store_secret};

/// Recognises a protocol by its first bytes.
#[must_use]
pub fn sniff(input: &[u8]) -> &'static str {
    crate::net::fuzzing::sniff(input, crate::driver::registry::protocols())
}

/// Parses a URI.
#[must_use]
pub fn uri(input: &[u8]) -> &'static str {
    let Ok(text) = std::str::from_utf8(input) else { return "no-text" };
    if Uri::parse(text).problem.is_none() { "uri" } else { "malformed" }
}

/// Scrubs a server's text with a secret, which is the first line of the input. The text shown must contain neither the
/// secret nor anything that controls a terminal.
#[must_use]
pub fn redact(input: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(input);
    let Some((secret, text)) = text.split_once('\n') else { return "no-text" };
    let Some(shown) = Redactor::new([secret], &[]).scrub(text) else { return "dropped" };
    let letters =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_long = secret.chars().filter(char::is_ascii_alphanumeric).count() >= 6;
    let is_fixed = |word: &str| secret.trim().eq_ignore_ascii_case(word);
    let leaks = is_long && secret.is_ascii() && letters(&shown).contains(&letters(secret));
    assert!(!leaks || shown.split_whitespace().any(is_fixed), "{shown:?} holds the secret");
    assert!(!shown.contains(is_hazard), "{shown:?} steers a terminal");
    "shown"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use crate::driver::fuzzing::{Fuzz, fuzzed};
    use crate::driver::{Driver, Registry};

    /// A target: maps any bytes to how far they came. It panics if a check fails.
    type Target<'a> = &'a (dyn Fn(&[u8]) -> String + Sync);

    /// The number of mutations of each seed, and the time limit of one target; a slow machine tries fewer.
    const MUTATIONS: usize = 40;
    const BUDGET: Duration = Duration::from_secs(2);

    /// A deterministic random number generator (`SplitMix64`).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap()).unwrap()
        }
    }

    /// The seeds in a folder: file, expected result, bytes.
    fn seeds(folder: &str) -> Vec<(PathBuf, String, Vec<u8>)> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let seed = |file: PathBuf| {
            let reached = file.extension().unwrap().to_str().unwrap().to_owned();
            let bytes = fs::read(&file).unwrap();
            (file, reached, bytes)
        };
        files.into_iter().map(seed).collect()
    }

    /// `seed` with a few random changes, of the kinds that fuzzers begin with.
    fn mutated(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len() + 1);
            match numbers.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, u8::try_from(numbers.below(256)).unwrap()),
                2 => drop(bytes.drain(at..bytes.len().min(at + numbers.below(8)))),
                3 => {
                    let part = bytes[at..bytes.len().min(at + numbers.below(64))].to_vec();
                    bytes.splice(at..at, part);
                }
                4 => bytes.get_mut(at).into_iter().for_each(|byte| *byte = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5)]),
                _ => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << numbers.below(8)),
            }
        }
        bytes
    }

    /// The result of `target` for `input`. The message of a panic shows the input.
    fn reached(name: &str, target: Target<'_>, input: &[u8]) -> String {
        catch_unwind(AssertUnwindSafe(|| target(input)))
            .unwrap_or_else(|_| panic!("`{name}` panics over this input: {}", input.escape_ascii()))
    }

    fn replay(name: &str, target: Target<'_>, folder: &str) {
        let seeds = seeds(folder);
        for (file, expected, bytes) in &seeds {
            assert_eq!(reached(name, target, bytes), *expected, "{}", file.display());
        }
        let mut numbers = Numbers(2026);
        let since = Instant::now();
        for _ in 0..MUTATIONS {
            for (_, _, bytes) in seeds.iter().take_while(|_| since.elapsed() < BUDGET) {
                reached(name, target, &mutated(bytes, &mut numbers));
            }
        }
    }

    /// One test for each target, so that they run in parallel and fail by name.
    macro_rules! replayed {
        ($($name:ident)*) => {
            $(
                #[test]
                fn $name() {
                    replay(stringify!($name), &|input| super::$name(input).into(), concat!("fuzz/seeds/", stringify!($name)));
                }
            )*
            const REPLAYED: &[&str] = &[$(stringify!($name)),*];
        };
    }

    replayed! {
        uri json yaml dotenv value fernet store_row store_secret sniff browser certificate vault aws redact
    }

    /// Results that only good inputs reach. Each needs a seed, to prove that its target is effective.
    const DEEPEST: &[(&str, &[&str])] = &[
        ("uri", &["uri", "malformed"]),
        ("json", &["read", "problems", "malformed"]),
        ("yaml", &["read", "malformed"]),
        ("dotenv", &["read"]),
        ("value", &["read", "problems"]),
        ("fernet", &["decrypted", "damaged", "wrong-key"]),
        ("store_row", &["row", "unopened"]),
        ("store_secret", &["opened", "refused"]),
        ("sniff", &["PostgreSQL", "MongoDB", "unknown"]),
        ("browser", &["tcp", "elsewhere"]),
        ("certificate", &["named"]),
        ("vault", &["read", "auth"]),
        ("aws", &["read", "auth"]),
        ("redact", &["dropped", "shown"]),
    ];

    /// The folders of a driver's seeds, their targets, and the results that only good inputs reach.
    fn of_a_driver(driver: &'static dyn Driver, fuzz: &'static Fuzz) -> Vec<Replay> {
        let name = driver.spec().name;
        let folder = |target: &str| format!("tests/drivers/{name}/seeds/{target}");
        let login: Reading = Box::new(move |input| super::login(name, input));
        let mut all = vec![(folder("login"), login, fuzz.deepest)];
        if let Some(answers) = &fuzz.answers {
            all.push((folder("answers"), Box::new(move |input| super::answers(name, input).into()), answers.deepest));
        }
        all
    }

    type Reading = Box<dyn Fn(&[u8]) -> String + Sync>;
    type Replay = (String, Reading, &'static [&'static str]);

    #[test]
    fn every_driver_replays_its_seeds() {
        assert_eq!(fuzzed().count(), Registry::builtin().drivers().count(), "every driver is fuzzed");
        let all: Vec<Replay> = fuzzed().flat_map(|(driver, fuzz)| of_a_driver(driver, fuzz)).collect();
        std::thread::scope(|threads| {
            for (folder, target, _) in &all {
                threads.spawn(move || replay(folder, target, folder));
            }
        });
        for (folder, _, deepest) in &all {
            let reached: BTreeSet<String> = seeds(folder).into_iter().map(|(_, reached, _)| reached).collect();
            assert!(deepest.iter().all(|word| reached.contains(*word)), "{folder}: {reached:?} of {deepest:?}");
        }
    }

    #[test]
    fn every_target_has_seeds_that_reach_its_depths_and_a_replay_and_a_program() {
        assert!(REPLAYED.iter().eq(DEEPEST.iter().map(|(name, _)| name)), "the same targets, in one order");
        for (name, deepest) in DEEPEST {
            let reached: BTreeSet<String> =
                seeds(&format!("fuzz/seeds/{name}")).into_iter().map(|(_, reached, _)| reached).collect();
            assert!(deepest.iter().all(|word| reached.contains(*word)), "{name}: {reached:?} of {deepest:?}");
            let program = format!("{}/fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
            assert!(fs::read_to_string(&program).unwrap().contains(&format!("fuzzing::{name}(")), "{program}");
        }
    }
}
