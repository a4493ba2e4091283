//! Groups failures by root cause.
//!
//! Failures at one place with the same class and message form one cause. Causes at several places are merged if one
//! fact explains them all and no result of the run contradicts it: a host that is down, a missing DNS zone, DNS servers
//! that do not answer, an authority, an account, or types without a driver. Equal failures of definitions or keys form
//! one cause wherever they occur.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::cause::Cause;
use super::counted;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::ReasonCode;
use crate::model::result::CheckResult;

/// Collects results and returns their causes in the order of the definitions.
#[derive(Debug, Default)]
pub struct Causes {
    found: Vec<Found>,
    index: HashMap<(Class, String), usize>,
    /// Results that are held back because of an earlier refusal.
    held: HashSet<String>,
    /// Hosts that accepted a connection, and zones with at least one resolved name.
    alive: HashSet<Root>,
}

/// Failures at one place with the same class and message.
#[derive(Debug)]
struct Found {
    /// The position of the first one among the run's connections.
    position: usize,
    /// The root that it may share with other failures.
    root: Option<Root>,
    cause: Cause,
}

/// What can make many places fail at once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Root {
    /// A host none of whose ports accepts a connection.
    Host(String),
    /// A DNS zone none of whose names has an address.
    Zone(String),
    /// The DNS servers.
    Resolver,
    /// The issuer of rejected certificates, and the failure's message.
    Authority(String, String),
    /// A server, and the login there.
    Account(String, String),
    /// The lack of drivers in connprobe.
    Drivers,
}

impl Causes {
    /// Adds one result. Successful results are used only as evidence.
    pub fn add(&mut self, result: &CheckResult) {
        self.alive.extend(evidence(result));
        let Some(failure) = &result.failure else { return };
        if result.held.is_some() {
            self.held.insert(result.id.clone());
        }
        let place = place(result, failure.class);
        let alike = matches!(failure.class, Class::Definition | Class::Secret);
        let at = place.as_deref().unwrap_or(if alike { "" } else { &result.id });
        let key = (failure.class, format!("{at} {}", failure.message));
        if let Some(&at) = self.index.get(&key) {
            let Found { position, cause, .. } = &mut self.found[at];
            *position = result.position.min(*position);
            cause.ids.push(result.id.clone());
            return;
        }
        self.index.insert(key, self.found.len());
        let cause = Cause {
            class: failure.class,
            reason: failure.reason,
            target: place,
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            ids: vec![result.id.clone()],
        };
        self.found.push(Found { position: result.position, root: root(result, failure), cause });
    }

    /// Returns the causes, each with the IDs of its results.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<Cause> {
        self.found.sort_by_key(|found| found.position);
        let mut groups: Vec<(Option<Root>, Vec<Cause>)> = Vec::new();
        let mut index: HashMap<(Root, Class), usize> = HashMap::new();
        for Found { root, cause, .. } in self.found {
            let root = root.filter(|root| !self.alive.contains(root));
            let class = if cause.class == Class::Withheld { Class::Auth } else { cause.class };
            let at = root.clone().map(|root| *index.entry((root, class)).or_insert(groups.len()));
            match at.and_then(|at| groups.get_mut(at)) {
                Some((_, causes)) => causes.push(cause),
                None => groups.push((root, vec![cause])),
            }
        }
        groups.into_iter().flat_map(|(root, causes)| together(root, causes, &self.held)).map(counted::of_key).collect()
    }
}

/// Merges `causes` into one if `root` explains them all.
fn together(root: Option<Root>, causes: Vec<Cause>, held: &HashSet<String>) -> Vec<Cause> {
    let places: BTreeSet<&String> = causes.iter().filter_map(|cause| cause.target.as_ref()).collect();
    let many = places.len();
    let (target, message, hint) = match root {
        Some(Root::Account(..)) => return with_withheld(causes, held),
        Some(Root::Host(host)) if many > 1 => {
            let message = format!("`{host}` accepts no connection at any of the {many} ports that were tried");
            (Some(host), Some(message), None)
        }
        Some(Root::Zone(zone)) if many > 1 => {
            let message = format!("none of {many} host names in `{zone}` has an address");
            let hint = "the zone may be gone, or only known to other DNS servers than those of this machine (private zones, VPN)";
            (Some(zone), Some(message), Some(hint.to_owned()))
        }
        Some(Root::Resolver) if many > 1 => {
            (None, Some(format!("the DNS servers gave no answer about any of {many} host names")), None)
        }
        Some(Root::Authority(issuer, _)) if many > 1 => (Some(issuer), None, None),
        Some(Root::Drivers) if many > 1 => {
            let hint = "`connprobe types` lists the types that have one";
            (None, Some(counted::without_driver(&causes)), Some(hint.to_owned()))
        }
        _ => return causes,
    };
    let mut all = causes.into_iter();
    let Some(mut one) = all.next() else { return Vec::new() };
    one.ids.extend(all.flat_map(|other| other.ids));
    one.target = target;
    one.message = message.unwrap_or(one.message);
    one.hint = hint.or(one.hint);
    vec![one]
}

