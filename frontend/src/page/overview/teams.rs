//! Whose the open findings are.

use leptos::prelude::*;
use postern_domain::verdict::Severity;
use postern_service::view::{FindingQuery, FindingStatus, OwnedView, TrendOf, TrendSelection};
use time::OffsetDateTime;

use crate::address::{findings_href, trend_href};
use crate::part::{count, day, signed};

/// The teams with what is open of theirs, each number a link to exactly these findings.
#[component]
pub fn Teams(
    /// The teams, in order, and last what is nobody's.
    teams: Vec<OwnedView>,
    /// The connection's slug.
    connection: String,
    /// The moment in the past that all is as of.
    as_of: Option<OffsetDateTime>,
    /// The moment that changes are since.
    compared: Option<OffsetDateTime>,
) -> impl IntoView {
    let has_change = teams.iter().any(|team| team.more_open.is_some());
    let change = compared.filter(|_| has_change).map(|at| {
        view! { <th scope="col" class="number">{format!("Change since {}", day(at))}</th> }
    });
    let rows: Vec<_> = teams
        .into_iter()
        .map(|team| team_row(team, &connection, as_of, change.is_some()))
        .collect();
    let severities = Severity::ALL
        .iter()
        .map(|severity| view! { <th scope="col" class="number">{severity.label()}</th> })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Table of open findings by owner">
            <table class="teams">
                <caption class="hidden-caption">"Open findings by owner and severity"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Owner"</th>
                        <th scope="col" class="number">"Open"</th>
                        {severities}
                        <th scope="col" class="number">"Unknown"</th>
                        {change}
                        <th scope="col">"Trend"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn team_row(
    team: OwnedView,
    connection: &str,
    as_of: Option<OffsetDateTime>,
    has_change: bool,
) -> AnyView {
    let all = FindingQuery {
        connection: Some(connection.to_owned()),
        owners: vec![team.team.as_ref().map(|team| team.id.clone())],
        as_of,
        ..FindingQuery::default()
    };
    // Nothing to see is no link.
    let number = |number: u32, query: FindingQuery| match number {
        0 => view! { <td class="number">"0"</td> }.into_any(),
        _ => view! { <td class="number"><a href=findings_href(&query)>{count(number)}</a></td> }
            .into_any(),
    };
    let severities = Severity::ALL
        .iter()
        .zip(team.open)
        .map(|(severity, open)| {
            number(open, FindingQuery { severities: vec![*severity], ..all.clone() })
        })
        .collect_view();
    let unknown = FindingQuery { status: FindingStatus::Unknown, ..all.clone() };
    let change = has_change.then(|| {
        let change = team.more_open.map(signed).unwrap_or_default();
        view! { <td class="number">{change}</td> }
    });
    let open = team.all_open();
    let of = TrendOf::Owner(team.team.as_ref().map(|team| team.id.clone()));
    let trend =
        trend_href(connection, &TrendSelection { of, ..TrendSelection::default() }, None, as_of);
    let name = team.team.map_or_else(|| "Nobody".to_owned(), |team| team.name);
    let trend_of = format!("Trend of {name}");
    view! {
        <tr>
            <th scope="row"><a href=findings_href(&all)>{name}</a></th>
            {number(open, all)}
            {severities}
            {number(team.unknown, unknown)}
            {change}
            <td><a href=trend aria-label=trend_of>"Trend"</a></td>
        </tr>
    }
    .into_any()
}
