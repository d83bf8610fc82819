//! What differs between two scans: resources property by property, findings opened and resolved.

use leptos::prelude::*;
use postern_domain::moment;
use postern_service::difference::{
    AssetDifference, AssetDifferenceKind, DifferenceView, FindingDifference, SnapshotPoint,
};
use time::{OffsetDateTime, UtcOffset};

use crate::address::{finding_href, href, resource_href};
use crate::part::{
    Column, ListTable, Moment, PropertyChangeItem, SeverityBadge, Tone, ToneBadge, day_and_time,
};

/// The key of the earlier moment in addresses.
pub const FROM: &str = "from";
/// The key of the later moment.
pub const UNTIL: &str = "until";
/// The key of the last resource of the part before.
pub const AFTER_ASSET: &str = "after_asset";
/// The key of the last finding of the part before.
pub const AFTER_FINDING: &str = "after_finding";

/// The address of a comparison.
pub fn diff_href(connection: &str, from: OffsetDateTime, until: OffsetDateTime) -> String {
    let [from, until] = [from, until].map(moment::text);
    href("/diff", &[("connection", connection), (FROM, &from), (UNTIL, &until)])
}

/// A comparison of two scans.
#[component]
pub fn DiffPage(
    /// What to show.
    view: DifferenceView,
) -> impl IntoView {
    let DifferenceView { connection, from, until, assets, findings, .. } = view;
    let next_assets =
        assets.last().filter(|_| view.has_more_assets).map(|last| last.asset.to_string());
    let next_findings =
        findings.last().filter(|_| view.has_more_findings).map(|last| last.finding.to_string());
    let more = |key: &'static str, last: Option<String>, words: &'static str| {
        let [from, until] = [from.at, until.at].map(moment::text);
        last.map(|last| {
            let pairs =
                [("connection", &*connection), (FROM, &*from), (UNTIL, &*until), (key, &*last)];
            view! { <p><a href=href("/diff", &pairs)>{words}</a></p> }
        })
    };
    let more_assets = more(AFTER_ASSET, next_assets, "More resources");
    let more_findings = more(AFTER_FINDING, next_findings, "More findings");
    let scan = |point: SnapshotPoint| format!("scan {} ({})", point.scan, day_and_time(point.at));
    view! {
        <div class="page-head">
            <div>
                <h1>"What changed"</h1>
                <p class="lead">{format!("From {} to {}", scan(from), scan(until))}</p>
            </div>
            {chooser(&connection, from, until)}
        </div>
        <section class="panel" aria-labelledby="findings-heading">
            <h2 id="findings-heading">"Findings opened and resolved"</h2>
            {findings_view(findings)} {more_findings}
        </section>
        <section class="panel" aria-labelledby="resources-heading">
            <h2 id="resources-heading">"Resources"</h2>
            {assets_view(assets)} {more_assets}
        </section>
    }
    .into_any()
}

/// Two days to compare; a day stands for the last scan on it.
fn chooser(connection: &str, from: SnapshotPoint, until: SnapshotPoint) -> AnyView {
    let day = |point: SnapshotPoint| point.at.to_offset(UtcOffset::UTC).date().to_string();
    view! {
        <form method="get" action="/diff" class="tools">
            <input type="hidden" name="connection" value=connection.to_owned() />
            <label>"From the end of " <input type="date" name=FROM value=day(from) required /></label>
            <label>"to the end of " <input type="date" name=UNTIL value=day(until) required /></label>
            <button class="button" type="submit">"Compare"</button>
        </form>
    }
    .into_any()
}

fn assets_view(assets: Vec<AssetDifference>) -> AnyView {
    if assets.is_empty() {
        return view! { <p class="empty">"No resource differs."</p> }.into_any();
    }
    let items: Vec<_> = assets.into_iter().map(asset_view).collect();
    view! { <ul class="timeline">{items}</ul> }.into_any()
}

fn asset_view(asset: AssetDifference) -> impl IntoView {
    let (tone, word) = match asset.kind {
        AssetDifferenceKind::Appeared => (Tone::Neutral, "Appeared"),
        AssetDifferenceKind::Deleted => (Tone::Neutral, "Deleted"),
        AssetDifferenceKind::OutOfScope => (Tone::Neutral, "Out of scope"),
        AssetDifferenceKind::Changed => (Tone::Neutral, "Changed"),
        AssetDifferenceKind::Unread => (Tone::Unknown, "Not read any more"),
        AssetDifferenceKind::ReadAgain => (Tone::Pass, "Read again"),
    };
    let kind = asset.asset_type.label();
    let place =
        asset.resource_group.map_or_else(|| kind.to_owned(), |group| format!("{kind} · {group}"));
    let changes: Vec<_> = asset
        .changes
        .into_iter()
        .map(|change| view! { <PropertyChangeItem change=change /> })
        .collect();
    let changes = (!changes.is_empty())
        .then(|| view! { <ul class="cause-list" aria-label="Properties">{changes}</ul> });
    view! {
        <li>
            <p class="event">
                <strong class="name"><a href=resource_href(asset.number, None)>{asset.name}</a></strong>
                <span class="below">{place}</span>
                <ToneBadge tone=tone word=word.to_owned() />
            </p>
            {changes}
        </li>
    }
}

fn findings_view(findings: Vec<FindingDifference>) -> AnyView {
    if findings.is_empty() {
        return view! { <p class="empty">"No finding was opened or resolved."</p> }.into_any();
    }
    let rows: Vec<_> = findings.into_iter().map(finding_row).collect();
    view! {
        <ListTable
            label="Table of findings"
            caption="Findings that are open in one scan and not in the other; times in UTC"
            columns=&[
                Column::Text("Finding"),
                Column::Text("Severity"),
                Column::Text("Asset"),
                Column::Text("What happened last"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn finding_row(finding: FindingDifference) -> impl IntoView {
    let tone = if finding.is_open { Tone::Fail } else { Tone::Pass };
    let asset = finding.asset.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Finding">
                <a class="row-link" href=finding_href(finding.finding, None)>
                    {finding.detail.trim_end_matches('.').to_owned()}
                </a>
                <span class="below">
                    <span class="id">{finding.finding.to_string()}</span>
                    " · "
                    <span class="id">{finding.rule.to_string()}</span>
                </span>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=finding.severity /></td>
            <td role="cell" data-label="Asset"><a class="name" href=resource_href(finding.number, None)>{asset}</a></td>
            <td role="cell" data-label="What happened last">
                <ToneBadge tone=tone word=finding.event.label().to_owned() />
                <span class="below"><Moment at=finding.at /></span>
            </td>
        </tr>
    }
}
