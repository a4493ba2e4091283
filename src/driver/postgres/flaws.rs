//! What is wrong with a definition of PostgreSQL, and the texts for it. Values are interpreted as libpq does.

use crate::model::problem::Flaw;
use crate::model::problem::field::{bad, missing, named};
use crate::model::problem::host::host_is;
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostgresFlaw {
    /// No user.
    NoLogin,
    /// A NUL character.
    Nul {
        /// The field.
        field: Field,
    },
    /// An extra that has none of the values that libpq accepts.
    NotOneOf {
        /// The extra.
        key: String,
        /// These values.
        words: Vec<String>,
        /// Whether the extra is empty.
        empty: bool,
    },
    /// An extra that is not a whole number.
    NotANumber {
        /// The extra.
        key: String,
    },
    /// A `client_encoding` that no server accepts.
    BadEncoding {
        /// Its value.
        written: String,
    },
    /// A `require_auth` that libpq refuses.
    BadRequireAuth,
    /// A `require_auth` that admits no method that connprobe supports.
    RequireAuthLacking,
    /// A password for an encrypted client key.
    EncryptedKey,
    /// An `sslmode` that is too weak for another extra.
    ModeTooWeak {
        /// The mode.
        mode: &'static str,
        /// The other extra, with its value.
        key: &'static str,
        /// The weakest mode that the other extra allows.
        least: &'static str,
    },
    /// A lowest version of TLS above the highest.
    VersionsCrossed,
    /// A highest version of TLS that is too old.
    VersionTooOld,
    /// A version that TLS does not have.
    BadVersion {
        /// The extra.
        key: String,
    },
    /// `sslcertmode` `require` without a certificate.
    NoCertificate,
    /// A certificate without its key.
    CertificateWithoutKey,
    /// `channel_binding` `require` on a connection without TLS.
    BindingWithoutTls,
    /// A password file.
    PasswordFile,
    /// An encrypted Kerberos connection.
    Gss,
    /// An extra that asks for something that connprobe does not support.
    Lacking {
        /// The extra.
        key: &'static str,
        /// What it asks for.
        what: &'static str,
    },
    /// An extra that asks for another way to log in.
    OtherLogin {
        /// The extra.
        key: &'static str,
        /// The other way.
        what: &'static str,
    },
    /// The server requests an OAuth token, and an extra for that is missing.
    NoOauth {
        /// The extra.
        key: &'static str,
    },
    /// A server that does not support the requested version of the protocol.
    ProtocolTooOld,
    /// A lowest version of the protocol above the highest.
    ProtocolsCrossed,
    /// `options` that hold more than settings.
    OtherSwitches,
    /// A number of ports or addresses that does not match the list of hosts.
    Unequal {
        /// How many there are.
        count: usize,
        /// Whether they are addresses, not ports.
        addresses: bool,
        /// How many hosts there are.
        hosts: usize,
    },
    /// A list of ports that holds something else.
    BadPorts,
    /// An empty host in a list.
    EmptyHost,
    /// An abstract unix socket.
    AbstractSocket {
        /// The host.
        host: String,
    },
    /// Anything but a name or an address.
    BadHost {
        /// The host.
        host: String,
    },
    /// An address in brackets.
    Brackets {
        /// The host.
        host: String,
    },
    /// A port in the host field, with one host only.
    PortInHost {
        /// The host.
        host: String,
    },
    /// A `hostaddr` that is not an address.
    BadAddress {
        /// Its value.
        written: String,
    },
}

