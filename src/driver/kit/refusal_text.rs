//! Whether the text of an error that has no known code is about the credential. Pure.

/// Words of texts that refuse a credential.
const WORDS: [&str; 8] =
    ["credential", "password", "api key", "api_key", "apikey", "token", "authenti", "unauthorized"];

/// Whether `text`, the answer to a credential, is about the credential. Gateways and proxies also answer with errors of
/// their own, which say nothing about it.
#[must_use]
pub fn speaks_of_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}
