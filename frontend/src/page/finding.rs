//! A finding: what is wrong, how sure that is, and how to put it right.

mod accepting;
mod history;
mod judged_by;
mod remedy;

use leptos::prelude::*;
use postern_domain::finding::FindingState;
use postern_domain::verdict::Evidence;
use postern_service::view::{FindingQuery, FindingView, TrendSelection};

use crate::address::{connection_href, findings_href, resource_href, trend_href};
use crate::page::findings::{FindingTable, FindingsOf, heading, kind};
use crate::part::{
    Column, ListTable, Moment, SeverityBadge, StandingBadge, Tone, ToneBadge, counted,
};

use accepting::Accepting;
use history::History;
use judged_by::JudgedBy;
pub use remedy::{Fix, Remedy};

/// The page of a finding.
#[component]
pub fn FindingPage(
    /// What to show.
    view: FindingView,
    /// Whether whoever reads it may ask for exceptions.
    may_ask: bool,
) -> impl IntoView {
    let row = view.row.clone();
    let slug = view.connection.slug.clone();
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let list = connection_href("/findings", Some(&slug), as_of);
    let since = match row.state {
        FindingState::Resolved => "Resolved since ",
        FindingState::Unknown => "Unknown since ",
        FindingState::Open | FindingState::NotRechecked => "Open since ",
    };
    let since_at = match row.state {
        FindingState::Resolved => row.changed_at,
        _ => row.opened_at,
    };
    let owner = row.owner.clone().map(|team| {
        let of_team = findings_href(&FindingQuery {
            connection: Some(slug.clone()),
            owners: vec![Some(team.id)],
            as_of,
            ..FindingQuery::default()
        });
        view! { <span>"Owner "<a href=of_team>{team.name}</a></span> }
    });
    let fix = Fix {
        remediation: view.remediation.clone(),
        policies: view.policies.clone(),
        policy_difference: view.policy_difference.clone(),
        references: view.references.clone(),
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>"Findings"</a></li>
                <li aria-current="page">{row.id.to_string()}</li>
            </ol>
        </nav>
        <h1>
            {heading(&row.summary)}
            <span class="h1-more">
                " "<a href=resource_href(row.resource, as_of)>{row.asset.name.clone()}</a>
            </span>
        </h1>
        <p class="facts">
            <SeverityBadge severity=row.severity />
            <StandingBadge state=row.state effective=row.effective />
            <span>{since}<Moment at=since_at /></span>
            <span>"First seen "<Moment at=row.first_seen_at /></span>
            {owner}
        </p>
        <Accepting row=row.clone() as_of=as_of may_ask=may_ask />
        <p class="summary">
            <span class="id">{row.rule.to_string()}</span>
            {format!(" expects: {}.", row.title.trim_end_matches('.'))}
        </p>
        <div class="prose"><p>{view.rationale.clone()}</p></div>
        <EvidencePanel view=view.clone() />
        <Remedy fix=fix />
        <Elsewhere view=view.clone() />
        <History events=view.events.clone() kept_from=view.events_kept_from />
        <Asset view=view.clone() />
        <JudgedBy view=view />
    }
    .into_any()
}

