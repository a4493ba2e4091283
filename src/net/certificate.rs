//! What a certificate says, as facts.