impl Flaw for PostgresFlaw {
    fn words(&self) -> Words {
        match self {
            Self::NoLogin => missing(Field::LOGIN)
                .hint("name the role to log in as; the name of the operating system's user is never used"),
            Self::Nul { field } => Words::new(
                Code::BadField,
                format!("{} has a NUL character in it, which PostgreSQL cannot take", named(field)),
            )
            .fields([field.clone()]),
            Self::NotOneOf { key, words, empty } => {
                extra(key, &format!("must be one of {}", words.join(", "))).hint(if *empty {
                    "remove it, or give one of these words: libpq takes an empty text for a wrong word"
                } else {
                    "write it exactly so: libpq knows no other spelling, no capitals and no blanks around it"
                })
            }
            Self::NotANumber { key } => extra(key, "must be a whole number")
                .hint("libpq takes digits only: neither true or false, nor a fraction, nor an empty text"),
            Self::BadEncoding { written } => extra(
                "client_encoding",
                &format!("is `{}`, which is no encoding of PostgreSQL's", written.escape_default()),
            )
            .hint("write it as `UTF8` or `LATIN1`, or leave it out: libpq sends it, and the server refuses the session"),
            Self::BadRequireAuth => extra("require_auth", "must be a list of authentication methods").hint(
                "use none, password, md5, scram-sha-256, gss, sspi and oauth, all of them with `!` or none, commas between them and no blanks",
            ),
            Self::RequireAuthLacking => {
                method("extra `require_auth` admits only methods that connprobe lacks".to_owned())
                    .fields([Field::extra("require_auth")])
            }
            Self::EncryptedKey => {
                feature("extra `sslpassword` asks for what connprobe lacks: an encrypted client key".to_owned())
                    .fields([Field::extra("sslkey"), Field::extra("sslpassword")])
                    .hint("store the key unencrypted in extra `sslkey`")
            }
            Self::PasswordFile => method(
                "extra `passfile` asks for what connprobe lacks: a password file is read from the client's machine"
                    .to_owned(),
            )
            .fields([Field::extra("passfile")])
            .fields([Field::extra("passfile")]),
            Self::Gss => method(
                "extra `gssencmode` asks for what connprobe lacks: an encrypted Kerberos (GSSAPI) connection"
                    .to_owned(),
            )
            .fields([Field::extra("gssencmode")]),
            Self::Lacking { key, what } => {
                feature(format!("extra `{key}` asks for what connprobe lacks: {what}")).fields([Field::extra(key)])
            }
            Self::OtherLogin { key, what } => {
                method(format!("extra `{key}` asks for what connprobe lacks: {what}")).fields([Field::extra(key)])
            }
            Self::NoOauth { key } => Words::new(
                Code::MissingField,
                format!("extra `{key}` is missing, and the server asks for an OAuth token of this role, not for a password"),
            )
            .fields([Field::extra(key)])
            .hint("use a role that logs in with a password, or have an application log in that can fetch a token: pg_hba.conf has `oauth` for this role"),
            Self::ProtocolTooOld => bad(
                Field::extra("min_protocol_version"),
                "the server speaks version 3.0 of its protocol at most, and extra `min_protocol_version` asks for 3.2",
            )
            .hint("remove `min_protocol_version`: PostgreSQL speaks 3.2 since its version 18"),
            Self::ProtocolsCrossed => Words::new(
                Code::ContradictingFields,
                "extra `min_protocol_version` is higher than `max_protocol_version`",
            )
            .fields([Field::extra("min_protocol_version"), Field::extra("max_protocol_version")]),
            Self::OtherSwitches => method("extra `options` holds more than settings of the session".to_owned())
                .fields([Field::extra("options")])
                .hint("write each as `-c name=value`; other switches of the server process are not passed on"),
            Self::BindingWithoutTls => {
                extra("channel_binding", "is `require`, but the connection would not be encrypted")
                    .hint("channel binding ties the login to the TLS channel: let `sslmode` be `require` or more")
            }
            tls @ (Self::ModeTooWeak { .. }
            | Self::VersionsCrossed
            | Self::VersionTooOld
            | Self::BadVersion { .. }
            | Self::NoCertificate
            | Self::CertificateWithoutKey) => tls.words_of_tls(),
            host => host.words_of_hosts(),
        }
    }
}

impl PostgresFlaw {
    fn words_of_tls(&self) -> Words {
        match self {
            Self::ModeTooWeak { mode, key, least } => extra("sslmode", &format!("`{mode}` is too weak for `{key}`"))
                .hint(format!("set `sslmode` to `{least}`")),
            Self::VersionsCrossed => Words::new(
                Code::ContradictingFields,
                "extra `ssl_min_protocol_version` is higher than `ssl_max_protocol_version`",
            )
            .fields([Field::extra("ssl_min_protocol_version"), Field::extra("ssl_max_protocol_version")]),
            Self::BadVersion { key } => extra(key, "must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
            Self::NoCertificate => {
                Words::new(Code::BadField, "extra `sslcertmode` is `require`, and there is no `sslcert`")
                    .fields([Field::extra("sslcertmode"), Field::extra("sslcert")])
                    .hint("add `sslcert` and `sslkey`; the default files in the user's home are not read")
            }
            Self::CertificateWithoutKey => extra("sslcert", "has no `sslkey`")
                .hint("add `sslkey`; the default files in the user's home are not read"),
            _ => feature(
                "extra `ssl_max_protocol_version` asks for what connprobe lacks: a version of TLS before 1.2"
                    .to_owned(),
            )
            .fields([Field::extra("ssl_max_protocol_version")]),
        }
    }

    fn words_of_hosts(&self) -> Words {
        match self {
            Self::Unequal { count, addresses, hosts } => {
                let what = if *addresses { "addresses in extra `hostaddr`" } else { "ports" };
                Words::new(Code::ContradictingFields, format!("{count} {what} do not fit {hosts} hosts"))
                    .fields([if *addresses { Field::named("extra.hostaddr") } else { Field::PORT }])
                    .hint("give one for each host, in the same order")
            }
            Self::BadPorts => extra("port", "must be a number from 1 to 65535, or one for each host"),
            Self::AbstractSocket { host } => {
                feature(format!("`host` `{host}` is an abstract unix socket")).fields([Field::HOST])
            }
            Self::BadHost { host } => {
                host_is(format!("`host` `{host}` is not a host name, an address, or either with a port"))
                    .hint("write only the name or address into `host`, and the port into `port`")
            }
            Self::Brackets { host } => host_is(format!("`host` `{}` is in brackets", host.escape_default()))
                .hint("write the address without them: libpq knows brackets in URLs only"),
            Self::PortInHost { host } => host_is(format!("`host` `{}` has a port in it", host.escape_default()))
                .hint("write the port into `port`: libpq takes all of `host` for the name"),
            Self::BadAddress { written } => extra("hostaddr", &format!("`{written}` is not an IP address")),
            _ => host_is("the list of hosts has an empty entry").hint("name every host between the commas"),
        }
    }
}

fn method(message: String) -> Words {
    Words::new(Code::MethodUnsupported, message)
}

fn feature(message: String) -> Words {
    Words::new(Code::FeatureUnsupported, message)
}
