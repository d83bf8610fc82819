//! Secrets that nobody guesses.

/// 256 random bits as 64 hexadecimal digits.
pub(crate) fn new_secret() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("this system gives no random numbers: {error}"))?;
    Ok(hex::encode(bytes))
}
