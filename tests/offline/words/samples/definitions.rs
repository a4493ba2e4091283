//! Flaws of definitions that are independent of the driver.

use connprobe::model::problem::{Flaw, HostFlaw, OptionFlaw};
use connprobe::model::reason::Words;

pub fn definitions() -> Vec<Words> {
    let areas = [options(), hosts()];
    areas.into_iter().flatten().collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn options() -> Vec<Words> {
    let key = || text("verify");
    [
        OptionFlaw::Lacking { key: key(), what: "a Kerberos login" },
        OptionFlaw::Route { key: text("ssh_hook") },
        OptionFlaw::NotText { key: key() },
        OptionFlaw::NotAFlag { key: key() },
        OptionFlaw::NotADuration { key: key() },
        OptionFlaw::NotOneOf { key: key(), words: vec![text("yes"), text("no")] },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn hosts() -> Vec<Words> {
    let host = || text("db");
    [
        HostFlaw::Url { scheme: text("https") },
        HostFlaw::Login,
        HostFlaw::Padded,
        HostFlaw::StoredPadded,
        HostFlaw::Option { host: text("-h db") },
        HostFlaw::Quote { host: text("'db'") },
        HostFlaw::Unseen { host: text("db\u{200b}") },
        HostFlaw::Blank { host: text("two words") },
        HostFlaw::UriOptions,
        HostFlaw::Fragment,
        HostFlaw::Path { host: host() + "/sales" },
        HostFlaw::Port { host: host() + ":5432" },
    ]
    .map(|flaw| flaw.words())
    .into()
}
