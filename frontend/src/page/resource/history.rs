//! What changed of a resource, and what differs between any two scans.

use leptos::prelude::*;
use postern_domain::change::PropertyChange;
use postern_domain::moment;
use postern_service::view::{Comparison, ResourceChange, ResourceChangeWhat, ResourceView};
use time::Duration;

use crate::address::{AS_OF, DIFF_FROM, DIFF_UNTIL, RESOURCES, resource_href};
use crate::page::diff::diff_href;
use crate::part::{
    Column, ListTable, Moment, Notice, NoticeKind, PropertyChangeItem, Tone, ToneBadge, counted,
    day_and_time, property_value,
};

/// The history of a resource.
#[component]
pub fn History(
    /// The resource.
    view: ResourceView,
) -> impl IntoView {
    let items: Vec<_> = view.changes.iter().map(|change| change_view(&view, change)).collect();
    let earlier = view.changes.last().filter(|_| view.has_earlier_changes).map(|last| {
        let to = resource_href(view.number, Some(last.at - Duration::SECOND));
        view! { <p><a href=to>{format!("Earlier changes: as of before {}", day_and_time(last.at))}</a></p> }
    });
    let kept = view.changes_kept_from.map(|at| {
        view! { <p class="source">"Of what happened before "<Moment at=at />", only the last was kept."</p> }
    });
    view! {
        <section class="panel" id="changes" aria-labelledby="changes-heading">
            <h2 id="changes-heading">"What changed"</h2>
            {comparison(&view)}
            {chooser(&view)}
            {kept}
            <ol class="timeline">{items}</ol>
            {earlier}
        </section>
    }
    .into_any()
}

fn change_view(view: &ResourceView, change: &ResourceChange) -> AnyView {
    let tone = match change.what {
        ResourceChangeWhat::Unread => Tone::Unknown,
        ResourceChangeWhat::ReadAgain => Tone::Pass,
        _ => Tone::Neutral,
    };
    let word = format!("scan {}", change.scan);
    // What all resources changed with it is for those who see them all.
    let scan = if view.may_see_scans && change.what != ResourceChangeWhat::Appeared {
        let to = diff_href(&view.connection.slug, change.at - Duration::SECOND, change.at);
        view! { <a href=to>{format!("what changed in {word}")}</a> }.into_any()
    } else {
        view! { {word} }.into_any()
    };
    let properties: Vec<_> = change
        .properties
        .iter()
        .cloned()
        .map(|change| view! { <PropertyChangeItem change=change /> })
        .collect();
    let more = (change.more > 0).then(|| {
        view! { <li>{format!("and {}", counted(change.more, "more property", "more properties"))}</li> }
    });
    let properties = (!properties.is_empty())
        .then(|| view! { <ul class="cause-list" aria-label="Properties">{properties}{more}</ul> });
    let reason = change.reason.clone().map(|reason| view! { <p class="event-detail">{reason}</p> });
    view! {
        <li>
            <p class="event">
                <ToneBadge tone=tone word=change.what.label().to_owned() />
                <span class="below"><Moment at=change.at />" · "{scan}</span>
            </p>
            {reason}
            {properties}
        </li>
    }
    .into_any()
}

/// Two of the scans that read it as something else, to compare it after.
fn chooser(view: &ResourceView) -> Option<AnyView> {
    let read: Vec<&ResourceChange> = view
        .changes
        .iter()
        .filter(|change| {
            matches!(change.what, ResourceChangeWhat::Appeared | ResourceChangeWhat::Changed)
        })
        .collect();
    if read.len() < 2 {
        return None;
    }
    let (from, until) = match &view.comparison {
        Some(Comparison::Compared { from, until, .. }) => (Some(from.0), Some(until.0)),
        _ => (read.get(1).map(|change| change.scan), read.first().map(|change| change.scan)),
    };
    let select = |id: &'static str, label: &'static str, chosen: Option<_>| {
        let options: Vec<_> = read
            .iter()
            .map(|change| {
                let word = format!("{} · {}", change.scan, day_and_time(change.at));
                let selected = chosen == Some(change.scan);
                view! { <option value=change.scan.to_string() selected=selected>{word}</option> }
            })
            .collect();
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <select id=id name=id>{options}</select>
            </div>
        }
    };
    let as_of = view.as_of.map(|as_of| {
        view! { <input type="hidden" name=AS_OF value=moment::short(as_of.moment) /> }
    });
    let action = format!("{RESOURCES}/{}#changes", view.number);
    Some(
        view! {
            <form class="choose" method="get" action=action aria-label="Compare it after two scans">
                {as_of}
                {select(DIFF_FROM, "Compare it after scan", from)}
                {select(DIFF_UNTIL, "with it after scan", until)}
                <div class="choose-actions"><button class="button" type="submit">"Compare"</button></div>
            </form>
        }
        .into_any(),
    )
}

fn comparison(view: &ResourceView) -> AnyView {
    match &view.comparison {
        None => ().into_any(),
        Some(Comparison::Missing { scan }) => {
            let sentence = format!(
                "After scan {scan} nothing is known of this resource, so there is nothing to compare."
            );
            view! { <Notice kind=NoticeKind::Information><p>{sentence}</p></Notice> }.into_any()
        }
        Some(Comparison::Compared { from, until, properties, more }) => {
            let (one, other) = (scan_words(*from), scan_words(*until));
            let caption = format!("What differs between scan {one} and scan {other}");
            if properties.is_empty() {
                return view! { <p class="empty">{format!("{caption}: nothing.")}</p> }.into_any();
            }
            let more = (*more > 0).then(|| {
                view! { <p class="hint">{format!("And {} more.", counted(*more, "property", "properties"))}</p> }
            });
            let rows: Vec<_> = properties.iter().cloned().map(property_row).collect();
            let label = caption.clone();
            view! {
                <ListTable
                    label=label
                    caption=caption
                    class="compared"
                    columns=&[Column::Text("Property"), Column::Text("Before"), Column::Text("After")]
                >
                    {rows}
                </ListTable>
                {more}
            }
            .into_any()
        }
    }
}

fn scan_words((scan, at): (postern_domain::id::ScanId, time::OffsetDateTime)) -> String {
    format!("{scan} ({})", day_and_time(at))
}

fn property_row(change: PropertyChange) -> AnyView {
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Property"><code class="id">{change.path}</code></th>
            <td role="cell" data-label="Before"><span aria-hidden="true">"− "</span>{property_value(change.before)}</td>
            <td role="cell" data-label="After"><span aria-hidden="true">"+ "</span>{property_value(change.after)}</td>
        </tr>
    }
    .into_any()
}
