//! Coverage and limits: what was asked, what was answered, what was not and why.

use postern_domain::gap::Gap;
use postern_domain::snapshot::{Completeness, Listing};
use serde::Serialize;

use super::words::number;
use crate::model::ReportHead;
use crate::printable::Printed;

/// The coverage section; always there, also at 100 %.
#[derive(Debug, Serialize)]
pub(super) struct CoveragePart {
    checks: Vec<CountLine>,
    listings: Vec<ListingLine>,
    gaps: Vec<GapLine>,
}

/// A count with its meaning.
#[derive(Debug, Serialize)]
struct CountLine {
    label: &'static str,
    count: String,
    meaning: &'static str,
}

/// A list that was asked for.
#[derive(Debug, Serialize)]
struct ListingLine {
    operation: Printed,
    scope: Printed,
    completeness: &'static str,
    items: String,
}

/// Something that could not be read.
#[derive(Debug, Serialize)]
struct GapLine {
    what: Printed,
    scope: Printed,
    reason: Printed,
    mend: Printed,
}

impl CoveragePart {
    pub(super) fn of(head: &ReportHead) -> Self {
        let checks = head.coverage.checks;
        let line =
            |label, count: u32, meaning| CountLine { label, count: number(count.into()), meaning };
        Self {
            checks: vec![
                line("Planned", checks.planned(), "every rule on every resource that it concerns"),
                line("Answered", checks.answered(), "passed or failed"),
                line("Passed", checks.pass, "the property has the secure value"),
                line("Failed", checks.fail, "the property does not have the secure value"),
                line(
                    "Unknown",
                    checks.unknown,
                    "the property could not be read; never counted as passed",
                ),
                line(
                    "Not applicable",
                    checks.not_applicable,
                    "the rule does not concern the resource; not among the planned",
                ),
            ],
            listings: head.coverage.listings.iter().map(listing_line).collect(),
            gaps: head.gaps.iter().map(gap_line).collect(),
        }
    }
}

fn listing_line(listing: &Listing) -> ListingLine {
    ListingLine {
        operation: Printed::breakable(&listing.operation),
        scope: Printed::breakable(&listing.scope),
        completeness: match listing.completeness {
            Completeness::Complete => "Complete",
            Completeness::Partial => "Partial",
            Completeness::Failed => "Failed",
        },
        items: number(listing.items),
    }
}

fn gap_line(gap: &Gap) -> GapLine {
    let scope = match (&gap.asset, gap.assets) {
        (Some(asset), _) => asset.to_string(),
        (None, 0) => gap.scope.clone(),
        (None, assets) => format!("{} ({} assets)", gap.scope, number(assets)),
    };
    let status = gap.reason.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    GapLine {
        what: Printed::breakable(&gap.operation),
        scope: Printed::breakable(&scope),
        reason: Printed::breakable(&format!("{}{status}", gap.reason.message)),
        mend: Printed::breakable(
            &gap.reason
                .action
                .as_ref()
                .map_or_else(|| "none named".to_owned(), |action| format!("grant {action}")),
        ),
    }
}
