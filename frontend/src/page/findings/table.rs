//! Findings as a table; on narrow screens each row is a labelled block.

use leptos::prelude::*;
use postern_service::view::{AssetView, FindingRowView};

use crate::address::finding_href;
use crate::part::{Day, SeverityBadge, StateBadge};

/// Findings as a table.
#[component]
pub fn FindingTable(
    /// The findings, in order.
    rows: Vec<FindingRowView>,
    /// What they are.
    caption: String,
) -> impl IntoView {
    let rows: Vec<_> = rows.into_iter().map(finding_row).collect();
    let label = caption.clone();
    // Styles turn rows into blocks on narrow screens; the roles keep them a table for those who listen.
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class="list findings" role="table">
                <caption>{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Finding"</th>
                        <th scope="col" role="columnheader">"Severity"</th>
                        <th scope="col" role="columnheader">"Asset"</th>
                        <th scope="col" role="columnheader">"Where"</th>
                        <th scope="col" role="columnheader">"State"</th>
                        <th scope="col" role="columnheader">"First seen"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn finding_row(row: FindingRowView) -> AnyView {
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Finding">
                <a class="row-link" href=finding_href(row.id)>{heading(&row.summary)}</a>
                <span class="below">
                    <span class="id">{row.id.to_string()}</span>
                    " · "
                    <span class="id">{row.rule.to_string()}</span>
                    {format!(" expects: {}", row.title)}
                </span>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=row.severity /></td>
            <td role="cell" data-label="Asset">
                <span class="name">{row.asset.name.clone()}</span>
                <span class="below">{kind(&row.asset)}</span>
            </td>
            <td role="cell" data-label="Where">
                <span class="name">{row.asset.resource_group.clone().unwrap_or_else(|| "no resource group".into())}</span>
                <span class="below id">{row.asset.subscription.clone()}</span>
            </td>
            <td role="cell" data-label="State"><StateBadge state=row.state /></td>
            <td role="cell" data-label="First seen"><Day at=row.first_seen_at /></td>
        </tr>
    }
    .into_any()
}

/// What was found, as a heading; the rule's title would say what should be.
pub fn heading(summary: &str) -> String {
    summary.trim_end_matches('.').to_owned()
}

/// The asset's type and, where Azure has one, its kind.
pub fn kind(asset: &AssetView) -> String {
    match &asset.kind {
        Some(kind) => format!("{} · {kind}", asset.asset_type.label()),
        None => asset.asset_type.label().to_owned(),
    }
}
