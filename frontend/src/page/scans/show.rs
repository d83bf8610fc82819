//! A scan: what it read, what it could not read, and what would let the next one read more.

use std::collections::BTreeMap;

use leptos::prelude::*;
use postern_domain::arm::AssetType;
use postern_domain::gap::fix::{Fix, Remedy, missing_role};
use postern_domain::id::ScanId;
use postern_domain::snapshot::{Completeness, Listing};
use postern_service::view::{ScanCoverageView, ScanResultView, ScanState, ScanView};

use super::{cancel, facts_sentence, finished_at, is_unfinished, live, scan_href, state_badge};
use crate::address::connection_href;
use crate::page::diff::diff_href;
use crate::part::{Column, GapTable, ListTable, Moment, count, counted, gap_word, length};

/// A scan.
#[component]
pub fn ScanPage(
    /// What to show.
    view: ScanCoverageView,
) -> impl IntoView {
    let ScanCoverageView { connections, scan, fixes, before, after, may_run } = view;
    let slug = connections.selected.slug;
    let list = connection_href("/scans", Some(&slug), None);
    let changes = before.zip(finished_at(&scan)).map(|((_, before), end)| {
        view! { <a class="button" href=diff_href(&slug, before, end)>"What changed"</a> }
    });
    let neighbours = neighbours(before.map(|(scan, _)| scan), after);
    let lead = lead(&scan);
    let state = if is_unfinished(&scan) {
        view! { {live(&scan, &slug)} {cancel(&scan, &slug).filter(|_| may_run)} }.into_any()
    } else {
        state_badge(scan.state, scan.result.as_ref()).into_any()
    };
    let times = times(&scan);
    let failure = scan.failure.clone().map(|failure| view! { <p class="failure">{failure}</p> });
    let coverage = scan.result.map(|result| coverage(result, fixes));
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>"Scans"</a></li>
                <li aria-current="page">{scan.id.to_string()}</li>
            </ol>
        </nav>
        <div class="page-head">
            <div>
                <h1>{format!("Scan {}", scan.id)}</h1>
                <p class="lead">{lead}</p>
            </div>
            <div class="tools">{neighbours} {changes}</div>
        </div>
        <section class="panel" aria-labelledby="scan-heading">
            <h2 id="scan-heading">"The scan"</h2>
            {state}
            {failure}
            {times}
        </section>
        {coverage}
    }
    .into_any()
}

fn neighbours(before: Option<ScanId>, after: Option<ScanId>) -> impl IntoView {
    let link = |scan: ScanId, words: &'static str| {
        view! { <a href=scan_href(scan)>{format!("{words} scan, {scan}")}</a> }
    };
    let links = (before.map(|scan| link(scan, "Earlier")), after.map(|scan| link(scan, "Later")));
    (before.is_some() || after.is_some()).then(|| {
        view! { <nav class="tools" aria-label="Other scans">{links.0} {links.1}</nav> }
    })
}

/// Whether it read everything, in a sentence.
fn lead(scan: &ScanView) -> String {
    let Some(result) = &scan.result else {
        return match scan.state {
            ScanState::Failed => "It read nothing that was kept.".to_owned(),
            _ => "What it could not read is known when it has ended.".to_owned(),
        };
    };
    let read = counted(u64::from(result.assets), "asset", "assets");
    if result.gaps.is_empty() {
        return format!("{read} read; every list and every related fact was answered.");
    }
    let gaps = counted(u64::try_from(result.gaps.len()).unwrap_or_default(), "gap", "gaps");
    format!(
        "{read} read, with {gaps}: what depends on them is unknown, and counts neither as passed nor as failed."
    )
}

fn times(scan: &ScanView) -> AnyView {
    let moment = |at: Option<time::OffsetDateTime>| match at {
        Some(at) => view! { <Moment at=at /> }.into_any(),
        None => "not yet".into_any(),
    };
    let took = scan.started_at.zip(scan.finished_at).map(|(from, until)| length(until - from));
    let attempts = (scan.attempts > 1).then(|| {
        let times = counted(u64::from(scan.attempts - 1), "time", "times");
        view! { <div><dt>"Went on"</dt><dd>{format!("{times}, after its process had ended")}</dd></div> }
    });
    view! {
        <dl class="pairs">
            <div>
                <dt>"Asked for"</dt>
                <dd><Moment at=scan.queued_at />{format!(" by {}", scan.requested_by)}</dd>
            </div>
            <div><dt>"Started"</dt><dd>{moment(scan.started_at)}</dd></div>
            <div><dt>"Ended"</dt><dd>{moment(scan.finished_at)}</dd></div>
            {took.map(|took| view! { <div><dt>"Took"</dt><dd>{took}</dd></div> })}
            {attempts}
        </dl>
    }
    .into_any()
}

fn coverage(result: ScanResultView, fixes: Vec<Fix>) -> AnyView {
    let facts =
        facts_sentence(result.facts).map(|facts| view! { <p>{format!("Of the {facts}.")}</p> });
    let lists = lists(&result.listings);
    let mends = (!fixes.is_empty()).then(|| fixes_view(fixes));
    let gaps = (!result.gaps.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="gaps-heading" id="gaps">
                <h2 id="gaps-heading">"Gaps, one by one"</h2>
                <GapTable gaps=result.gaps />
            </section>
        }
    });
    view! {
        {mends}
        {gaps}
        <section class="panel" aria-labelledby="lists-heading">
            <h2 id="lists-heading">"What was read"</h2>
            {facts}
            {lists}
        </section>
    }
    .into_any()
}

