//! Resources as a table; on narrow screens each row is a labelled block.

use leptos::prelude::*;
use postern_domain::exposure::Exposure;
use postern_service::view::ResourceRowView;
use time::OffsetDateTime;

use crate::address::resource_href;
use crate::page::findings::kind;
use crate::part::{Day, SeverityBadge, Tone, ToneBadge, count};

/// Resources as a table.
#[component]
pub fn ResourceTable(
    /// The resources, in order.
    rows: Vec<ResourceRowView>,
    /// What they are.
    caption: String,
    /// Whether it is told whose they are.
    has_owners: bool,
    /// The moment in the past that they are as of.
    as_of: Option<OffsetDateTime>,
) -> impl IntoView {
    let rows: Vec<_> = rows.into_iter().map(|row| resource_row(row, has_owners, as_of)).collect();
    let label = caption.clone();
    let owners = has_owners.then(|| view! { <th scope="col" role="columnheader">"Owner"</th> });
    // Styles turn rows into blocks on narrow screens; the roles keep them a table for those who listen.
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class="list resources" role="table">
                <caption>{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Resource"</th>
                        <th scope="col" role="columnheader">"Where"</th>
                        {owners}
                        <th scope="col" role="columnheader">"Findings"</th>
                        <th scope="col" role="columnheader">"Public network"</th>
                        <th scope="col" role="columnheader">"Key sign-in"</th>
                        <th scope="col" role="columnheader">"Last read"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn resource_row(row: ResourceRowView, has_owners: bool, as_of: Option<OffsetDateTime>) -> AnyView {
    let owner = has_owners.then(|| {
        let name = match &row.owner {
            Some(team) => view! { <span class="name">{team.name.clone()}</span> }.into_any(),
            None => view! { <span class="hint">"no owner"</span> }.into_any(),
        };
        view! { <td role="cell" data-label="Owner">{name}</td> }
    });
    let group = row.asset.resource_group.clone().unwrap_or_else(|| "no resource group".into());
    let region = row.asset.location.clone().unwrap_or_else(|| "no region".into());
    let subscription = match &row.asset.subscription_name {
        Some(name) => view! { <span class="name">{name.clone()}</span> }.into_any(),
        None => view! { <span class="id">{row.asset.subscription.clone()}</span> }.into_any(),
    };
    let name = resource_name(&row);
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Resource">
                <a class="row-link name" href=resource_href(row.number, as_of)>{name}</a>
                <span class="below">{kind(&row.asset)}</span>
            </th>
            <td role="cell" data-label="Where">
                <span class="name">{group}</span>
                <span class="below">{subscription}" · "{region}</span>
            </td>
            {owner}
            <td role="cell" data-label="Findings">{findings(&row)}</td>
            <td role="cell" data-label="Public network">{exposure(row.public_network)}</td>
            <td role="cell" data-label="Key sign-in">{exposure(row.key_sign_in)}</td>
            <td role="cell" data-label="Last read">{last_read(&row)}</td>
        </tr>
    }
    .into_any()
}

/// A subscription's own name is its id, which nobody knows it by.
fn resource_name(row: &ResourceRowView) -> String {
    let asset = &row.asset;
    match &asset.subscription_name {
        Some(name) if asset.name.eq_ignore_ascii_case(&asset.subscription) => name.clone(),
        _ => asset.name.clone(),
    }
}

fn findings(row: &ResourceRowView) -> AnyView {
    let worst = row.worst.map(|severity| view! { <SeverityBadge severity=severity /> });
    let open = match row.open {
        0 => "none open".to_owned(),
        number => format!("{} open", count(number)),
    };
    let others: Vec<String> = [(row.excepted, "excepted"), (row.unknown, "unknown")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number)))
        .collect();
    let others = (!others.is_empty()).then(|| others.join(" · "));
    view! { {worst}<span class="below">{open}</span><span class="below">{others}</span> }.into_any()
}

/// Whether a way in is open, in a word.
pub fn exposure(found: Exposure) -> AnyView {
    let (tone, word) = match found {
        Exposure::Open => (Tone::Warning, "Yes"),
        Exposure::Closed => (Tone::Pass, "No"),
        Exposure::Unknown => (Tone::Unknown, "Unknown"),
        Exposure::NotApplicable => {
            return view! { <span class="hint">"not applicable"</span> }.into_any();
        }
    };
    view! { <ToneBadge tone=tone word=word.to_owned() /> }.into_any()
}

fn last_read(row: &ResourceRowView) -> AnyView {
    let Some(reason) = &row.unread else {
        return view! { <Day at=row.last_read_at /> }.into_any();
    };
    view! {
        <ToneBadge tone=Tone::Unknown word="Not read".to_owned() />
        <span class="below">{reason.message.clone()}</span>
        <span class="below">"last on "<Day at=row.last_read_at /></span>
    }
    .into_any()
}