/// Adds the withheld logins of an account to the refusal that they were withheld for.
fn with_withheld(causes: Vec<Cause>, held: &HashSet<String>) -> Vec<Cause> {
    let rests_on_another =
        |cause: &Cause| cause.class == Class::Withheld || cause.ids.first().is_some_and(|id| held.contains(id));
    let (withheld, mut refused): (Vec<_>, Vec<_>) = causes.into_iter().partition(rests_on_another);
    match refused.first_mut() {
        Some(first) => first.ids.extend(withheld.into_iter().flat_map(|cause| cause.ids)),
        None => refused = withheld,
    }
    refused
}

/// The place of a failure of this class: the name for `resolve`, nothing for failures that have no place, else the
/// server.
fn place(result: &CheckResult, class: Class) -> Option<String> {
    match class {
        Class::Resolve => host(result).or_else(|| result.host.clone()),
        Class::Unsupported => result.conn_type.clone(),
        Class::Cancelled => Some("run".to_owned()),
        Class::Definition | Class::Secret | Class::Internal => None,
        _ => server(result).map(str::to_owned).or_else(|| result.address.as_ref().map(ToString::to_string)),
    }
}

/// Host and port, as used for the connection.
fn server(result: &CheckResult) -> Option<&str> {
    let target = result.target.as_deref()?;
    let before = result.database.as_deref().and_then(|database| target.strip_suffix(database)?.strip_suffix('/'));
    Some(before.unwrap_or(target)).filter(|server| !server.is_empty())
}

/// The host of a definition, if it is a single one, as used for the connection.
fn host(result: &CheckResult) -> Option<String> {
    let server = server(result)?;
    let host = match server.rsplit_once(':') {
        Some((host, port)) if result.port.is_some() && port.parse().ok() == result.port => host,
        _ => server,
    };
    let one = !host.is_empty() && !host.contains(',') && !host.starts_with('/');
    one.then(|| host.trim_end_matches('.').to_lowercase())
}

/// The domain of a host name with at least three labels.
fn zone(host: &str) -> Option<&str> {
    let (_, zone) = host.split_once('.')?;
    let named = zone.contains('.') && !zone.ends_with(|last: char| last.is_ascii_digit());
    named.then_some(zone)
}

fn root(result: &CheckResult, failure: &Failure) -> Option<Root> {
    use ReasonCode::{
        ConnectFailed, ConnectTimeout, ConnectionProhibited, ConnectionRefused, NameNotFound, NoDriver, NoRoute,
        NotBuiltIn, ResolverFailed, ResolverSilent, SocketBusy, SocketMissing,
    };
    match failure.reason {
        NameNotFound => zone(&host(result)?).map(|zone| Root::Zone(zone.to_owned())),
        ResolverFailed | ResolverSilent => Some(Root::Resolver),
        NoDriver | NotBuiltIn => Some(Root::Drivers),
        ConnectionRefused | ConnectTimeout | ConnectFailed | ConnectionProhibited | NoRoute | SocketBusy
        | SocketMissing => Some(Root::Host(host(result)?)),
        _ => match failure.class {
            Class::Tls => {
                let issuer = &result.facts.tls.as_ref()?.chain.first()?.issuer;
                let named = !issuer.is_empty();
                named.then(|| Root::Authority(issuer.clone(), failure.message.clone()))
            }
            Class::Auth | Class::Withheld => Some(Root::Account(server(result)?.to_owned(), result.login.clone()?)),
            _ => None,
        },
    }
}

/// The hosts and zones that the result proves to be alive, whether it succeeded or failed.
fn evidence(result: &CheckResult) -> impl Iterator<Item = Root> {
    let resolved = result.phases.iter().any(|timing| timing.phase > Phase::Resolve);
    let connected = result.address.is_some();
    let host = if resolved || connected { host(result) } else { None };
    let zone = host.as_deref().filter(|_| resolved).and_then(zone).map(|zone| Root::Zone(zone.to_owned()));
    [host.filter(|_| connected).map(Root::Host), zone].into_iter().flatten()
}
