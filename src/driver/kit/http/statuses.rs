//! What the statuses of HTTP mean to a login (RFC 9110, 15; RFC 6585; RFC 8470): the rows that every driver over HTTP
//! has. Rows of `CODE/…` are distinguished by what was sent.

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Instead;
use crate::model::codes::{Checked, CodeEntry};
use crate::model::reason::ReasonCode;

const RFC: &str = "RFC 9110, 15: the status of a gateway, of a proxy, or of trouble of the server's own";

/// Statuses that do not answer the credential.
pub const CHECKED: &[Checked] = &[
    Checked::new("403", Instead, "nginx 1.22: what it answers to any credentials where its list of users is missing"),
    Checked::new("407", Instead, RFC),
    Checked::new("408", Instead, RFC),
    Checked::new("421", Instead, RFC),
    Checked::new("425", Instead, RFC),
    Checked::new("429", Instead, RFC),
    Checked::new("500", Instead, RFC),
    Checked::new("501", Instead, RFC),
    Checked::new("502", Instead, RFC),
    Checked::new("503", Instead, RFC),
    Checked::new("504", Instead, RFC),
];

/// The fields that the text of a row refers to.
pub const FIELDS: &[(&str, &[&str])] = &[
    ("400/Both", &["host"]),
    ("401/Anonymous", &["login", "extra.Authorization"]),
    ("403", &["host"]),
    ("404", &["host"]),
];

