//! `postern audit`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use postern_domain::decision::{Head, HeadFound, Verification, Verifier};
use postern_domain::moment;
use postern_service::decision::{decision_head, export_decisions, verify_decisions};

use crate::cli::{
    AuditArguments, AuditCommand, ExportLogArguments, HeadArguments, VerifyArguments,
};
use crate::{Environment, Outcome, database, output};

/// A line is an entry, and none of ours comes near; a file that is none of ours may have no lines at all.
const LONGEST_LINE: u64 = 64 << 20;

pub(super) async fn run(
    arguments: AuditArguments,
    environment: &Environment,
) -> anyhow::Result<Outcome> {
    match arguments.command {
        AuditCommand::Verify(arguments) => verify(arguments, environment).await,
        AuditCommand::Head(arguments) => head(arguments, environment).await,
        AuditCommand::Export(arguments) => export(arguments, environment).await,
    }
}

async fn verify(arguments: VerifyArguments, environment: &Environment) -> anyhow::Result<Outcome> {
    let verification = if let Some(file) = &arguments.file {
        verify_file(file, arguments.heads)?
    } else {
        let database = database::open(&arguments.database, &environment.clock).await?;
        let verification = verify_decisions(&database.postern, arguments.heads).await;
        database.close().await?;
        verification?
    };
    output::print(&in_words(&verification))?;
    Ok(if verification.is_intact() { Outcome::Done } else { Outcome::Found })
}

/// Line by line, as bytes: what was changed need not be text any more.
pub(super) fn verify_file(file: &Path, heads: Vec<Head>) -> anyhow::Result<Verification> {
    let cannot = || format!("{} cannot be read", file.display());
    let mut lines = BufReader::new(File::open(file).with_context(cannot)?);
    let mut verifier = Verifier::expecting(heads);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = std::io::Read::take(&mut lines, LONGEST_LINE);
        if limited.read_until(b'\n', &mut line).with_context(cannot)? == 0 {
            return Ok(verifier.finish());
        }
        verifier.check_line(line.strip_suffix(b"\n").unwrap_or(&line));
    }
}

fn in_words(verification: &Verification) -> String {
    let mut lines = vec![match (verification.count, verification.first_at, verification.last_at) {
        (count, Some(first), Some(last)) => format!(
            "{count} {}, from {} to {}.",
            if count == 1 { "entry" } else { "entries" },
            moment::text(first),
            moment::text(last)
        ),
        (count, ..) => format!("{count} entries."),
    }];
    lines.extend(verification.faults.iter().map(|fault| fault.kind.to_string()));
    let more = verification.fault_count.saturating_sub(verification.faults.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.extend(verification.heads.iter().map(|check| {
        let found = match check.found {
            HeadFound::Last => "is where the log ends",
            HeadFound::Within => "is in the log, which went on since",
            HeadFound::Otherwise => {
                "is NOT in the log: the entry of that number has another hash, so that it or one before it was rewritten"
            }
            HeadFound::Nowhere => "is NOT in the log: it ends before, so that its end was removed",
        };
        format!("The head {} {found}.", check.head)
    }));
    if verification.is_intact() {
        lines.push("Nothing was changed, left out or put in between.".to_owned());
        if verification.heads.is_empty() {
            lines.push(
                "Whether the end was removed or rewritten shows only a head that was written down before (--head)."
                    .to_owned(),
            );
        }
    }
    lines.extend(verification.head.map(|head| format!("Head: {head}")));
    lines.join("\n") + "\n"
}

async fn head(arguments: HeadArguments, environment: &Environment) -> anyhow::Result<Outcome> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let head = decision_head(&database.postern).await;
    database.close().await?;
    output::print(&format!("{}\n", head?))?;
    Ok(Outcome::Done)
}

async fn export(
    arguments: ExportLogArguments,
    environment: &Environment,
) -> anyhow::Result<Outcome> {
    let path = &arguments.out;
    // All that can be refused is refused before the database is opened.
    let file = File::create_new(path)
        .with_context(|| format!("{} cannot be made: it may be there already", path.display()))?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let mut out = BufWriter::new(file);
    let exported = export_decisions(&database.postern, &mut out).await;
    database.close().await?;
    let head = exported?;
    out.flush().with_context(|| format!("{} could not be written", path.display()))?;
    output::print(&format!("{} entries in {}.\nHead: {head}\n", head.number, path.display()))?;
    Ok(Outcome::Done)
}
