//! `ReasonCode`: the stable identifiers of the reasons why a check is not ok, one vocabulary for all drivers.
//!
//! Codes are added, never changed or removed: reports, forms and scripts depend on them (`tests/snapshots/words.txt`
//! has the list).

use serde::{Deserialize, Serialize};

use crate::model::class::Class;

macro_rules! codes {
    ($($variant:ident $word:literal $class:ident [$($field:literal),*] $explanation:literal;)*) => {
        /// Why a check is not ok: finer than its class, coarser than its message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ReasonCode { $(#[doc = $explanation] $variant,)* }

        impl ReasonCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in every output.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The class that it usually belongs to.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// The paths of the form fields that it usually points at.
            #[must_use]
            pub fn fields(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($field),*],)* }
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
    // The definition.
    MissingField "missing_field" Definition []
        "The type of the connection needs a field that is empty in the definition. Nothing was sent.";
    BadField "bad_field" Definition []
        "The value of a field cannot be used: it has the wrong form, or is not one of those allowed. Nothing was sent.";
    ContradictingFields "contradicting_fields" Definition []
        "Two fields of the definition exclude each other, so that it is not clear which was meant. Nothing was sent.";
    SeveralProblems "several_problems" Definition []
        "Several fields of the definition are missing or cannot be used. The message lists all of them, and `fields` names them.";
    BadEntry "bad_entry" Definition []
        "What stands in the source is not a definition: it is empty, of another kind of value, or not the JSON or URI that it begins like.";
    BadUri "bad_uri" Definition []
        "The URI of the connection cannot be read, or can be read in more than one way. Special characters in login and password must be percent-encoded.";
    ConnectionString "connection_string" Definition []
        "A whole connection string or URI stands in one field. Its parts belong in fields of their own, where they are read, and where secrets are not shown.";
    SecretMisplaced "secret_misplaced" Definition []
        "A password, or a login with its password, stands in a field that is shown in every report. connprobe hides it and does not use it.";
    SecretMasked "secret_masked" Definition ["password"]
        "`***` stands where the secret was: the definition was copied from an output that hides secrets.";
    BadCertificate "bad_certificate" Definition []
        "A certificate or key of the definition is not readable PEM text, is encrypted, or does not belong to the other.";
    BadServerName "bad_server_name" Definition ["host"]
        "No certificate can be valid for the name that the definition gives the server.";
    SettingRefused "setting_refused" Definition []
        "The login was accepted, but the server does not take a setting of the session that the definition asks for.";
    WrongDeployment "wrong_deployment" Definition ["host"]
        "The server is not of the kind that the definition describes: another replica set, a router, an arbiter, or no load balancer.";
    WrongRegion "wrong_region" Definition ["extra.region_name"]
        "The bucket, or the server itself, belongs to another region or endpoint than the definition says.";
    ServerNotFound "server_not_found" Definition ["host"]
        "A gateway answers at the address, but knows no server of the name that the definition gives.";
    Redirected "redirected" Definition ["host"]
        "The server answers at the address of the definition with a redirect to another one, which is not followed.";
    NoDriver "no_driver" Unsupported ["conn_type"]
        "connprobe has no driver for this type of connection, so that it cannot be checked.";
    NotBuiltIn "not_built_in" Unsupported ["conn_type"]
        "connprobe has a driver for this type of connection, but not in this binary: it was built without it.";
    MethodUnsupported "method_unsupported" Unsupported []
        "The definition, or the server, asks for a way to log in that connprobe lacks. Nothing is known about whether the connection works.";
    FeatureUnsupported "feature_unsupported" Unsupported []
        "The definition asks for something that connprobe lacks, other than a way to log in. Nothing is known about whether the connection works.";
    TunnelNeeded "tunnel_needed" Unsupported []
        "The definition names a tunnel or proxy by which the server is reached, and connprobe connects directly only.";
    TooManyEntries "too_many_entries" Unsupported []
        "The source has more definitions, or deeper folders, than connprobe reads. Name a narrower part of it.";
    KeyMissing "key_missing" Secret []
        "A stored secret is encrypted, and connprobe was given no key to read it.";
    KeyWrong "key_wrong" Secret []
        "A stored secret was encrypted with another key than those that connprobe was given.";
    SecretDamaged "secret_damaged" Secret []
        "A stored secret cannot be decrypted although it should be: it was cut off, altered, or is not encrypted as its row says.";
    RowChanged "row_changed" Secret []
        "The row of connprobe's store is not as connprobe stored it: it is damaged, or something else wrote to the database. Nothing of it is used.";
    RowPutBack "row_put_back" Secret []
        "The row of connprobe's store was replaced by an earlier version of itself, or was removed and put back by something else than connprobe. Nothing of it is used.";
    SecretUnreadable "secret_unreadable" Secret []
        "The place where a secret is stored did not give it.";
    // What connprobe refuses to do.
    EgressDenied "egress_denied" Policy ["host"]
        "The address is one that connprobe sends nothing to: a cloud's metadata service, a link-local or reserved address, or one that `--egress-deny` names.";
    FileUnusable "file_unusable" Policy []
        "A file that the definition names is not a readable, regular file of up to 1 MiB.";
    SecretExposed "secret_exposed" Policy []
        "The server asks for the secret itself, or would receive it, over a connection that others could read. It was not sent.";
    LoginForwarded "login_forwarded" Policy []
        "The server sends the login on to another server. A stored secret is sent to the stored host only.";
    RecordNotTrusted "record_not_trusted" Policy ["host"]
        "A DNS record of the host leads out of its own domain, or sets an option that a record may not set.";
    MethodNotAdmitted "method_not_admitted" Policy ["extra.require_auth"]
        "The server asked for another proof than those that the definition admits. The real clients refuse as well.";
    // Name resolution.
    NameNotFound "name_not_found" Resolve ["host"]
        "The host name has no address, as far as the DNS servers of this machine know. Private zones, VPNs and container networks have names of their own.";
    SrvNotFound "srv_not_found" Resolve ["host"]
        "The name has no SRV record, or one that names no host.";
    ResolverFailed "resolver_failed" Resolve []
        "The DNS servers answered with an error, or could not be asked. Nothing is known about the name.";
    ResolverSilent "resolver_silent" Timeout []
        "The DNS servers of this machine did not answer in time. Nothing is known about the name.";
    ResolverMissing "resolver_missing" Local []
        "This machine does not say which DNS servers to ask.";
    InstanceNotFound "instance_not_found" Resolve ["host"]
        "SQL Browser, which knows the ports of the named instances of SQL Server, does not answer or does not know this one.";
    // The connection to the server.
    ConnectionRefused "connection_refused" Unreachable ["host", "port"]
        "The machine answers, and nothing accepts connections at the port. The server is stopped, listens on another address or port, or a firewall answers in its place.";
    NoRoute "no_route" Unreachable ["host"]
        "This machine, or a router, knows no way to the address: another network, a missing VPN, or no IPv6.";
    ConnectionProhibited "connection_prohibited" Unreachable ["host", "port"]
        "A firewall on the way says that the connection is forbidden.";
    ConnectFailed "connect_failed" Unreachable ["host", "port"]
        "No connection came about, for a reason that the operating system gives and that is none of the usual ones.";
    ConnectTimeout "connect_timeout" Timeout ["host", "port"]
        "Nothing answered the request for a connection. A firewall that drops packets, or an address in another network, looks like this.";
    SocketMissing "socket_missing" Unreachable ["host"]
        "There is no unix socket at the path. The server is stopped, or runs elsewhere or in another container.";
    SocketBusy "socket_busy" Unreachable []
        "The unix socket is there, but the server does not accept the connections that wait at it.";
    ConnectForbidden "connect_forbidden" Local []
        "This machine itself does not let connprobe connect: a firewall, a sandbox, or the permissions of a socket.";
    ClosedBeforeGreeting "closed_before_greeting" Unreachable ["host", "port"]
        "The connection was accepted and closed again before the server sent a byte. Proxies without a working server behind them do so, and services of another kind.";
    ClosedDuringLogin "closed_during_login" Closed []
        "The server, or something between, closed the connection in the middle of the login. The server's log usually says why.";
    ClosedDuringTls "closed_during_tls" Closed []
        "The server closed the connection during the TLS handshake. It may not speak TLS there, or refuse this machine.";
    NetworkLost "network_lost" Unreachable []
        "The network between this machine and the server failed during the login.";
    // Timeouts.
    GreetingTimeout "greeting_timeout" Timeout ["host", "port"]
        "The port accepts connections, and nothing was said there in time. Another service may own it, or the server, or a proxy before it, is frozen.";
    TlsTimeout "tls_timeout" Timeout []
        "The TLS handshake did not finish in time. The server may not speak TLS on this port, or is overloaded.";
    LoginTimeout "login_timeout" Timeout []
        "The server answers, but the login did not finish in time. It is overloaded or frozen, or another service owns the port.";
    QueryTimeout "query_timeout" Timeout []
        "The login was accepted, but the test query was not answered in time: the server is overloaded, or waits for a lock.";
    HostTimeout "host_timeout" Timeout []
        "Of several hosts this one did not let the login finish within its share of the time.";
    SourceTimeout "source_timeout" Timeout []
        "A source of connections was not read to its end in time.";
    // TLS.
    TlsNotOffered "tls_not_offered" Tls []
        "The definition demands an encrypted connection, and the server offers none. No credential was sent.";
    TlsRequired "tls_required" Tls []
        "The server takes encrypted logins only, and the definition turns encryption off.";
    TlsDemanded "tls_demanded" Tls []
        "`--require-tls` or `--verify-tls` demands a better protected connection than this definition gets. No credential was sent.";
    TlsNotSpoken "tls_not_spoken" Tls ["port"]
        "What answers does not speak TLS on this port.";
    TlsHandshakeFailed "tls_handshake_failed" Tls []
        "The TLS handshake broke off, on one side or the other. The server's log usually says why.";
    TlsVersionUnsupported "tls_version_unsupported" Tls []
        "Server and connprobe have no TLS version or cipher in common. connprobe speaks TLS 1.2 and 1.3.";
    UnknownIssuer "unknown_issuer" Tls []
        "The server's certificate was issued by an authority that is not trusted: a private one that the definition does not name, or an intermediate certificate that the server does not send.";
    CertificateExpired "certificate_expired" Tls []
        "The server's certificate has expired and must be renewed on the server.";
    CertificateNotYetValid "certificate_not_yet_valid" Tls []
        "The server's certificate is not valid yet: as a rule the clock of this machine, or of the issuer, is wrong.";
    AuthorityExpired "authority_expired" Tls []
        "The certificate of the authority that vouches for the server has expired.";
    WrongName "wrong_name" Tls ["host"]
        "The server's certificate is valid for other names than the one that the definition connects to.";
    CertificateRevoked "certificate_revoked" Tls []
        "The server's certificate was revoked.";
    CertificateDamaged "certificate_damaged" Tls []
        "The server's certificate, or a signature in its chain, cannot be read or does not fit.";
    CertificateOutdated "certificate_outdated" Tls []
        "The server's certificate is of a kind that current clients no longer accept: version 1, SHA-1, or a short key.";
    CertificateUnacceptable "certificate_unacceptable" Tls []
        "The server's certificate is not accepted for another reason: not made for servers, an authority's own, or too long a chain.";
    CertificateMissing "certificate_missing" Tls []
        "The server presented no certificate.";
    ClientCertificateRequired "client_certificate_required" Tls []
        "The server demands a client certificate, and the definition has none.";
    ClientCertificateUnasked "client_certificate_unasked" Tls ["extra.sslcertmode"]
        "The definition demands that the server asks for a client certificate, and it asked for none. The usual client refuses such a server.";
    ClientCertificateRefused "client_certificate_refused" Tls []
        "The server does not accept the client certificate of the definition.";
    ServerNameUnknown "server_name_unknown" Tls ["host"]
        "The server, or a proxy before it, serves no such host name (SNI).";
    ProtocolNotNegotiated "protocol_not_negotiated" Tls ["port"]
        "The server speaks TLS, but did not agree on the protocol to speak in it (ALPN).";
    ChannelBindingMissing "channel_binding_missing" Tls []
        "The definition demands that the login is bound to the TLS channel, and the server does not offer that.";
    TrustStoreMissing "trust_store_missing" Local []
        "This machine has no list of trusted authorities to check certificates against.";
    // The peer's protocol.
    OtherProtocol "other_protocol" Protocol ["host", "port"]
        "Another service answers at the port. The message names it where its first bytes tell.";
    TlsExpected "tls_expected" Protocol ["port"]
        "The server expects TLS from the first byte, and was spoken to in clear.";
    NotUnderstood "not_understood" Protocol ["host", "port"]
        "What answers does not follow the protocol of the connection's type.";
    TooMuchData "too_much_data" Protocol ["host", "port"]
        "The server sent, or asked for, far more than a login needs. connprobe stopped it.";
    ServerUnproved "server_unproved" Protocol ["host"]
        "In this way to log in the server proves that it knows the password as well, and this one could not. Another server, or a proxy, may be answering.";
    KeyDerivationRefused "key_derivation_refused" Protocol []
        "The server demands more rounds of key derivation than any honest one, or breaks the rules of SCRAM.";
    FileRequested "file_requested" Protocol ["host"]
        "The server asked for a file of this machine. Nothing was sent; no honest server does so unasked.";
    EmptyAnswer "empty_answer" Protocol []
        "The login was accepted, and the test query was answered without a row. Proxies and servers that only resemble the real one do so.";
    LoginNotAsked "login_not_asked" Protocol []
        "The server let the session begin without the login that the definition has.";
    // The login.
    LoginRefused "login_refused" Auth ["login", "password"]
        "The server refused login and password. Servers do not tell a wrong password from an unknown user, on purpose. The secret is not sent again.";
    PasswordMissing "password_missing" Auth ["password"]
        "The server asks for a password, and the definition has none. Exports leave secrets out unless they are asked for.";
    UserNotFound "user_not_found" Auth ["login"]
        "The server says that the user does not exist, or may not log in.";
    AccountLocked "account_locked" Auth ["login"]
        "The account is locked, as a rule after too many wrong passwords. Find the client that keeps sending an old one before it is unlocked.";
    AccountDisabled "account_disabled" Auth ["login"]
        "An administrator has disabled the account.";
    PasswordExpired "password_expired" Auth ["password"]
        "The password was right, but has expired or must be changed before the first login.";
    PasswordNotTaken "password_not_taken" Auth ["login"]
        "The account, or the whole server, does not log in by a password: it goes by a certificate, by the operating system's user, or by a domain.";
    KeysUnknown "keys_unknown" Auth ["login"]
        "The server does not know the access key id.";
    SignatureMismatch "signature_mismatch" Auth ["login", "password"]
        "The server computed another signature than the one that it was sent. At AWS the access key id exists then and the secret key is wrong; other servers say the same of key ids that they do not know.";
    KeysUnproved "keys_unproved" Denied ["login", "password"]
        "The server refused the request with the same answer that made-up keys get, so that nothing is known of the keys of the definition. It counts as a refusal of them.";
    TokenExpired "token_expired" Auth ["login", "password"]
        "The token, or the temporary keys, have expired.";
    TokenInvalid "token_invalid" Auth []
        "The token is damaged, was revoked, or does not belong to the keys.";
    BadPassword "bad_password" Definition ["password"]
        "The password has characters, or a length, that the server's way to log in cannot carry.";
    AddressDenied "address_denied" Denied []
        "The server does not let this client's address in, whatever the login. An administrator of the server has to allow it.";
    AddressBlocked "address_blocked" Denied []
        "The server blocks this client's address for a while, after too many interrupted connections.";
    DatabaseDenied "database_denied" Denied ["schema"]
        "The login may be right, but may not use the database. An administrator has to grant it.";
    BucketDenied "bucket_denied" Denied ["schema"]
        "The keys were accepted, but may not list the bucket.";
    RoleDenied "role_denied" Denied ["extra.role_arn"]
        "The keys were accepted, but may not assume the role that the definition names.";
    PrivilegeMissing "privilege_missing" Denied []
        "The login was accepted, but lacks a privilege that the server demands.";
    TriggerRefused "trigger_refused" Denied []
        "A trigger that an administrator has installed refused the session after the login.";
    ServiceNotEnabled "service_not_enabled" Denied []
        "The account behind the keys may not use the service, or not in this region.";
    DatabaseNotFound "database_not_found" NotFound ["schema"]
        "The login was accepted, and the server has no such database.";
    BucketNotFound "bucket_not_found" NotFound ["schema"]
        "The keys were accepted, and there is no such bucket at the endpoint.";
    ExpectedMissing "expected_missing" NotFound []
        "The login works, but what `connprobe wait` expects besides it (`--expect-table` and the like) does not exist yet.";
    ExpectationUnusable "expectation_unusable" Definition []
        "What `connprobe wait` expects besides the login (`--expect-table` and the like) cannot be looked for: the server does not run the query, or the place to look in is not known.";
    PathNotFound "path_not_found" NotFound []
        "There is nothing at the path, prefix or table that a source names.";
    // The state of the server.
    TooManyConnections "too_many_connections" Busy []
        "The server, the database or the user has as many connections as its limit allows.";
    SlowDown "slow_down" Busy []
        "The server asks for fewer requests: a limit on their rate was reached.";
    StartingUp "starting_up" Busy []
        "The server is starting, recovering or upgrading, and takes no logins yet.";
    ShuttingDown "shutting_down" Busy []
        "The server is shutting down, or ended the session on an administrator's word.";
    FailingOver "failing_over" Busy []
        "The server is changing its role in a cluster. An election takes a few seconds.";
    UnderMaintenance "under_maintenance" Busy []
        "The server is paused, offline, or lets administrators in only.";
    BackendDown "backend_down" Busy []
        "A pooler, router or proxy answers, and does not reach the server behind it.";
    ServerShort "server_short" Busy []
        "The server is short of memory, processes or another resource.";
    Unavailable "unavailable" Busy []
        "The server takes no logins at the moment.";
    WrongServerRole "wrong_server_role" Server []
        "The login works, but the server is not of the kind that the definition wants, as a primary or a standby.";
    ProxyRefused "proxy_refused" Server []
        "A pooler or proxy before the server refused the login, in words of its own.";
    QueryCancelled "query_cancelled" Server []
        "The login was accepted, and the server cancelled the test query.";
    SessionEnded "session_ended" Server []
        "The login was accepted, and the server ended the session right after it.";
    RequestRefused "request_refused" Server []
        "The server does not take the request: it lacks it, does not allow it, or could not read it.";
    ServerError "server_error" Server []
        "The server reported an error of its own. Code and detail are the server's.";
    // Checks that were not made.
    AccountWithheld "account_withheld" Withheld ["login", "password"]
        "Other secrets of the same account were refused in this run, and one more attempt could lock it.";
    AccountHeld "account_held" Withheld ["login", "password"]
        "The account was refused before, in earlier runs, and is not tried again before the time that the message gives.";
    ServerProtected "server_protected" Withheld []
        "Handshakes with this server were interrupted, which it counts, and it would block this machine after one more.";
    DeadlinePassed "deadline_passed" Cancelled []
        "The deadline of the run passed before this check finished.";
    Interrupted "interrupted" Cancelled []
        "The run was interrupted before this check finished.";
    GivenUp "given_up" Cancelled []
        "The run waited until its servers are ready, and was given up because another connection cannot become so.";
    // This machine.
    OutOfDescriptors "out_of_descriptors" Local []
        "This machine allows connprobe no more open files. Raise the limit, or lower `--concurrency`.";
    OutOfPorts "out_of_ports" Local []
        "This machine has no local port or address free.";
    OutOfMemory "out_of_memory" Local []
        "This machine is out of memory.";
    OutOfThreads "out_of_threads" Local []
        "This machine gives connprobe no more threads.";
    LookupNotBegun "lookup_not_begun" Local []
        "So many other names had no answer from the DNS servers that this one was not asked for within the time limit. Nothing is known about the target.";
    LedgerUnusable "ledger_unusable" Local []
        "The file that remembers refused logins cannot be used, and without it a login could lock an account.";
    MachineBusy "machine_busy" Local []
        "This machine gave connprobe too little time to run, so that the target cannot be blamed for a deadline that passed.";
    ClockSkew "clock_skew" Local []
        "The clock of this machine is too far from the server's. The keys were not judged.";
    DriverPanicked "driver_panicked" Internal []
        "A driver, or a library that it uses, broke. The target is not to blame; please report it.";
    InternalError "internal_error" Internal []
        "connprobe came upon something that must not happen. The target is not to blame; please report it.";
    // Sources of definitions.
    SourceMissing "source_missing" NotFound []
        "The file that a source names does not exist.";
    SourceDenied "source_denied" Denied []
        "The file that a source names may not be read by this user.";
    SourceUnreadable "source_unreadable" Local []
        "The operating system did not let the source be read.";
    SourceMalformed "source_malformed" Definition []
        "The source is not of the format that its name promises, or holds no definitions.";
    SourceUnusable "source_unusable" Definition []
        "The source was given in a way that cannot be used, or what it needs is not there.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn serialised_word_is_the_word_of_as_str_and_read_back() {
        for code in ReasonCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(serde_json::from_str::<ReasonCode>(&format!("\"{}\"", code.as_str())).unwrap(), *code);
        }
    }

    #[test]
    fn every_code_has_a_word_of_its_own_and_an_explanation() {
        let words: HashSet<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), ReasonCode::ALL.len());
        for code in ReasonCode::ALL {
            let explanation = code.explanation();
            assert!(explanation.ends_with('.') && explanation.len() > 25, "{}", code.as_str());
        }
    }
}
