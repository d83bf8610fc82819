//! All findings that match, before an exception is filed for them: how many, and which are left out and why.

use leptos::prelude::*;
use postern_domain::moment;
use postern_domain::verdict::Severity;
use postern_service::finding::MOST_SELECTED;
use postern_service::view::{FindingQuery, FindingsView, SelectionView, SkipReason};

use super::{FindingTable, FindingsOf};
use crate::address::{CHECK_EXCEPTION, FINDING, SELECT, findings_href, list_query};
use crate::page::exceptions::ask::{ACTION, CHANGE};
use crate::part::{Moment, count, counted};

/// The findings listed of those left out: more is too long to read before a form.
const MOST_LISTED: usize = 50;

/// The names of the fields.
pub mod field {
    /// The query string of the list.
    pub const QUERY: &str = "query";
    /// When it was seen.
    pub const SEEN: &str = "seen";
    /// The evaluation that it was of.
    pub const EVALUATION: &str = "evaluation";
}

/// The form that chooses all that match, and its id: its button stands in another form.
const FORM: &str = "all-that-match";

/// Whether more match than the page holds.
fn is_more(view: &FindingsView) -> bool {
    view.offset > 0 || view.next.is_some()
}

/// The form that chooses all that match, where there are more than the page holds: the list as it was seen goes along.
pub fn all_form(view: &FindingsView) -> Option<AnyView> {
    let seen = view.seen.filter(|_| is_more(view))?;
    let query = FindingQuery {
        connection: Some(view.connections.selected.slug.clone()),
        after: None,
        ..view.query.clone()
    };
    Some(
        view! {
            <form id=FORM method="post" action=SELECT>
                <input type="hidden" name=field::QUERY value=list_query(&query) />
                <input type="hidden" name=field::SEEN value=moment::text(seen.at) />
                <input type="hidden" name=field::EVALUATION value=seen.evaluation.to_string() />
            </form>
        }
        .into_any(),
    )
}

/// The button of that form, or why there is none.
pub fn all_button(view: &FindingsView) -> Option<AnyView> {
    view.seen.filter(|_| is_more(view))?;
    let most = u64::try_from(MOST_SELECTED).unwrap_or(u64::MAX);
    if view.total > most {
        let words = format!(
            "One exception covers at most {} findings: filter the list to choose all that match.",
            count(most)
        );
        return Some(view! { <p class="hint">{words}</p> }.into_any());
    }
    let words = format!("Select all {} that match", counted(view.total, "finding", "findings"));
    Some(view! { <button class="button" type="submit" form=FORM>{words}</button> }.into_any())
}

/// All findings that matched, to go on with.
#[component]
pub fn SelectionPage(
    /// What matched.
    view: SelectionView,
) -> impl IntoView {
    let chosen = u64::try_from(view.findings.len()).unwrap_or_default();
    let back = findings_href(&view.query);
    let matched = counted(view.matched, "finding", "findings");
    let title = format!("File an exception for {}?", counted(chosen, "finding", "findings"));
    let go_on = (chosen > 0).then(|| {
        let findings: Vec<_> = view
            .findings
            .iter()
            .map(|row| view! { <input type="hidden" name=FINDING value=row.id.to_string() /> })
            .collect();
        view! {
            <form class="in-line" method="post" action=CHECK_EXCEPTION>
                {findings}
                <button class="button primary" type="submit" name=ACTION value=CHANGE>
                    {format!("Go on with {}", counted(chosen, "finding", "findings"))}
                </button>
                <a href=back.clone()>"Back to the list"</a>
            </form>
        }
    });
    let none = (chosen == 0).then(|| {
        view! {
            <div class="empty">
                <p>"None of them can be asked for now."</p>
                <p><a href=back.clone()>"Back to the list"</a></p>
            </div>
        }
    });
    view! {
        <nav aria-label="Breadcrumb" class="crumbs">
            <ol>
                <li><a href=back.clone()>"Findings"</a></li>
                <li aria-current="page">"All that match"</li>
            </ol>
        </nav>
        <h1>{title}</h1>
        <p class="lead">
            {format!("{matched} matched in {} on ", view.connection.name)}
            <Moment at=view.seen.at />
            {format!(", as scan {} left them. What was found later is not among them.", view.scan)}
        </p>
        {(chosen > 0).then(|| by_severity(&view))}
        {go_on}
        {none}
        {left_out(&view)}
    }
    .into_any()
}

/// How many of each severity an exception would be for.
fn by_severity(view: &SelectionView) -> AnyView {
    let words: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| (severity, view.findings.iter().filter(|row| row.severity == *severity)))
        .map(|(severity, rows)| (severity, u64::try_from(rows.count()).unwrap_or_default()))
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| format!("{} {}", count(number), severity.label().to_lowercase()))
        .collect();
    let skipped = u64::try_from(view.skipped.len()).unwrap_or_default();
    let left_out = match skipped {
        0 => String::new(),
        number => format!(" {} left out.", counted(number, "finding is", "findings are")),
    };
    view! {
        <p>
            {format!("They are {}.{left_out} ", words.join(", "))}
            "The next page asks for the reason and until when; nothing is sent before that."
        </p>
    }
    .into_any()
}

/// Which are left out, by reason.
fn left_out(view: &SelectionView) -> Option<AnyView> {
    let mut reasons: Vec<SkipReason> = view.skipped.iter().map(|(reason, _)| *reason).collect();
    reasons.dedup();
    let parts: Vec<_> = reasons
        .into_iter()
        .map(|reason| {
            let of_it = view.skipped.iter().filter(|(of, _)| *of == reason).map(|(_, row)| row);
            let all: Vec<_> = of_it.cloned().collect();
            let number = u64::try_from(all.len()).unwrap_or_default();
            let more = all.len().checked_sub(MOST_LISTED).filter(|more| *more > 0).map(|more| {
                let more = counted(u64::try_from(more).unwrap_or_default(), "more", "more");
                view! { <p class="source">{format!("And {more} that this page does not list.")}</p> }
            });
            let rows: Vec<_> = all.into_iter().take(MOST_LISTED).collect();
            let caption = format!("{}: {}", reason.label(), counted(number, "finding", "findings"));
            view! {
                <FindingTable rows=rows caption=caption of=FindingsOf::AnyAsset as_of=None />
                {more}
            }
        })
        .collect();
    (!parts.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="left-out">
                <h2 id="left-out">"Left out"</h2>
                {parts}
            </section>
        }
        .into_any()
    })
}
