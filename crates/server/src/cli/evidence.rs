//! The arguments of `postern evidence`, `postern verify` and `postern signing-key`.

use std::path::PathBuf;

use clap::Args;
use postern_service::report::ReportFormat;

use super::DatabaseArguments;
use super::work::{ReportFormatParser, ReportOf};

#[derive(Args, Debug)]
#[command(after_help = "\
The set is of one moment: each file tells of it, and manifest.json says what each file was, by SHA-256, what was known of
the decision log, and whose key says so. The same moment gives the same bytes, to the signature.
Give the public key to whoever shall check the set, on another way than the set itself.

Examples:
  postern signing-key --out signing.key
  postern evidence --out q2 --signing-key signing.key --as-of 2026-06-30
  postern verify q2 --key signing.key.pub")]
pub(crate) struct EvidenceArguments {
    /// The folder to write; it must not be there yet.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// The file of the key that signs.
    #[arg(long, value_name = "FILE")]
    pub signing_key: PathBuf,
    /// A format; may be given again [default: all of them]. The CSV is always there.
    #[arg(long = "format", value_name = "FORMAT", value_parser = ReportFormatParser)]
    pub formats: Vec<ReportFormat>,
    #[command(flatten)]
    pub of: ReportOf,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The file holds the secret: keep it as you keep a password. FILE.pub is what others check with.")]
pub(crate) struct SigningKeyArguments {
    /// The file to write, readable by you alone; it must not be there yet. The public key goes beside it, as FILE.pub.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Needs no database and no network. Each line says what is proven, what is not, and what is wrong.

Examples:
  postern verify q2 --key signing.key.pub
  postern verify q2 --key signing.key.pub --log decisions.jsonl    and whether the decision log still holds what it held

Exit codes: 0 where all of it is proven, 3 where something is wrong or not proven.")]
pub(crate) struct VerifyEvidenceArguments {
    /// The folder of the set, or its files, manifest.json among them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A public key of the organisation: its text, or the file that holds it; may be given again.
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// An export of the decision log (`postern audit export`), to look for where it ended when the set was made.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}
