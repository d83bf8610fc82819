//! The findings that an exception is about: what was accepted of each, and how it stands.

use leptos::prelude::*;
use postern_domain::exception::accepted::Worsening;
use postern_service::view::{AcceptedView, CoveredView, ExceptionView};
use time::OffsetDateTime;

use crate::address::finding_href;
use crate::page::findings::{heading, kind};
use crate::part::{
    Moment, PropertyChangeItem, SeverityBadge, StandingBadge, Tone, ToneBadge, counted,
};

/// The findings, the worst first.
#[component]
pub fn CoveredFindings(
    /// The exception.
    view: ExceptionView,
) -> impl IntoView {
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let is_granted = view.granted.is_some();
    let rows: Vec<_> =
        view.findings.iter().map(|finding| covered_row(finding, is_granted, as_of)).collect();
    let accepted =
        is_granted.then(|| view! { <th scope="col" role="columnheader">"What was accepted"</th> });
    let more = (view.more_findings > 0).then(|| {
        format!(
            "And {} that this page does not list.",
            counted(view.more_findings, "more finding", "more findings")
        )
    });
    let unseen = (view.unseen_findings > 0).then(|| {
        format!(
            "And {} of other teams, which your roles do not let you see.",
            counted(view.unseen_findings, "finding", "findings")
        )
    });
    let table = if rows.is_empty() {
        view! { <p>"There is no finding of it to list."</p> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Table of its findings">
                <table class="list" role="table">
                    <caption>"Findings as they stand, the worst first"</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">"Finding"</th>
                            <th scope="col" role="columnheader">"Severity"</th>
                            <th scope="col" role="columnheader">"Asset"</th>
                            <th scope="col" role="columnheader">"State"</th>
                            {accepted}
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="covered-heading">
            <h2 id="covered-heading">{if is_granted { "What it covers" } else { "What it would cover" }}</h2>
            {table}
            {more.map(|more| view! { <p class="source">{more}</p> })}
            {unseen.map(|unseen| view! { <p class="source">{unseen}</p> })}
        </section>
    }
    .into_any()
}

fn covered_row(finding: &CoveredView, is_granted: bool, as_of: Option<OffsetDateTime>) -> AnyView {
    let row = &finding.row;
    let accepted = is_granted.then(|| {
        view! { <td role="cell" data-label="What was accepted">{accepted(finding.accepted.as_ref())}</td> }
    });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Finding">
                <a class="row-link" href=finding_href(row.id, as_of)>{heading(&row.summary)}</a>
                <span class="below">
                    <span class="id">{row.id.to_string()}</span>
                    " · "
                    <span class="id">{row.rule.to_string()}</span>
                </span>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=row.severity /></td>
            <td role="cell" data-label="Asset">
                <span class="name">{row.asset.name.clone()}</span>
                <span class="below">{kind(&row.asset)}</span>
            </td>
            <td role="cell" data-label="State"><StandingBadge state=row.state effective=row.effective /></td>
            {accepted}
        </tr>
    }
    .into_any()
}

fn accepted(accepted: Option<&AcceptedView>) -> AnyView {
    let Some(accepted) = accepted else {
        return view! { <span class="hint">"not accepted"</span> }.into_any();
    };
    let void = accepted.void.as_ref().map(|(worsening, at, evaluation)| {
        view! {
            <div>
                <ToneBadge tone=Tone::Warning word="Not covered any more".to_owned() />
                {worsened(worsening)}
                <span class="below">"since "<Moment at=*at />{format!(", evaluation {evaluation}")}</span>
            </div>
        }
    });
    view! {
        <div>
            <span>{format!("{}, as it was approved", accepted.severity.label())}</span>
            <details>
                <summary>"Digest of the verdict"</summary>
                <code class="digest">{format!("sha256:{}", accepted.verdict)}</code>
            </details>
        </div>
        {void}
    }
    .into_any()
}

/// Why a finding is not as it was accepted.
fn worsened(worsening: &Worsening) -> AnyView {
    match worsening {
        Worsening::Severity { from, to } => {
            view! { <p class="event-detail">{format!("It was {from} and became {to}.")}</p> }
                .into_any()
        }
        Worsening::Properties { changes, more } => {
            let items: Vec<_> = changes
                .iter()
                .map(|change| view! { <PropertyChangeItem change=change.clone() /> })
                .collect();
            let more = (*more > 0).then(|| {
                view! { <li>{format!("and {}", counted(u64::from(*more), "more property", "more properties"))}</li> }
            });
            view! { <ul class="cause-list" aria-label="What changed">{items}{more}</ul> }.into_any()
        }
    }
}
