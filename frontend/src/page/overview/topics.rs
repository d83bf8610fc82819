//! Checks by topic: a bar of pass, fail and unknown, with its numbers.

use leptos::prelude::*;
use postern_domain::trend::CheckCounts;
use postern_service::view::{FindingQuery, TopicView};
use time::OffsetDateTime;

use crate::address::findings_href;
use crate::part::count;

/// The topics with their bars.
#[component]
pub fn Topics(
    /// The topics, in their order.
    topics: Vec<TopicView>,
    /// The connection's slug.
    connection: String,
    /// The moment in the past that all is as of.
    as_of: Option<OffsetDateTime>,
) -> impl IntoView {
    let rows: Vec<_> =
        topics.into_iter().map(|topic| topic_row(topic, &connection, as_of)).collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Table of checks by topic">
            <table class="topics">
                <caption class="hidden-caption">"Checks by topic: passed, failed and without an answer"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Topic"</th>
                        <th scope="col" class="bar-cell">"Share"</th>
                        <th scope="col" class="number">"Pass"</th>
                        <th scope="col" class="number">"Fail"</th>
                        <th scope="col" class="number">"Unknown"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn topic_row(topic: TopicView, connection: &str, as_of: Option<OffsetDateTime>) -> AnyView {
    let to = findings_href(&FindingQuery {
        connection: Some(connection.to_owned()),
        topics: vec![topic.topic],
        as_of,
        ..FindingQuery::default()
    });
    let checks = topic.checks;
    view! {
        <tr>
            <th scope="row"><a href=to>{topic.topic.label()}</a></th>
            <td class="bar-cell">{bar(checks)}</td>
            <td class="number">{count(checks.pass)}</td>
            <td class="number">{count(checks.fail)}</td>
            <td class="number">{count(checks.unknown)}</td>
        </tr>
    }
    .into_any()
}

fn bar(checks: CheckCounts) -> AnyView {
    let planned = checks.planned();
    if planned == 0 {
        return view! { <span class="hint">"no check applies"</span> }.into_any();
    }
    // Of a thousand units; whole numbers keep the pages small.
    let share = |part: u32| u64::from(part) * 1_000 / u64::from(planned);
    let (pass, fail) = (share(checks.pass), share(checks.fail));
    let parts = [
        ("pass", 0, pass, checks.pass),
        ("fail", pass, fail, checks.fail),
        ("unknown", pass + fail, 1_000 - pass - fail, checks.unknown),
    ]
    .into_iter()
    .filter(|(.., number)| *number > 0)
    .map(|(name, x, width, _)| {
        view! { <rect data-verdict=name x=x.to_string() y="0" width=width.to_string() height="18"></rect> }
    })
    .collect_view();
    let words = format!(
        "{} pass, {} fail, {} unknown",
        count(checks.pass),
        count(checks.fail),
        count(checks.unknown)
    );
    view! {
        <svg class="bar" viewBox="0 0 1000 18" preserveAspectRatio="none" role="img" aria-label=words>
            {parts}
        </svg>
    }
    .into_any()
}
