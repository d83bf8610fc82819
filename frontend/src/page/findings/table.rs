//! Findings as a table; on narrow screens each row is a labelled block.

use leptos::prelude::*;
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::FindingState;
use postern_service::view::{AssetView, FindingRowView};
use time::OffsetDateTime;

use crate::address::{FINDING, finding_href, resource_href};
use crate::part::{Day, SeverityBadge, StandingBadge};

/// Which assets a table of findings is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingsOf {
    /// Any, so that each row names its own.
    AnyAsset,
    /// Any, and whose each is.
    AnyAssetWithOwner,
    /// One, which the page names.
    OneAsset,
}

/// What the rows of a table are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowsFor {
    /// They are read.
    #[default]
    Reading,
    /// Each that nobody asked to accept has a checkbox, for the form around the table.
    Selecting,
    /// The same, and each is ticked.
    Ticked,
}

/// Findings as a table.
#[component]
pub fn FindingTable(
    /// The findings, in order.
    rows: Vec<FindingRowView>,
    /// What they are.
    caption: String,
    /// Which assets they are about.
    of: FindingsOf,
    /// The moment in the past that they are as of.
    as_of: Option<OffsetDateTime>,
    /// What the rows are for.
    #[prop(optional)]
    rows_for: RowsFor,
) -> impl IntoView {
    let rows: Vec<_> = rows.into_iter().map(|row| finding_row(row, of, as_of, rows_for)).collect();
    let label = caption.clone();
    let kind = match of {
        FindingsOf::AnyAsset => "list findings",
        FindingsOf::AnyAssetWithOwner => "list findings owned",
        FindingsOf::OneAsset => "list",
    };
    let asset_names = (of != FindingsOf::OneAsset).then(|| {
        view! { <th scope="col" role="columnheader">"Asset"</th> }
    });
    let owners = (of == FindingsOf::AnyAssetWithOwner)
        .then(|| view! { <th scope="col" role="columnheader">"Owner"</th> });
    // Styles turn rows into blocks on narrow screens; the roles keep them a table for those who listen.
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class=kind role="table">
                <caption>{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Finding"</th>
                        <th scope="col" role="columnheader">"Severity"</th>
                        {asset_names}
                        {owners}
                        <th scope="col" role="columnheader">"State, first seen"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn finding_row(
    row: FindingRowView,
    of: FindingsOf,
    as_of: Option<OffsetDateTime>,
    rows_for: RowsFor,
) -> AnyView {
    // A failure's summary says what is wrong; that of another state does not say what the rule wants.
    let expects = matches!(row.state, FindingState::Unknown | FindingState::Resolved)
        .then(|| format!(" expects: {}", row.title));
    let owner = (of == FindingsOf::AnyAssetWithOwner).then(|| {
        let name = match &row.owner {
            Some(team) => view! { <span class="name">{team.name.clone()}</span> }.into_any(),
            None => view! { <span class="hint">"nobody"</span> }.into_any(),
        };
        view! { <td role="cell" data-label="Owner">{name}</td> }
    });
    let asset = (of != FindingsOf::OneAsset).then(|| {
        view! {
            <td role="cell" data-label="Asset">
                <a class="name" href=resource_href(row.resource, as_of)>{row.asset.name.clone()}</a>
                <span class="below">{kind(&row.asset)}</span>
                <span class="below name">{place(&row.asset)}</span>
            </td>
        }
    });
    let name = view! {
        <a class="row-link" href=finding_href(row.id, as_of)>{heading(&row.summary)}</a>
        <span class="below">
            <span class="id">{row.id.to_string()}</span>
            " · "
            <span class="id">{row.rule.to_string()}</span>
            {expects}
        </span>
    };
    let name = match rows_for {
        RowsFor::Reading => name.into_any(),
        RowsFor::Selecting | RowsFor::Ticked => {
            let pick = pick(&row, rows_for == RowsFor::Ticked);
            view! { <div class="pick">{pick}<div>{name}</div></div> }.into_any()
        }
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Finding">{name}</th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=row.severity /></td>
            {asset}
            {owner}
            <td role="cell" data-label="State, first seen">
                <StandingBadge state=row.state effective=row.effective />
                <span class="below"><Day at=row.first_seen_at /></span>
            </td>
        </tr>
    }
    .into_any()
}

/// A checkbox, where nobody asked to accept the finding.
fn pick(row: &FindingRowView, is_ticked: bool) -> AnyView {
    let id = row.id.to_string();
    if !matches!(row.effective, EffectiveStatus::Open | EffectiveStatus::NotRechecked) {
        return view! { <span class="pick-box"></span> }.into_any();
    }
    view! {
        <label class="pick-box">
            <input type="checkbox" name=FINDING value=id.clone() checked=is_ticked />
            <span class="unseen">{format!("Select {id}")}</span>
        </label>
    }
    .into_any()
}

/// The resource group, where it is in one, and the subscription by its name, else by its id.
fn place(asset: &AssetView) -> String {
    let subscription = asset.subscription_name.as_ref().unwrap_or(&asset.subscription);
    match &asset.resource_group {
        Some(group) => format!("{group} · {subscription}"),
        None => subscription.clone(),
    }
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
