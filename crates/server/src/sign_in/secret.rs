//! Secrets that nobody guesses.

/// Whether the text can be such a secret: anything else need not be looked up.
pub(crate) fn is_secret(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// 256 random bits as 64 hexadecimal digits.
pub(crate) fn new_secret() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("this system gives no random numbers: {error}"))?;
    Ok(hex::encode(bytes))
}