#[component]
fn EvidencePanel(view: FindingView) -> impl IntoView {
    let unread = view.unread.clone();
    let notes: Vec<_> = view
        .evidence
        .iter()
        .filter(|evidence| evidence.actual.is_none())
        .filter_map(|evidence| evidence.note.as_ref().map(ToString::to_string))
        .collect();
    let not_judged = matches!(view.row.state, FindingState::Unknown | FindingState::NotRechecked);
    let meaning = match view.row.state {
        FindingState::Unknown => "This is neither a pass nor a failure until it can be read:",
        _ => "It failed when it was last judged, so that stands until it can be read again:",
    };
    let card = not_judged.then(|| {
        let reasons: Vec<_> = if unread.is_some() { unread.into_iter().collect() } else { notes };
        let reasons = reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view();
        view! {
            <div class="unknown-card">
                <ToneBadge tone=Tone::Unknown word="Could not be read".to_owned() />
                <p>{meaning}</p>
                <ul>{reasons}</ul>
            </div>
        }
    });
    let table = if view.evidence.is_empty() {
        view! { <p>"No evidence is kept: the asset or the rule is gone."</p> }.into_any()
    } else {
        let rows: Vec<_> =
            view.evidence.iter().map(|evidence| evidence_row(evidence, view.row.state)).collect();
        view! {
            <ListTable
                label="Table of evidence"
                caption="What was observed, and what the rule expects"
                hides_caption=true
                columns=&[
                    Column::Text("Property"),
                    Column::Text("Observed"),
                    Column::Text("Expected"),
                    Column::Text("Note"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    let since = view.evidence_since.map(|at| view! { " · unchanged since "<Moment at=at /> });
    view! {
        <section class="panel" aria-labelledby="evidence-heading">
            <h2 id="evidence-heading">"Evidence"</h2>
            {card}
            {table}
            <p class="source">"Read "<Moment at=view.last_read_at />{since}</p>
        </section>
    }
    .into_any()
}

fn evidence_row(evidence: &Evidence, state: FindingState) -> AnyView {
    let actual = match (&evidence.actual, state) {
        (Some(value), _) => view! { <code>{value.to_string()}</code> }.into_any(),
        (None, FindingState::Unknown | FindingState::NotRechecked) => {
            view! { <span class="hint">"not read"</span> }.into_any()
        }
        // Judged, so it was read: Azure's answer does not have the property.
        (None, _) => view! { <span class="hint">"absent"</span> }.into_any(),
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Property"><code class="id">{evidence.path.to_string()}</code></th>
            <td role="cell" data-label="Observed">{actual}</td>
            <td role="cell" data-label="Expected">{evidence.expected.to_string()}</td>
            <td role="cell" data-label="Note">{evidence.note.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Elsewhere(view: FindingView) -> impl IntoView {
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let same = findings_href(&FindingQuery {
        connection: Some(view.connection.slug.clone()),
        rule: Some(view.row.rule.clone()),
        as_of,
        ..FindingQuery::default()
    });
    let elsewhere = match view.same_rule_open {
        0 => view! { <p>"No other asset fails this rule."</p> }.into_any(),
        number => view! {
            <p><a href=same>{format!("{} the same rule", counted(number, "other asset fails", "other assets fail"))}</a></p>
        }
        .into_any(),
    };
    let of_rule = TrendSelection { rule: Some(view.row.rule.clone()), ..TrendSelection::default() };
    let trend = trend_href(&view.connection.slug, &of_rule, None, as_of);
    let of_asset = findings_href(&FindingQuery {
        connection: Some(view.connection.slug.clone()),
        resource: Some(view.row.resource),
        as_of,
        ..FindingQuery::default()
    });
    let all = view.more_on_same_asset.then(|| {
        let shown = view.on_same_asset.len();
        let link = format!("All open findings of {}", view.row.asset.name);
        view! { <p>{format!("These are the worst {shown}. ")}<a href=of_asset>{link}</a></p> }
    });
    let on_same = if view.on_same_asset.is_empty() {
        view! { <p>"No other open finding on this asset."</p> }.into_any()
    } else {
        view! {
            <FindingTable
                rows=view.on_same_asset
                caption="Other open findings on this asset".to_owned()
                of=FindingsOf::OneAsset
                as_of=as_of
            />
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="elsewhere-heading">
            <h2 id="elsewhere-heading">"Same problem elsewhere, others here"</h2>
            {elsewhere}
            <p><a href=trend>"Trend of this rule"</a></p>
            {on_same}
            {all}
        </section>
    }
    .into_any()
}

#[component]
fn Asset(view: FindingView) -> impl IntoView {
    let asset = view.row.asset.clone();
    let region = asset.location.clone().unwrap_or_else(|| "none".to_owned());
    let group = asset.resource_group.clone().unwrap_or_else(|| "none".to_owned());
    let subscription_name = asset.subscription_name.as_ref().map(|name| format!("{name} · "));
    let page = resource_href(view.row.resource, view.as_of.map(|as_of| as_of.moment));
    view! {
        <section class="panel" aria-labelledby="asset-heading">
            <h2 id="asset-heading">"Asset"</h2>
            <dl class="pairs">
                <div><dt>"Name"</dt><dd><a href=page>{asset.name.clone()}</a></dd></div>
                <div><dt>"Type"</dt><dd>{kind(&asset)}</dd></div>
                <div><dt>"Region"</dt><dd>{region}</dd></div>
                <div>
                    <dt>"Subscription"</dt>
                    <dd>{subscription_name}<code class="id">{asset.subscription.clone()}</code></dd>
                </div>
                <div><dt>"Resource group"</dt><dd>{group}</dd></div>
                <div><dt>"ARM id"</dt><dd><code class="id" data-copy="the ARM id">{asset.arm_id.clone()}</code></dd></div>
                <div><dt>"Read from"</dt><dd>{view.source.clone()}</dd></div>
            </dl>
            <details>
                <summary>"Document as read, as JSON"</summary>
                <p class="source">"SHA-256 "<code class="digest">{view.document_hash.to_string()}</code></p>
                <pre class="code" tabindex="0" role="region" aria-label="Document as JSON">{view.document.clone()}</pre>
            </details>
        </section>
    }
    .into_any()
}
