//! What could not be read, why, and the permission that would mend it.

use leptos::prelude::*;
use postern_domain::arm::AssetType;
use postern_domain::gap::fix::{self, Remedy};
use postern_domain::gap::{Gap, GapKind};

use super::{Column, ListTable, counted};

/// Gaps as a table.
#[component]
pub fn GapTable(
    /// The gaps.
    gaps: Vec<Gap>,
) -> impl IntoView {
    let rows: Vec<_> = gaps.into_iter().map(gap_row).collect();
    view! {
        <ListTable
            label="What could not be read"
            caption="What could not be read, why, and what would mend it"
            hides_caption=true
            columns=&[
                Column::Text("What"),
                Column::Text("Where"),
                Column::Text("Why"),
                Column::Text("What would mend it"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn what(gap: &Gap) -> String {
    match (&gap.asset, &gap.asset_type) {
        (None, Some(asset_type)) => format!("list of {}", asset_type.label()),
        _ => gap.operation.clone(),
    }
}

fn place(gap: &Gap) -> String {
    match (&gap.asset, gap.assets) {
        (Some(asset), _) => asset.to_string(),
        (None, 0) => gap.scope.clone(),
        (None, assets) => format!("{}: {}", gap.scope, counted(assets, "asset", "assets")),
    }
}

fn why(gap: &Gap) -> String {
    let status = gap.reason.status.map(|status| format!(" ({status})"));
    format!("{}{}", gap_word(gap.reason.kind), status.unwrap_or_default())
}

fn gap_row(gap: Gap) -> AnyView {
    let (what, place, why) = (what(&gap), place(&gap), why(&gap));
    let operation = (what != gap.operation).then(|| gap.operation.clone());
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="What">
                {what}
                <span class="below">{operation}</span>
            </th>
            <td role="cell" data-label="Where"><span class="id">{place}</span></td>
            <td role="cell" data-label="Why">{why}<span class="below">{gap.reason.message.clone()}</span></td>
            <td role="cell" data-label="What would mend it">{remedy(&gap)}</td>
        </tr>
    }
    .into_any()
}

/// What became of reading, in a word.
pub fn gap_word(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Forbidden => "Refused",
        GapKind::NotFound => "Not found",
        GapKind::Throttled => "Throttled",
        GapKind::ServerError => "Azure failed",
        GapKind::Unreachable => "Not reachable",
        GapKind::TimedOut => "No answer in time",
        GapKind::Malformed => "Answer not understood",
        GapKind::Truncated => "Cut short",
        GapKind::NotInImport => "Not in the files",
        GapKind::PackProblem => "Pack problem",
    }
}

fn remedy(gap: &Gap) -> AnyView {
    let what = gap.asset_type.as_ref().map_or("the rest", AssetType::label);
    match fix::remedy(gap) {
        Remedy::Grant(action) => view! {
            "Grant "<code class="id">{action}</code>{format!(" on {}", gap.scope)}
        }
        .into_any(),
        Remedy::GrantReader => format!("Grant Reader on {}", gap.scope).into_any(),
        Remedy::Import => {
            format!("Import files that hold {what}, with --complete if they hold all of it")
                .into_any()
        }
        Remedy::MendPack => "A pack that can judge it".into_any(),
        Remedy::TryAgain(_) => "The next scan tries again".into_any(),
    }
}
