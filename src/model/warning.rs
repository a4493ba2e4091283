//! `Warning`: what deserves attention in an otherwise good result, and its stable codes.
//!
//! Codes are added, never changed or removed, like those of `reason::ReasonCode`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($variant:ident $word:literal $explanation:literal;)*) => {
        /// What deserves attention.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum WarningCode { $(#[doc = $explanation] $variant,)* }

        impl WarningCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in every output.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// A paragraph for `connprobe explain`.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    // What the login proves.
    LoginNotDemanded "login_not_demanded"
        "The server let the session begin without asking for a login, so that the login of the definition was not tested.";
    PasswordNotChecked "password_not_checked"
        "The login was accepted, but the server did not look at the password, so that a wrong one would have been accepted too.";
    KeysNotChecked "keys_not_checked"
        "The server answers a request that is signed with made-up keys just the same: it checks no keys, and those of the definition were not tested.";
    ControlUnanswered "control_unanswered"
        "The server accepted the keys, but did not answer the same request with made-up keys, so that it is not known whether it checks keys at all.";
    CannotList "cannot_list"
        "The keys are valid, but may not list buckets, so that more than that could not be tested.";
    FewRights "few_rights"
        "The login was accepted, but the user may not run the simplest command, so that more than that could not be tested.";
    LedgerNotKept "ledger_not_kept"
        "The file that remembers refused logins between runs cannot be kept, so that an account could be tried more often than it should be.";
    LedgerLost "ledger_lost"
        "What the file that remembers refused logins held was lost, or a part of it, since its key is gone or lines of it are damaged. For a day one refused login holds its account.";
    HoldOverlooked "hold_overlooked"
        "The account, or this secret, is held because of logins that were refused before. `--force` let the login go all the same: it counts towards what the server may lock the account for.";
    // The protection of the channel.
    TlsAbsent "tls_absent"
        "The connection is not encrypted: whoever listens on the way could read or redirect the login. `--require-tls` makes it a failure.";
    TlsUnverified "tls_unverified"
        "The connection is encrypted, but the server's certificate was not verified: whoever answers gets the login. `--verify-tls` makes it a failure.";
    EncryptionForced "encryption_forced"
        "The definition turns encryption off, and the server forces it: the login was encrypted all the same, as the usual client does it.";
    TlsGivenUp "tls_given_up"
        "The TLS handshake failed, and the login went on without encryption, as the usual client does where the definition only prefers encryption. `--require-tls` makes it a failure.";
    TlsLoginOnly "tls_login_only"
        "Only the login is encrypted; queries and their results are not.";
    PasswordInClear "password_in_clear"
        "The password itself is sent over an unencrypted connection, where whoever listens can read it.";
    PasswordRecoverable "password_recoverable"
        "What is sent lets whoever listens, or answers in the server's place, find the password out.";
    ScramWeak "scram_weak"
        "The server stores the password with so few rounds of key derivation that it is easy to guess from what is sent.";
    SystemRoots "system_roots"
        "The definition names no authority, so that the server's certificate is checked against those that this machine trusts; the usual client would not.";
    WorldReadableFile "world_readable_file"
        "A file with secrets can be read by every user of its machine.";
    StoreChanged "store_changed"
        "Rows of connprobe's store were put back, added or removed by something else than connprobe; `connprobe store check` tells more.";
    StoreUnverified "store_unverified"
        "Nothing tells whether the row is as connprobe stored it: its key is not at hand, or an earlier version wrote it.";
    FileNotUsed "file_not_used"
        "A certificate file that the definition names cannot be used, and the login went on without it, as the usual client's does.";
    // The kind of the server.
    InstanceMismatch "instance_mismatch"
        "Another instance of SQL Server than the one that the definition names answers at the port.";
    HostSkipped "host_skipped"
        "One of several hosts was passed over, and the next one was tried.";
    RegionRedirected "region_redirected"
        "The bucket is in another region than the definition says; connprobe asked there instead.";
    // The server's text.
    TextWithheld "text_withheld"
        "What the server says is not shown, since it was not searched for secrets: it can be read in too many ways, or the run ended before.";
    // The content of the definition.
    OptionInSchema "option_in_schema"
        "An option of a URI stands in `schema`, where the client reads it all the same because it writes the URI without escaping it.";
    ClientDiffers "client_differs"
        "connprobe reads the definition otherwise than a client that is often used for it: what works here may fail there, or reach another server.";
    IgnoredField "ignored_field"
        "A field, or a key of `extra`, has no effect here: another one takes its place, or the client does not read it.";
    PortInHost "port_in_host"
        "Hosts of the list bring their own port, which the usual client takes for a part of the name. The ports belong in a list of their own.";
    UnknownExtra "unknown_extra"
        "A key of `extra` is not known for the type of the connection, and was ignored. It may be misspelt.";
    UnknownField "unknown_field"
        "A field of the definition is none that Airflow has, and was ignored. It may be misspelt.";
    ExtraOverrides "extra_overrides"
        "A key of `extra` takes the place of a field of the definition, which is filled in as well.";
    DeprecatedExtra "deprecated_extra"
        "A key of `extra` has an old name, which current versions of Airflow no longer read.";
    ExtraAlias "extra_alias"
        "A key of `extra` was read as another one, which is the name that the client knows.";
    StringlyFlag "stringly_flag"
        "A text stands where true or false is meant, and the client takes every text for true.";
    SecretBlank "secret_blank"
        "A secret begins or ends with a blank or a line end, which becomes part of it.";
    TokenMissing "token_missing"
        "The keys look temporary, and their session token is missing.";
    LooksEncrypted "looks_encrypted"
        "A field looks like a Fernet token, and its row says that it is not encrypted. It is used as it is.";
    // The source's notation.
    AirflowIgnores "airflow_ignores"
        "Airflow does not read this entry, or a part of it, as connprobe does.";
    AmbiguousConnId "ambiguous_conn_id"
        "Several definitions share one name. Each is checked; where they come from several of the places that Airflow looks into, the message says which one Airflow would use.";
    AmbiguousSourceLabel "ambiguous_source_label"
        "Several sources of the run have the same name, so that it does not distinguish their results.";
    ConnIdIsType "conn_id_is_type"
        "The name of the definition is the name of a type, as where the two were mixed up.";
    ConnIdMismatch "conn_id_mismatch"
        "The name that the entry stands under is not the `conn_id` inside it.";
    ConnIdNotText "conn_id_not_text"
        "The name of the definition is not a text, and was read as one.";
    NameHidden "name_hidden"
        "The name of the entry looks like a URI with a login, or has a secret of the definition in it, and is not shown.";
    DuplicateKey "duplicate_key"
        "The same name stands several times in one source. Each is checked; Airflow takes one of them or refuses the file.";
    DuplicateField "duplicate_field"
        "The same field stands several times in one definition; the last one counts.";
    NotText "not_text"
        "A field holds a number or a truth value where a text is meant, and was read as the text of it.";
    JsonText "json_text"
        "The definition is a text that holds JSON, where an object was meant.";
    YamlOctal "yaml_octal"
        "YAML reads a number with a leading zero as octal; it was read as it is written.";
    EnvCase "env_case"
        "The name of the environment variable is not in capitals, and Airflow looks for capitals only.";
    EnvExpansion "env_expansion"
        "Shells and compose replace a `$` with a name behind it; connprobe reads the line as it is written.";
    EnvSyntax "env_syntax"
        "Airflow reads this line of the environment file differently: it knows no quotes, comments, blanks or `export`.";
    LineNotRead "line_not_read"
        "A line of the source looks like a definition, and was not read.";
    EntryNotRead "entry_not_read"
        "An entry of the source looks like a definition, and was not read.";
    PageOfAnswer "page_of_answer"
        "The source is one page of a longer answer, so that definitions of other pages are missing.";
    UriBlank "uri_blank"
        "Blanks, tabs or line ends in the URI were dropped.";
    UriUnescaped "uri_unescaped"
        "A special character in the URI should be percent-encoded; it was read as it was most likely meant.";
    UriType "uri_type"
        "The type at the start of the URI has a character that Airflow does not read there.";
    UriHostList "uri_host_list"
        "The URI names several hosts, which Airflow reads differently.";
    UriQueryUrl "uri_query_url"
        "The query of the URI holds another URL that is not escaped.";
    UriFragment "uri_fragment"
        "The URI has a fragment, which Airflow drops.";
    UriEscape "uri_escape"
        "An escape in the URI is not UTF-8, and was replaced.";
    UriExtraShadow "uri_extra_shadow"
        "The URI gives `__extra__` and other parameters; Airflow reads only the former.";
}

impl fmt::Display for WarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that deserves attention on an otherwise fine result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Warning {
    /// A stable word.
    pub code: WarningCode,
    /// A lower-case fragment for people.
    pub message: String,
}

impl Warning {
    /// A warning with `code` and `message`. Only a [`Notice`](super::notice::Notice) makes one.
    #[must_use]
    pub(crate) fn new(code: WarningCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_word_is_the_word_of_as_str_and_read_back() {
        for code in WarningCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(serde_json::from_str::<WarningCode>(&format!("\"{}\"", code.as_str())).unwrap(), *code);
        }
    }

    #[test]
    fn every_code_is_explained() {
        for code in WarningCode::ALL {
            assert!(code.explanation().ends_with('.') && code.explanation().len() > 25, "{code}");
        }
    }
}
