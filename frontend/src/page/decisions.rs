//! The decision log: who decided or configured what, and that nobody changed the log since.

mod verify;

pub use verify::{HEADS, VerifiedPage};

use leptos::prelude::*;
use postern_domain::decision::Entry;
use postern_service::decision::{DecisionFilter, DecisionsView};

use crate::address::{EXPORT_DECISIONS, VERIFY, href};
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, TextArea, count};

/// The address of the page.
pub const DECISIONS: &str = "/decisions";
/// The key of the entry that a page comes before.
pub const BEFORE: &str = "before";
/// The key of who it was, which is the id of the field too.
pub const WHO: &str = "who";
/// The key of what was done, which is the id of the field too.
pub const ACTION: &str = "action";

/// A page of the decision log.
#[component]
pub fn DecisionsPage(
    /// What to show.
    view: DecisionsView,
    /// Which entries it lists.
    filter: DecisionFilter,
    /// Whether it is not the first page.
    is_later: bool,
) -> impl IntoView {
    let head = view.head;
    let lead = match head.number {
        0 => "Nothing was decided or configured yet.".to_owned(),
        1 => "1 entry, which holds the hash of the log's beginning.".to_owned(),
        number => format!(
            "{} entries, each with the hash of the one before.",
            count(u32::try_from(number).unwrap_or(u32::MAX))
        ),
    };
    let changed = (!view.unreadable.is_empty()).then(|| {
        let numbers: Vec<String> = view.unreadable.iter().map(ToString::to_string).collect();
        view! {
            <Notice kind=NoticeKind::Failure>
                <p>{format!("Somebody changed these entries so that they cannot be read: {}.", numbers.join(", "))}</p>
            </Notice>
        }
    });
    let latest = address_of(&filter, None);
    let first = is_later.then(|| view! { <a class="button" href=latest>"Latest entries"</a> });
    let next = view.next.map(|next| {
        let address = address_of(&filter, Some(next));
        view! { <a class="button" rel="next" href=address>"Earlier entries"</a> }
    });
    let rows: Vec<_> = view.entries.into_iter().map(row).collect();
    let is_filtered = filter != DecisionFilter::default();
    let nothing = (rows.is_empty() && is_filtered).then(|| {
        view! { <p class="empty">"No entry matches. " <a href=DECISIONS>"Show all entries"</a></p> }
    });
    let table = (!rows.is_empty()).then(|| {
        view! {
            <ListTable
                label="Table of decisions"
                caption="Decisions and changes of configuration, the youngest first; times in UTC"
                columns=&[
                    Column::Text("Entry"),
                    Column::Text("When"),
                    Column::Text("Who"),
                    Column::Text("What"),
                    Column::Text("Why"),
                    Column::Text("Before and after"),
                ]
            >
                {rows}
            </ListTable>
        }
    });
    view! {
        <div class="page-head">
            <div>
                <h1>"Decision log"</h1>
                <p class="lead">{lead}</p>
            </div>
        </div>
        {changed}
        {filters(&filter)}
        {nothing}
        <section id="results" aria-label="Decisions">{table}</section>
        <nav class="pages" aria-label="Pages">{first} {next}</nav>
        <section class="panel" aria-labelledby="head-heading">
            <h2 id="head-heading">"Where the log ends"</h2>
            <p>"Write this down to find out later whether anything up to here was changed, left out or put in between:"</p>
            <pre class="code" tabindex="0" aria-label="Head of the decision log">{head.to_string()}</pre>
            <form class="request" method="post" action=VERIFY>
                <div class="field">
                    <label for=HEADS>"Heads that you wrote down before (optional)"</label>
                    <p class="hint" id="heads-hint">"One a line. Only a head from before shows that the end of the log was not removed or rewritten."</p>
                    <TextArea id=HEADS text=String::new() rows=2 described_by="heads-hint".to_owned() is_wrong=false />
                </div>
                <div class="form-actions">
                    <button class="button primary" type="submit">"Verify the log"</button>
                    <a href=EXPORT_DECISIONS>"Export the log (JSON lines)"</a>
                </div>
            </form>
            <p>"The same on the command line, where an export can be checked without a database:"</p>
            <pre class="code" tabindex="0" aria-label="Command">{format!("postern audit verify --head {head}")}</pre>
        </section>
    }
    .into_any()
}

/// The address of a page of those that a filter lets through.
fn address_of(filter: &DecisionFilter, before: Option<i64>) -> String {
    let before = before.map(|number| number.to_string());
    let pairs = [(WHO, &filter.who), (ACTION, &filter.action), (BEFORE, &before)];
    let pairs: Vec<_> =
        pairs.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?))).collect();
    href(DECISIONS, &pairs)
}

fn filters(filter: &DecisionFilter) -> AnyView {
    let field = |id: &'static str, label: &'static str, value: Option<String>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input id=id type="search" name=id value=value.unwrap_or_default() />
            </div>
        }
    };
    let clear =
        (*filter != DecisionFilter::default()).then(|| view! { <a href=DECISIONS>"Clear"</a> });
    view! {
        <form class="choose" method="get" action=DECISIONS role="search" aria-label="Entries">
            {field(WHO, "Who, by the whole name", filter.who.clone())}
            {field(ACTION, "What, such as routing.set or exceptions", filter.action.clone())}
            <div class="choose-actions"><button class="button" type="submit">"Show"</button> {clear}</div>
        </form>
    }
    .into_any()
}

fn row(entry: Entry) -> AnyView {
    let address = entry
        .address
        .map(|address| view! { <span class="below">{format!("from {address}")}</span> });
    let person =
        entry.person.map(|person| view! { <span class="below">{person.to_string()}</span> });
    let subject = entry.subject.map(|subject| view! { <span class="below">{subject}</span> });
    let values = [("Before", entry.before), ("After", entry.after)]
        .into_iter()
        .filter_map(|(word, value)| Some((word, value?)))
        .map(|(word, value)| {
            view! { <dt>{word}</dt><dd><pre class="code">{indented(&value)}</pre></dd> }
        })
        .collect_view();
    let summary = format!("Show values of entry {}", entry.number);
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Entry"><span class="id">{entry.number}</span></th>
            <td role="cell" data-label="When"><Moment at=entry.at /></td>
            <td role="cell" data-label="Who">{entry.who} {person} {address}</td>
            <td role="cell" data-label="What"><code>{entry.action.to_string()}</code> {subject}</td>
            <td role="cell" data-label="Why">{entry.reason.unwrap_or_else(|| "not said".to_owned())}</td>
            <td role="cell" data-label="Before and after">
                {if values.is_empty() {
                    "nothing".into_any()
                } else {
                    view! { <details><summary aria-label=summary>"Show"</summary><dl>{values}</dl></details> }.into_any()
                }}
            </td>
        </tr>
    }
    .into_any()
}

/// JSON for people; as it is where it is none.
fn indented(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}
