//! What is wrong with a definition of MongoDB, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::Taken;
use crate::model::problem::field::{bad, named};
use crate::model::problem::host::{BadHosts, host_is};
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MongodbFlaw {
    /// An extra that pymongo accepts neither as true nor as false.
    NotAFlag {
        /// The extra.
        key: String,
    },
    /// An option with a value that pymongo does not accept.
    NotTaken {
        /// The extra.
        key: String,
        /// What pymongo accepts.
        what: Taken,
    },
    /// Two options that pymongo does not accept together.
    Excluded {
        /// The first one.
        one: String,
        /// The other one.
        other: String,
    },
    /// A text that means false, which Airflow takes for true.
    TextMeansNo {
        /// The extra.
        key: String,
    },
    /// A replica set behind a load balancer.
    SetBehindBalancer,
    /// A host field that is not a valid list of hosts.
    Hosts(BadHosts),
    /// A port beside SRV records, which have their own.
    PortBesideSrv,
    /// A service with characters that a DNS name cannot have.
    BadService,
    /// A `srvMaxHosts` that is not a whole number.
    BadMost,
    /// More than one name to look up.
    NotOneName,
    /// Options of a URI in `schema`.
    OptionsInSchema,
    /// A name that no database can have.
    BadDatabase {
        /// The field.
        field: Field,
        /// Its value.
        name: String,
    },
    /// X.509 without a client certificate.
    NoCertificate,
    /// A login that the driver library cannot send.
    LoginNotEscaped,
    /// A password that `SCRAM-SHA-256` cannot carry.
    PasswordUnprepared,
    /// A login without a password.
    LoginAlone,
    /// A password without a login.
    PasswordAlone,
    /// A mechanism without login and password.
    MechanismAlone,
    /// A mechanism that connprobe does not support.
    MechanismLacking {
        /// The mechanism.
        mechanism: String,
    },
    /// An unknown mechanism.
    BadMechanism,
    /// `tls` and `ssl` that differ.
    TlsTwice,
    /// An option that turns TLS on, and one that turns it off.
    ImpliedWithoutTls {
        /// The extra that turns it on.
        key: &'static str,
        /// The one that turns it off.
        off: &'static str,
    },
}

impl Flaw for MongodbFlaw {
    fn words(&self) -> Words {
        match self {
            Self::NotAFlag { key } => extra(key, "must be true or false")
                .hint("write it so, without capitals or quotes: pymongo takes neither numbers nor words such as `yes`"),
            Self::NotTaken { key, what } => extra(key, &format!("must be {}", what.words()))
                .hint("pymongo, and Airflow's hook with it, refuses the definition before it connects"),
            Self::Excluded { one, other } => contradicting(format!("extra `{one}` and `{other}` exclude each other"))
                .fields([Field::extra(one), Field::extra(other)])
                .hint("remove one of them: pymongo, and Airflow's hook with it, refuses both together"),
            Self::TextMeansNo { key } => extra(key, "is a text that means no")
                .hint("write false without quotes, or leave it out: Airflow takes every text for yes"),
            Self::SetBehindBalancer => {
                contradicting("extra `replicaSet` and `loadBalanced` exclude each other".to_owned())
                    .fields([Field::named("extra.replicaSet"), Field::named("extra.loadBalanced")])
            }
            Self::Hosts(why) => host_is(why.words(&Field::HOST))
                .hint("write `host` as `h1`, or as `h1:27017,h2:27017`; database and options have fields of their own"),
            Self::PortBesideSrv => bad(Field::PORT, "`port` is set, but with SRV the records say the ports")
                .hint("clear `port`, or clear `srv` and name the server's own host"),
            Self::BadService => extra("srvServiceName", "must be letters, digits and `-`"),
            Self::BadMost => extra("srvMaxHosts", "must be a whole number"),
            Self::NotOneName => host_is("`host` must be one name and nothing else when it is looked up as SRV record")
                .hint("name what stands behind `mongodb+srv://`, or clear `srv` to list hosts and ports"),
            Self::OptionsInSchema => bad(Field::SCHEMA, "`schema` has options of a URI behind a `?`")
                .hint("put each of them into `extra`, under its own name: connprobe reads only `authSource` there"),
            Self::BadDatabase { field, name } => bad(
                field.clone(),
                format!("{} `{}` cannot be the name of a database", named(field), name.escape_debug()),
            )
            .hint(
                "it must have no `/`, `\\`, `.`, `\"`, `$` or blank, and at most 63 bytes; options belong in `extra`",
            ),
            Self::TlsTwice => contradicting("extra `tls` and `ssl` contradict each other".to_owned())
                .fields([Field::named("extra.tls"), Field::named("extra.ssl")]),
            Self::ImpliedWithoutTls { key, off } => {
                contradicting(format!("extra `{key}` turns TLS on, but `{off}` is false"))
                    .fields([Field::extra(key), Field::extra(off)])
                    .hint(format!("set `{off}` to true, or remove `{key}`: pymongo refuses both together"))
            }
            login => login.words_of_login(),
        }
    }
}

impl MongodbFlaw {
    fn words_of_login(&self) -> Words {
        match self {
            Self::NoCertificate => {
                bad(Field::named("extra.authMechanism"), "`MONGODB-X509` needs TLS with a client certificate")
                    .hint("name it in extra `tlsCertificateKeyFile`, with certificate and key in one PEM file")
            }
            Self::LoginNotEscaped => Words::new(
                Code::FeatureUnsupported,
                "`login` has a `,` or `=` in it, which the driver library does not escape in SCRAM",
            )
            .fields([Field::LOGIN])
            .hint("nothing was sent; use a login without these characters"),
            Self::PasswordUnprepared => {
                Words::new(Code::BadPassword, "`password` has characters that SCRAM-SHA-256 does not allow").hint(
                    "remove control and unassigned characters, or set extra `authMechanism` to SCRAM-SHA-1 if the user has it",
                )
            }
            Self::LoginAlone => bad(Field::LOGIN, "`login` is set without `password`").fields([Field::LOGIN, Field::PASSWORD]).hint(
                "Airflow would silently connect without logging in; set `password`, or clear `login` if that is what you want",
            ),
            Self::PasswordAlone => bad(Field::PASSWORD, "`password` is set without `login`")
                .fields([Field::PASSWORD, Field::LOGIN])
                .hint("set `login`, or clear `password` to connect without logging in"),
            Self::MechanismAlone => extra("authMechanism", "needs `login` and `password`").fields([
                Field::named("extra.authMechanism"),
                Field::LOGIN,
                Field::PASSWORD,
            ]),
            Self::MechanismLacking { mechanism } => Words::new(
                Code::MethodUnsupported,
                format!("extra `authMechanism` asks for a login that connprobe lacks: {mechanism}"),
            )
            .fields([Field::named("extra.authMechanism")])
            .hint("it can do SCRAM-SHA-256, SCRAM-SHA-1, PLAIN and MONGODB-X509"),
            _ => extra("authMechanism", "must be one of SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, MONGODB-X509, in capitals"),
        }
    }
}

fn contradicting(message: String) -> Words {
    Words::new(Code::ContradictingFields, message)
}
