//! The document as the templates get it: every word and number ready to print.
//!
//! The templates decide where things stand; what is said is decided here, where it can be tested.

mod coverage;
mod findings;
mod summary;
mod words;

use postern_domain::digest::Digest;
use postern_domain::pack::PackOrigin;
use serde::Serialize;
use time::UtcOffset;

use self::coverage::CoveragePart;
use self::findings::{FindingsPart, Register, ResourceLine};
use self::summary::SummaryPart;
use crate::ReportError;
use crate::chart::TrendPart;
use crate::model::ReportModel;
use crate::printable::Printed;
use crate::spreadsheet::csv_digest;

pub(crate) use self::summary::{Said, Tile, said_first, tiles_of};
pub(crate) use self::words::{counted, day, last_moment, moment, number};

/// Everything that the templates print.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    /// The SHA-256 of the CSV of the same model, which the PDF names.
    pub(crate) csv_digest: Digest,
    csv_digest_groups: Printed,
    csv_digest_short: String,
    csv_rows: String,
    title: Printed,
    organisation: Printed,
    connection: Printed,
    as_of: String,
    is_demo: bool,
    /// What the findings had to be, where they are not all.
    filters: Option<Printed>,
    evaluation: String,
    scan: String,
    /// Year, month, day, hour, minute, second in UTC, for the metadata.
    date: [i32; 6],
    summary: SummaryPart,
    trend: TrendPart,
    findings: FindingsPart,
    resources: Vec<ResourceLine>,
    coverage: CoveragePart,
    engine: Printed,
    decisions: String,
    decisions_hash: Printed,
    packs: Vec<PackLine>,
}

/// A pack in the method appendix.
#[derive(Debug, Serialize)]
struct PackLine {
    name: Printed,
    version: Printed,
    digest: Printed,
    origin: Printed,
    problem: Option<Printed>,
}

impl Document {
    /// Prepares the model for printing.
    pub(crate) fn of(model: &ReportModel) -> Result<Self, ReportError> {
        let ReportModel { head, findings } = model;
        let csv_digest = csv_digest(model)?;
        let register = Register::of(findings);
        let as_of = head.as_of.to_offset(UtcOffset::UTC);
        let (hour, minute, second) = as_of.to_hms();
        Ok(Self {
            csv_digest,
            csv_digest_groups: Printed::in_eights(&csv_digest.to_string()),
            csv_digest_short: csv_digest.short(),
            csv_rows: counted(findings.len(), "row", "rows"),
            title: Printed::new(&format!(
                "{}: findings with evidence, as of {}",
                head.organisation,
                moment(head.as_of)
            )),
            organisation: Printed::new(&head.organisation),
            connection: Printed::new(&head.connection),
            as_of: moment(head.as_of),
            is_demo: head.is_demo,
            filters: head.filters_in_words().as_deref().map(Printed::new),
            evaluation: head.evaluation.map_or_else(|| "none".to_owned(), |id| id.to_string()),
            scan: head.scan.map_or_else(|| "none".to_owned(), |id| id.to_string()),
            date: [
                as_of.year(),
                u8::from(as_of.month()).into(),
                as_of.day().into(),
                hour.into(),
                minute.into(),
                second.into(),
            ],
            summary: SummaryPart::of(model),
            trend: TrendPart::of(head),
            findings: FindingsPart::of(model, &register),
            resources: register.lines(),
            coverage: CoveragePart::of(head),
            engine: Printed::breakable(&head.engine),
            decisions: words::decisions(head.decisions),
            decisions_hash: Printed::in_eights(&head.decisions.hash.to_string()),
            packs: head
                .packs
                .iter()
                .map(|pack| PackLine {
                    name: Printed::breakable(&pack.name),
                    version: Printed::breakable(&pack.version),
                    digest: Printed::in_eights(&pack.digest.to_string()),
                    origin: Printed::breakable(&PackOrigin::in_words(pack.origin.as_ref())),
                    problem: pack.problem.as_deref().map(Printed::breakable),
                })
                .collect(),
        })
    }
}
