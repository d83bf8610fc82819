//! Whose packs are let in, and the folder that they may come from.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct TrustArguments {
    /// A minisign public key that is trusted, or a file that holds one; can be given more than once.
    #[arg(long, value_name = "KEY", env = "POSTERN_TRUSTED_KEYS", value_delimiter = ',')]
    pub trusted_key: Vec<String>,
    /// Let packs in that nobody signed.
    #[arg(long, env = "POSTERN_ALLOW_UNSIGNED_PACKS")]
    pub allow_unsigned: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PackFolderArguments {
    /// Take the rule packs in this directory into use, and new versions as they appear there.
    ///
    /// The process that scans looks there: beside `serve --no-worker` that is `postern worker`.
    /// Each is NAME.wasm, signed by a trusted key in NAME.wasm.minisig.
    /// A version is taken into use once: what `postern rules` activates or deactivates later stays so until the file changes.
    #[arg(long, value_name = "DIR", env = "POSTERN_PACKS")]
    pub packs: Option<PathBuf>,
    #[command(flatten)]
    pub trust: TrustArguments,
}
