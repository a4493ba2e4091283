//! The refusals of services that only use MongoDB's protocol, under its codes: Amazon DocumentDB, Azure Cosmos DB,
//! FerretDB.
//!
//! FerretDB 1.24 was tested, none of the clouds was. The other texts are from the manuals of Amazon (DocumentDB,
//! "Troubleshooting connection issues") and Microsoft (Cosmos DB for MongoDB, "Troubleshoot common issues"; 403
//! "Firewall blocking requests"), and from the public reports that the tests name (`driver/mongodb/tests/products`).

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const DOCUMENTDB: &str = "Amazon DocumentDB";
const COSMOS: &str = "Azure Cosmos DB";
const FERRETDB: &str = "FerretDB";

pub(super) const ROWS: &[Refinement] = &[
    says(DOCUMENTDB, &[], Has(&["Unsupported mechanism [ -301 ]"]))
        .checked(Before)
        .means(Class::Unsupported, Reason::MethodUnsupported, "Amazon DocumentDB does not offer the login mechanism that was asked for")
        .at(&["extra.authMechanism"])
        .hint(
            "set extra `authMechanism` to `SCRAM-SHA-1`, the only one that DocumentDB has for passwords",
            "Amazon DocumentDB takes passwords by SCRAM-SHA-1 alone and refuses any other mechanism in these words, before it looks at the password.",
        ),
    says(COSMOS, &[], Has(&["blocked by your Cosmos DB account firewall"]))
        .checked(Before)
        .means(Class::Denied, Reason::AddressDenied, "the firewall of the Cosmos DB account does not let this machine's address in")
        .hint(
            "add the address to the account's networking settings, or connect from its virtual network; the detail has the address",
            "The account admits some addresses or networks only, and that of this machine, as Azure sees it, is not among them.",
        ),
    says(COSMOS, &["18"], Starts("Invalid key"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by Azure Cosmos DB")
        .hint(
            "check `login` and `password` against the cluster's administrator (its page `Connection strings`; the portal can set the password anew); it has no authentication databases, so `authSource` changes nothing",
            "Clusters of Azure Cosmos DB for MongoDB (vCore, now Azure DocumentDB) say so for a wrong password and for an unknown user. The user is the administrator that the cluster was made with, or one that was made since; an account key of Cosmos DB is no password there.",
        ),
    says(FERRETDB, &["18"], Has(&["Unsupported authentication mechanism"]))
        .checked(Before)
        .means(Class::Unsupported, Reason::MethodUnsupported, "FerretDB does not offer the login mechanism that was asked for")
        .at(&["extra.authMechanism"])
        .hint(
            "set extra `authMechanism` to `SCRAM-SHA-256`, or remove it to use the best that the server has",
            "FerretDB refuses a mechanism that it lacks under the code of a wrong password, before it looks at the password (1.24 was seen to). Its version 2 takes passwords by SCRAM-SHA-256 alone.",
        ),
    says(COSMOS, &["16500"], Has(&["Request rate is large"]))
        .means(Class::Busy, Reason::SlowDown, "the Cosmos DB account has no request units left at the moment")
        .hint("try again later, or raise the account's request units", "Cosmos DB counts every request against the throughput that was bought, and refuses what exceeds it."),
];
