//! HTTP/1.1 over the guarded wire: one origin, no proxy, no redirect, and no second try. Owns what all HTTP dialogues
//! have in common, and the two steps of a login; the requests and their meaning belong to the caller.

mod answer;
mod base_url;
mod basic;
mod challenge;
mod client;
mod connector;
mod exchange;
mod flaws;
mod headers;
mod login;
mod made_up;
mod notices;
mod origin;
mod redirect;
mod statuses;
mod verify;

pub use self::answer::{Answer, wants_tls};
pub use self::base_url::BaseUrl;
pub use self::basic::basic;
pub use self::client::Client;
pub use self::connector::{Connector, NetworkConnector};
pub use self::exchange::{AGENT, PROTOCOL, broken, handshake};
pub use self::flaws::HttpFlaw;
pub use self::headers::{Headers, LONGEST};
pub use self::login::{BASIC, Credential, Login, Outcome};
pub use self::notices::HttpNotice;
pub use self::origin::{Origin, ServiceUrl};
pub use self::redirect::Redirect;
pub use self::statuses::{CHECKED, FIELDS, STATUSES};
pub use self::verify::Verify;
