//! What a request covers: findings to choose from, or those that a rule and a scope hold now.

use leptos::prelude::*;
use postern_domain::exception::request::Covers;
use postern_domain::id::FindingId;
use postern_service::view::{FindingRowView, RequestPreview};

use super::reading::COVERED;
use super::{Asking, Subject};
use crate::address::{FINDING, NEW_EXCEPTION, ask_standing_href, finding_href};
use crate::page::findings::{heading, kind};
use crate::part::{Column, FieldMistake, ListTable, SeverityBadge, StandingBadge, counted};

/// The findings that a form shows.
pub(super) fn shown(preview: &RequestPreview) -> Vec<FindingId> {
    preview.findings.iter().map(|row| row.id).collect()
}

/// The first part of the form: what it covers.
#[component]
pub fn CoveredFields(
    /// What the request is for.
    subject: Subject,
    /// The findings.
    preview: RequestPreview,
    /// What is wrong with the choice.
    mistake: FieldMistake,
) -> impl IntoView {
    let hint = match &subject {
        Subject::Findings { .. } => "Findings that are not ticked are left out.".to_owned(),
        Subject::Standing { cover, .. } => format!(
            "Every failing finding of {} on {}. Whoever approves says whether that includes assets that appear later.",
            cover.rule, cover.assets
        ),
    };
    let is_choice = matches!(subject, Subject::Findings { .. });
    view! {
        <section class="panel" aria-labelledby=COVERED>
            <h2 id=COVERED tabindex="-1">"1. What it covers"</h2>
            {mistake.view()}
            <p class="hint">{hint}</p>
            <FindingRows subject=is_choice.then_some(subject) preview=preview />
        </section>
    }
    .into_any()
}

/// The findings as a table, with a checkbox each where they can be chosen.
#[component]
pub fn FindingRows(
    /// What is chosen, where there is a choice.
    subject: Option<Subject>,
    /// The findings.
    preview: RequestPreview,
) -> impl IntoView {
    if preview.findings.is_empty() {
        return view! { <p>"Nothing that it covers was found now."</p> }.into_any();
    }
    let rows: Vec<_> =
        preview.findings.iter().map(|row| finding_row(row, subject.as_ref())).collect();
    let more = (preview.more_findings > 0).then(|| {
        let more = counted(preview.more_findings, "more finding", "more findings");
        view! { <p class="source">{format!("And {more} that this page does not list.")}</p> }
    });
    view! {
        <ListTable
            label="Table of the findings covered"
            caption="Findings, the worst first"
            columns=&[
                Column::Text("Finding"),
                Column::Text("Severity"),
                Column::Text("Asset"),
                Column::Text("State"),
            ]
        >
            {rows}
        </ListTable>
        {more}
    }
    .into_any()
}

fn finding_row(row: &FindingRowView, subject: Option<&Subject>) -> AnyView {
    let id = row.id.to_string();
    let check = subject.map(|subject| {
        view! {
            <label class="pick-box">
                <input type="checkbox" name=FINDING value=id.clone() checked=subject.chooses(row.id) />
                <span class="unseen">{format!("Cover {id}")}</span>
            </label>
        }
    });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Finding">
                <div class="pick">
                    {check}
                    <div>
                        <a class="row-link" href=finding_href(row.id, None)>{heading(&row.summary)}</a>
                        <span class="below">
                            <span class="id">{id.clone()}</span>
                            " · "
                            <span class="id">{row.rule.to_string()}</span>
                        </span>
                    </div>
                </div>
            </th>
            <td role="cell" data-label="Severity"><SeverityBadge severity=row.severity /></td>
            <td role="cell" data-label="Asset">
                <span class="name">{row.asset.name.clone()}</span>
                <span class="below">{kind(&row.asset)}</span>
            </td>
            <td role="cell" data-label="State"><StandingBadge state=row.state effective=row.effective /></td>
        </tr>
    }
    .into_any()
}

/// The ways to ask for a rule and a scope in place of findings, where all are of one rule and one resource group.
///
/// Stands before the form and not in it: what was entered would be lost with the link.
pub(super) fn wider(
    asking: Asking,
    subject: &Subject,
    preview: &RequestPreview,
) -> Option<AnyView> {
    let is_new = asking == Asking::New && matches!(subject, Subject::Findings { .. });
    let first = preview.findings.first().filter(|_| is_new)?;
    let rest = || preview.findings.iter().map(|row| (&row.rule, &row.asset));
    if preview.more_findings > 0 || rest().any(|(rule, _)| *rule != first.rule) {
        return None;
    }
    let (rule, asset) = (first.rule.to_string(), &first.asset);
    let slug = &preview.connection.slug;
    let link = |scope, within: &str, words: String| {
        let address = ask_standing_href(slug, &rule, scope, within);
        view! { <li><a href=address>{words}</a></li> }.into_any()
    };
    let same = |differs: &dyn Fn(&postern_service::view::AssetView) -> bool| {
        !rest().any(|(_, other)| differs(other))
    };
    let subscription = same(&|it| it.subscription != asset.subscription);
    let group = asset
        .resource_group
        .as_ref()
        .filter(|_| subscription && same(&|it| it.resource_group != asset.resource_group));
    let links: Vec<_> = [
        group.map(|group| {
            let within = format!("/subscriptions/{}/resourceGroups/{group}", asset.subscription);
            link("resource_group", &within, format!("{rule} in resource group {group}"))
        }),
        subscription.then(|| {
            let name = asset.subscription_name.as_ref().unwrap_or(&asset.subscription);
            link("subscription", &asset.subscription, format!("{rule} in subscription {name}"))
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    Some(
        view! {
            <details class="wider">
                <summary>"Ask for a rule and a scope instead"</summary>
                <p class="hint">"Such an exception can cover assets that appear later, where whoever approves agrees. It begins a new form."</p>
                <ul class="plain">{links}</ul>
                <form class="in-line" method="get" action=NEW_EXCEPTION aria-label="Ask for a rule and a tag">
                    <input type="hidden" name="connection" value=slug.clone() />
                    <input type="hidden" name="rule" value=rule.clone() />
                    <input type="hidden" name="scope" value="tag" />
                    <label for="tag">{format!("{rule} on assets with the tag name=value")}</label>
                    <input id="tag" type="text" name="in" required="" autocomplete="off" />
                    <button class="button" type="submit">"Ask for this tag"</button>
                </form>
            </details>
        }
        .into_any(),
    )
}

/// What a request covers, in words.
pub(super) fn in_words(covers: &Covers) -> String {
    match covers {
        Covers::Findings(selection) => {
            let number = u64::try_from(selection.iter().count()).unwrap_or_default();
            counted(number, "finding", "findings")
        }
        Covers::Standing(cover) => format!("{} on {}", cover.rule, cover.assets),
    }
}
