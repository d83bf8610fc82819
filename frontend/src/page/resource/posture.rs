//! What rules say of a resource, topic by topic.

use leptos::prelude::*;
use postern_service::view::{FindingQuery, FindingStatus, ResourceView, TopicPosture};

use crate::address::findings_href;
use crate::part::{Column, ListTable, Tone, ToneBadge, count};

/// The posture of a resource.
#[component]
pub fn Posture(
    /// The resource.
    view: ResourceView,
) -> impl IntoView {
    let rows: Vec<_> = view.topics.iter().map(|topic| topic_row(&view, *topic)).collect();
    let judged = |topic: &TopicPosture| {
        topic.pass + topic.fail + topic.excepted + topic.unknown + topic.not_applicable
    };
    let rules: u32 = view.topics.iter().map(judged).sum();
    let table = if rules == 0 {
        let sentence = if view.state.is_there() {
            "No rule judges resources of this type."
        } else {
            "It is gone, so that no rule judges it any more."
        };
        view! { <p>{sentence}</p> }.into_any()
    } else {
        view! {
            <ListTable
                label="What rules say, by topic"
                caption=format!("What {} rules say of it, by topic", count(rules))
                class="posture"
                columns=&[
                    Column::Text("Topic"),
                    Column::Text("Fail"),
                    Column::Text("Excepted"),
                    Column::Text("Unknown"),
                    Column::Text("Pass"),
                    Column::Text("Not applicable"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="posture-heading">
            <h2 id="posture-heading">"Posture"</h2>
            {table}
        </section>
    }
    .into_any()
}

fn topic_row(view: &ResourceView, posture: TopicPosture) -> AnyView {
    let linked = |number: u32, status: FindingStatus, tone: Tone, word: &str| {
        let cell = cell(number, tone, word);
        if number == 0 {
            return cell;
        }
        let to = findings_href(&FindingQuery {
            connection: Some(view.connection.slug.clone()),
            resource: Some(view.number),
            topics: vec![posture.topic],
            status,
            as_of: view.as_of.map(|as_of| as_of.moment),
            ..FindingQuery::default()
        });
        view! { <a href=to>{cell}</a> }.into_any()
    };
    let fail = linked(posture.fail, FindingStatus::Open, Tone::Fail, "fail");
    let excepted = linked(posture.excepted, FindingStatus::Excepted, Tone::Excepted, "excepted");
    let unknown = linked(posture.unknown, FindingStatus::Unknown, Tone::Unknown, "unknown");
    let not_applicable = match posture.not_applicable {
        0 => view! { <span class="hint">"0"</span> }.into_any(),
        number => view! { <span>{format!("{} not applicable", count(number))}</span> }.into_any(),
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Topic">{posture.topic.label()}</th>
            <td role="cell" data-label="Fail">{fail}</td>
            <td role="cell" data-label="Excepted">{excepted}</td>
            <td role="cell" data-label="Unknown">{unknown}</td>
            <td role="cell" data-label="Pass">{cell(posture.pass, Tone::Pass, "pass")}</td>
            <td role="cell" data-label="Not applicable">{not_applicable}</td>
        </tr>
    }
    .into_any()
}

fn cell(number: u32, tone: Tone, word: &str) -> AnyView {
    match number {
        0 => view! { <span class="hint">"0"</span> }.into_any(),
        number => {
            view! { <ToneBadge tone=tone word=format!("{} {word}", count(number)) /> }.into_any()
        }
    }
}