/// The rows.
pub const STATUSES: &[CodeEntry] = &[
    CodeEntry {
        code: "400/Both",
        name: "Bad Request",
        class: Class::Server,
        reason: ReasonCode::RequestRefused,
        message: "the server takes no request at this address, with the credentials or without (HTTP 400)",
        hint: "check the path in `host` and the headers in `extra`: one may be malformed, or another be missing",
        explanation: "The server answers to a GET request that it is malformed, whoever asks: it may miss a header or a part of the query, take another host name than this one, or take no GET request there at all. It says nothing of the credentials.",
    },
    CodeEntry {
        code: "401",
        name: "Unauthorized",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "the server refuses the credentials (HTTP 401)",
        hint: "check `login` and `password`, or the header in `extra` that holds the key or token",
        explanation: "The server asks for a login at this address and answered the same once it had the credentials. A wrong password, an unknown user, a disabled one and a token that has expired all look alike. A login that works elsewhere may be none here: another realm, another environment, or an API that takes no HTTP Basic and wants a token in a header. An `Authorization` header in `extra` is not sent beside a login, as Airflow does it.",
    },
    CodeEntry {
        code: "401/Scheme",
        name: "Unauthorized",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "the server refuses the credentials (HTTP 401), and offers other methods than HTTP Basic",
        hint: "the server may take tokens only: store one in `extra` as `{\"Authorization\": \"Bearer …\"}` and clear `login` and `password`, which are sent with HTTP Basic",
        explanation: "The header `WWW-Authenticate` of the answer names the methods that the server accepts, and Basic is not among them (RFC 9110, 11.6.1). A login and a password are sent with Basic. The server has answered 401 to them, so they count as refused.",
    },
    CodeEntry {
        code: "401/Anonymous",
        name: "Unauthorized",
        class: Class::Auth,
        reason: ReasonCode::PasswordMissing,
        message: "the server demands a login (HTTP 401), and the definition has none",
        hint: "store `login` and `password`, or the header with the key or token in `extra`, as `{\"Authorization\": \"Bearer …\"}`",
        explanation: "Nothing in the definition says who asks: no login, and no header in `extra` besides those that everybody sends. Exports often leave secrets out, and Airflow uses a password only where there is a login.",
    },
    CodeEntry {
        code: "403",
        name: "Forbidden",
        class: Class::Denied,
        reason: ReasonCode::RequestRefused,
        message: "the server denies the request with these credentials (HTTP 403), where it asked for a login before",
        hint: "ask an administrator of the server whether this login may use the address, and check the path in `host`",
        explanation: "Without the credentials the server asked for a login; with them it denies the request. As a rule they are good, and a permission is missing: a role, a scope of the token, membership of a group. It proves nothing, though: a server that cannot look logins up (nginx without its file of users) answers so to all of them, and a firewall to whoever sends one. So the login counts neither as accepted nor as refused.",
    },
    CodeEntry {
        code: "403/Both",
        name: "Forbidden",
        class: Class::Denied,
        reason: ReasonCode::RequestRefused,
        message: "the server denies this address with the credentials as without them (HTTP 403)",
        hint: "check the key or token, the path in `host`, and that the server admits this machine's address",
        explanation: "Either the server denies the address to everybody (nginx's `deny`, a list of client addresses, a firewall for web applications), or it answers 403 to wrong keys too, as some gateways for APIs do. Which of both cannot be told from outside, so that it counts neither as an acceptance of the credentials nor as a refusal.",
    },
    CodeEntry {
        code: "403/Anonymous",
        name: "Forbidden",
        class: Class::Denied,
        reason: ReasonCode::RequestRefused,
        message: "the server denies this address (HTTP 403), and the definition has no credentials",
        hint: "store the credentials, or check the path in `host` and that the server admits this machine's address",
        explanation: "The server answers 403 to whoever says nothing of himself. It may want a key in a header, or deny the address to everybody.",
    },
    CodeEntry {
        code: "404",
        name: "Not Found",
        class: Class::NotFound,
        reason: ReasonCode::PathNotFound,
        message: "the server has nothing at the path in `host` (HTTP 404)",
        hint: "check the path in `host`",
        explanation: "The server answers, and has nothing at the path that the definition names. Without a path this is no failure: many APIs have nothing at their root. Some servers answer 404 instead of 403 to who may not know what is there.",
    },
    CodeEntry {
        code: "407",
        name: "Proxy Authentication Required",
        class: Class::Unsupported,
        reason: ReasonCode::MethodUnsupported,
        message: "a proxy on the way demands a login of its own (HTTP 407)",
        hint: "let this machine reach the server directly",
        explanation: "What answers is a proxy, not the server, and it wants to know who uses it. connprobe logs in to no proxy, and has no credential for one. Where it answers at once, nothing secret was sent; where a login was asked for before, it has seen the credentials that are meant for the server.",
    },
    CodeEntry {
        code: "408",
        name: "Request Timeout",
        class: Class::Busy,
        reason: ReasonCode::Unavailable,
        message: "the server gave up waiting for the request (HTTP 408)",
        hint: "try again later; if it stays, look at what stands between this machine and the server",
        explanation: "The request did not reach the server in time: the server is overloaded, or a proxy or load balancer before it lost the request. It says nothing of the credentials.",
    },
    CodeEntry {
        code: "421",
        name: "Misdirected Request",
        class: Class::Protocol,
        reason: ReasonCode::OtherProtocol,
        message: "the server does not answer for this host (HTTP 421)",
        hint: "check `host`: the name must be one that the server knows",
        explanation: "The server, or the gateway before it, answers for several names, and the one of the definition is none of them, or not on this connection. It never looked at the credentials.",
    },
    CodeEntry {
        code: "425",
        name: "Too Early",
        class: Class::Busy,
        reason: ReasonCode::Unavailable,
        message: "the server is not ready for the request yet (HTTP 425)",
        hint: "try again later",
        explanation: "The server does not process a request that came before its TLS handshake was confirmed, which a gateway may have passed on too early.",
    },
    CodeEntry {
        code: "429",
        name: "Too Many Requests",
        class: Class::Busy,
        reason: ReasonCode::SlowDown,
        message: "the server takes no more requests for now (HTTP 429)",
        hint: "wait, and check less often; the limit may count for the login, the key or this machine's address",
        explanation: "Too many requests came in a short time, from this login or from this address; refused logins often count too. Many APIs say in the header `Retry-After` when they take the next one.",
    },
    CodeEntry {
        code: "500",
        name: "Internal Server Error",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server failed (HTTP 500)",
        hint: "look into the log of the server and of what stands before it",
        explanation: "The program behind the address failed over the request. It says nothing of the credentials.",
    },
    CodeEntry {
        code: "501",
        name: "Not Implemented",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server has no answer to a GET request (HTTP 501)",
        hint: "check host and port: another service may own this address",
        explanation: "Every HTTP server has to answer a GET request; this one does not.",
    },
    CodeEntry {
        code: "502",
        name: "Bad Gateway",
        class: Class::Busy,
        reason: ReasonCode::BackendDown,
        message: "a gateway gets no answer from the server behind it (HTTP 502)",
        hint: "look whether the server behind the gateway runs; try again later",
        explanation: "What answers is a gateway, a load balancer or a reverse proxy. The server behind it is down, restarts, or speaks another protocol on that port.",
    },
    CodeEntry {
        code: "503",
        name: "Service Unavailable",
        class: Class::Busy,
        reason: ReasonCode::Unavailable,
        message: "the server, or a gateway before it, takes no requests at the moment (HTTP 503)",
        hint: "try again later; if it stays, a load balancer may have no healthy server behind it",
        explanation: "The server starts, stops, is overloaded or under maintenance, or a load balancer has no healthy server left.",
    },
    CodeEntry {
        code: "504",
        name: "Gateway Timeout",
        class: Class::Busy,
        reason: ReasonCode::BackendDown,
        message: "a gateway waits in vain for the server behind it (HTTP 504)",
        hint: "look whether the server behind the gateway runs; try again later",
        explanation: "What answers is a gateway, a load balancer or a reverse proxy, and the server behind it did not answer it in time.",
    },
];
