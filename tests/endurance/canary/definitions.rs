//! Definitions, each with its own secret, in every place that can hold one.

use std::collections::HashMap;
use std::sync::Arc;

use connprobe::driver::{ExtraKind, Registry};
use serde_json::{Map, Value, json};

use super::echo::{Echoes, NAME, Secrets, welcoming};
use super::misplaced;
use super::random::Random;
use crate::matrix::{drivers, example};
use crate::speech::Driver;

/// The definitions, their secrets, and the servers behind them.
pub struct Canaries {
    pub secrets: Secrets,
    /// From this number on, the secrets are in fields that a store keeps in clear.
    pub misplaced: usize,
    pub definitions: Map<String, Value>,
    _echoes: Echoes,
}

/// Special lengths: the shortest, the last that is dropped whole, the first that is not, the longest.
const LENGTHS: [usize; 8] = [1, 2, 3, 4, 5, 8, 512, 1024];

/// Puts the secret into a definition that has a server, a name, and no secret yet.
type Place = Box<dyn Fn(&mut Value, &str)>;

impl Canaries {
    /// Each place `times` times, with a different secret each time.
    pub fn new(times: usize, random: &mut Random) -> Self {
        let places = places();
        let count = places.len() * times;
        let length = |number: usize, random: &mut Random| {
            LENGTHS.get(number / 7).copied().filter(|_| number.is_multiple_of(7)).unwrap_or_else(|| random.length())
        };
        let mut secrets: HashMap<usize, String> = (0..count)
            .map(|number| {
                let bytes = length(number, random);
                (number, random.secret(bytes))
            })
            .collect();
        secrets.extend((count..count + misplaced::PLACES.len()).map(|number| (number, random.word(16))));
        let secrets = Arc::new(secrets);
        // For every fifth password, the server sends the neighbour's secret instead, as a proxy that mixes sessions up
        // may do.
        let is_password = |number: usize| {
            let mut definition = json!({"password": "", "login": "", "host": "", "extra": {}});
            places[number % places.len()].2(&mut definition, "secret");
            definition["password"] == "secret"
        };
        let said = secrets.iter().map(|(number, secret)| {
            let neighbour = number
                .checked_sub(1)
                .filter(|other| *number < count && number % 5 == 4 && [*number, *other].map(is_password) == [true; 2]);
            (*number, neighbour.map_or(secret, |other| &secrets[&other]).clone())
        });
        let echoes = Echoes::start(&Arc::new(said.collect()));
        let refused = misplaced::PLACES.iter().zip(count..).map(|(place, number)| {
            let mut definition = example().definition("127.0.0.1", echoes.refusing(example()), None);
            definition["login"] = json!(format!("{NAME}{number:05}"));
            definition["password"] = json!("an ordinary password");
            place(&mut definition, &secrets[&number]);
            (format!("c{number:05}"), definition)
        });
        let definitions = (0..count)
            .map(|number| {
                let (driver, taken, place) = &places[number % places.len()];
                let port = if *taken { echoes.taking() } else { echoes.refusing(driver) };
                let mut definition = driver.definition("127.0.0.1", port, None);
                definition["login"] = json!(format!("{NAME}{number:05}"));
                definition["password"] = json!("an ordinary password");
                place(&mut definition, &secrets[&number]);
                (format!("c{number:05}"), definition)
            })
            .chain(refused)
            .collect();
        Self { secrets, misplaced: count, definitions, _echoes: echoes }
    }

    /// The definitions as a document.
    pub fn input(&self) -> String {
        Value::from(self.definitions.clone()).to_string()
    }
}

fn set(path: &'static str) -> Place {
    Box::new(move |definition, secret| *definition.pointer_mut(path).expect("a field") = json!(secret))
}

fn extra(key: &'static str) -> Place {
    Box::new(move |definition, secret| definition["extra"][key] = json!(secret))
}

/// Replaces the whole definition by a text.
fn text(made: impl Fn(&str) -> String + 'static) -> Place {
    Box::new(move |definition, secret| *definition = json!(made(secret)))
}

/// Every place: the driver, whether its server accepts the login, and how the secret gets there.
fn places() -> Vec<(Driver, bool, Place)> {
    let mut places: Vec<(Driver, bool, Place)> = Vec::new();
    for driver in drivers() {
        // Ten times in the password field, so that each server echoes it in every way.
        places.extend((0..10).map(|_| (driver, false, set("/password"))));
        places.push((driver, false, Box::new(|definition, secret| definition["port"] = json!(secret))));
        places.push((driver, false, Box::new(|definition, secret| definition["extra"] = json!(secret))));
        places.push((
            driver,
            false,
            Box::new(|definition, secret| {
                definition["extra"] = json!({"one": {"two": [secret]}});
                // Without its endpoint, S3 would speak TLS to a server that expects plain HTTP.
                definition["port"] = json!(1);
            }),
        ));
        places.push((driver, false, extra("unheard-of")));
        let spec =
            Registry::builtin().drivers().map(connprobe::driver::Driver::spec).find(|spec| spec.name == driver.name);
        for known in spec.expect("a driver").extras.iter().filter(|known| known.kind == ExtraKind::Secret) {
            places.push((driver, false, extra(known.name)));
        }
        let scheme = driver.name;
        places.push((driver, false, text(move |secret| format!("{scheme}://u:{secret}@h:x/db"))));
        places.push((driver, false, text(|secret| format!("nothing://u:{secret}@h/db"))));
        places.push((driver, false, text(str::to_owned)));
    }
    let (welcomed, _) = welcoming();
    places.extend((0..10).map(|_| (welcomed, true, set("/password"))));
    // An extra that connprobe reads, and that must not contain a secret.
    places.push((example(), false, extra("sslmode")));
    places
}