/// What would let the next scan read more, what gives most first.
fn fixes_view(fixes: Vec<Fix>) -> AnyView {
    let role = role(&fixes);
    let rows: Vec<_> = fixes.into_iter().map(fix_row).collect();
    view! {
        <section class="panel" aria-labelledby="fixes-heading" id="fixes">
            <h2 id="fixes-heading">"What would let the next scan read more"</h2>
            <ListTable
                label="Fixes"
                caption="What gives most comes first"
                columns=&[
                    Column::Text("What to do"),
                    Column::Text("Where"),
                    Column::Text("What it would give"),
                ]
            >
                {rows}
            </ListTable>
            {role}
        </section>
    }
    .into_any()
}

fn fix_row(fix: Fix) -> AnyView {
    let what = match fix.remedy {
        Remedy::Grant(action) => view! { "Grant "<code class="id">{action}</code> }.into_any(),
        Remedy::GrantReader => "Grant the role Reader".into_any(),
        Remedy::Import => {
            "Import files that hold it, with --complete if they hold all of it".into_any()
        }
        Remedy::MendPack => "Activate a pack that can judge it".into_any(),
        Remedy::TryAgain(kind) => {
            format!("Nothing: the next scan tries again ({})", gap_word(kind).to_lowercase())
                .into_any()
        }
    };
    let places: Vec<_> =
        fix.scopes.into_iter().map(|scope| view! { <li class="id">{scope}</li> }).collect();
    let lists = (fix.listings > 0).then(|| counted(fix.listings, "whole list", "whole lists"));
    let facts = (fix.facts > 0).then(|| counted(fix.facts, "related fact", "related facts"));
    let gives: Vec<String> = lists.into_iter().chain(facts).collect();
    let types: Vec<&str> = fix.asset_types.iter().map(AssetType::label).collect();
    let of = (!types.is_empty()).then(|| view! { <span class="below">{types.join(", ")}</span> });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="What to do">{what}</th>
            <td role="cell" data-label="Where"><ul class="plain">{places}</ul></td>
            <td role="cell" data-label="What it would give">{gives.join(" and ")} {of}</td>
        </tr>
    }
    .into_any()
}

/// A role with all the actions that are missing, and the commands that make and assign it; `None` where none is.
fn role(fixes: &[Fix]) -> Option<AnyView> {
    let role = match missing_role(fixes)? {
        Ok(role) => role,
        Err(error) => return Some(
            view! { <p class="hint">{format!("No role has all of these actions: {error}.")}</p> }
                .into_any(),
        ),
    };
    let definition = serde_json::to_string_pretty(&role.definition()).unwrap_or_default();
    let name = quoted(role.name);
    let assign = |scope: &String| {
        let scope = quoted(scope);
        format!("az role assignment create --assignee OBJECT_ID --role {name} --scope {scope}")
    };
    let create = "az role definition create --role-definition role.json".to_owned();
    let commands: Vec<String> =
        std::iter::once(create).chain(role.scopes.iter().map(assign)).collect();
    Some(
        view! {
            <details class="template">
                <summary>"A role with these actions, and the commands that assign it"</summary>
                <p class="hint">
                    "Save the role as role.json. OBJECT_ID is the object id of the identity that Postern signs in with. Postern changes nothing in Azure."
                </p>
                <pre class="code" tabindex="0" role="region" aria-label="Role definition">{definition}</pre>
                <pre class="code command" tabindex="0" role="region" aria-label="Azure CLI commands">{commands.join("\n")}</pre>
            </details>
        }
        .into_any(),
    )
}

/// A word of a shell, whatever is in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Lists by the type of what they list.
#[derive(Default)]
struct Lists {
    complete: u64,
    partial: u64,
    failed: u64,
    items: u64,
}

fn lists(listings: &[Listing]) -> AnyView {
    let mut by_type: BTreeMap<(&str, &str), Lists> = BTreeMap::new();
    for listing in listings {
        let label = listing.asset_type.as_ref().map_or("", AssetType::label);
        let lists = by_type.entry((label, &listing.operation)).or_default();
        match listing.completeness {
            Completeness::Complete => lists.complete += 1,
            Completeness::Partial => lists.partial += 1,
            Completeness::Failed => lists.failed += 1,
        }
        lists.items += listing.items;
    }
    if by_type.is_empty() {
        return view! { <p class="empty">"No list was asked for."</p> }.into_any();
    }
    let rows: Vec<_> = by_type
        .into_iter()
        .map(|((label, operation), lists)| {
            let name = if label.is_empty() { operation.to_owned() } else { label.to_owned() };
            let below = (!label.is_empty()).then(|| view! { <span class="below id">{operation.to_owned()}</span> });
            let Lists { complete, partial, failed, items } = lists;
            let all = complete + partial + failed;
            let rest: Vec<String> = [(partial, "in part"), (failed, "not at all")]
                .into_iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, words)| format!("{} {words}", count(number)))
                .collect();
            let answered = format!("{} of {}", count(complete), count(all));
            let rest = (!rest.is_empty()).then(|| view! { <span class="below">{rest.join(", ")}</span> });
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader" data-label="List">{name} {below}</th>
                    <td role="cell" data-label="Answered to the end" class="number">{answered} {rest}</td>
                    <td role="cell" data-label="Entries" class="number">{count(items)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <ListTable
            label="Table of lists"
            caption="Lists asked for, over all subscriptions"
            columns=&[Column::Text("List"), Column::Number("Answered to the end"), Column::Number("Entries")]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_in_a_scope_is_a_command() {
        let check = |word, expected| assert_eq!(quoted(word), expected);
        check("/subscriptions/0000-1", "/subscriptions/0000-1");
        check("a b", "'a b'");
        check("a'; rm -rf ~ #", r"'a'\''; rm -rf ~ #'");
        check("", "''");
    }
}
