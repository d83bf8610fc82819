//! Azure Policy's exemptions beside the exceptions for the same.

use leptos::prelude::*;
use postern_service::view::{Drift, ExemptionView, ExemptionsView};

use super::Crumbs;
use crate::address::adopt_href;
use crate::page::findings::{FindingTable, FindingsOf};
use crate::part::{Column, ListTable, Notice, NoticeKind, Tone, ToneBadge, count, counted, end};

/// The page of exemptions.
#[component]
pub fn ExemptionsPage(
    /// What to show.
    view: ExemptionsView,
    /// Whether whoever reads it may ask for exceptions.
    may_ask: bool,
) -> impl IntoView {
    let slug = view.connections.selected.slug.clone();
    let unread = (!view.unread.is_empty()).then(|| {
        let items: Vec<_> = view
            .unread
            .iter()
            .map(|(subscription, why)| view! { <li>{format!("Subscription {subscription}: {why}")}</li> })
            .collect();
        view! {
            <Notice kind=NoticeKind::Warning>
                <p>"Not all exemptions could be read, so that some may be missing here:"</p>
                <ul>{items}</ul>
            </Notice>
        }
    });
    let others = (view.others > 0).then(|| {
        let other = counted(view.others, "other exemption is", "other exemptions are");
        view! { <p class="hint">{format!("{other} from initiatives, or from policies that no rule of Postern is about.")}</p> }
    });
    let rows: Vec<_> = view.exemptions.iter().map(|it| row(it, &slug, may_ask)).collect();
    let table = if rows.is_empty() {
        let nothing = "No exemption from a policy that a rule of Postern is about was read.";
        view! { <p>{nothing}</p> }.into_any()
    } else {
        table(rows)
    };
    let here = view.only_here.len();
    let here = u64::try_from(here).unwrap_or_default() + view.more_only_here;
    let only_here = (here > 0).then(|| {
        let caption = format!("{} excepted here and not exempt in Azure", counted(here, "finding is", "findings are"));
        view! {
            <FindingTable rows=view.only_here.clone() caption=caption of=FindingsOf::AnyAsset as_of=None />
        }
    });
    view! {
        <Crumbs of=None here=Some("Azure Policy") />
        <h1>"Azure Policy exemptions"</h1>
        <p class="lead">
            "An exemption only keeps Azure Policy quiet. Here it counts once somebody asked for an exception and somebody else approved it."
        </p>
        {unread}
        <section class="panel" aria-labelledby="exempt-heading">
            <h2 id="exempt-heading">"Exempt in Azure"</h2>
            {table}
            {others}
        </section>
        <section class="panel" aria-labelledby="only-here-heading">
            <h2 id="only-here-heading">"Excepted here only"</h2>
            <p>"Azure Policy goes on reporting these as not compliant, because nothing exempts them there."</p>
            {only_here.map_or_else(|| view! { <p>"None."</p> }.into_any(), IntoAny::into_any)}
        </section>
    }
    .into_any()
}

fn table(rows: Vec<AnyView>) -> AnyView {
    view! {
        <ListTable
            label="Table of exemptions"
            caption="Exemptions, those that differ first; times in UTC"
            columns=&[
                Column::Text("Exemption"),
                Column::Text("Rule"),
                Column::Text("Difference"),
                Column::Text("Ends in Azure"),
                Column::Number("Failing"),
                Column::Number("Excepted here"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn row(one: &ExemptionView, connection: &str, may_ask: bool) -> AnyView {
    let tone = match one.drift {
        Drift::OnlyInAzure | Drift::LaterInAzure => Tone::Warning,
        Drift::None => Tone::Excepted,
        Drift::NothingFails | Drift::EndedInAzure => Tone::Neutral,
    };
    let adopt = one.adopt.as_ref().filter(|_| may_ask).map(|adoption| {
        let address = adopt_href(connection, &one.rule, adoption);
        view! {
            <span class="below">
                <a href=address>"Ask for the same here"<span class="unseen">{format!(": {} for {}", one.name, one.rule)}</span></a>
            </span>
        }
    });
    let expires = one.expires.map_or_else(|| "never".to_owned(), end);
    let description =
        one.description.clone().map(|text| view! { <span class="below">{text}</span> });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Exemption">
                <span class="name">{one.name.clone()}</span>
                {description}
                <span class="below">{one.scope.clone()}</span>
            </th>
            <td role="cell" data-label="Rule"><span class="id">{one.rule.to_string()}</span><span class="below">{one.title.clone()}</span></td>
            <td role="cell" data-label="Difference"><ToneBadge tone=tone word=one.drift.label().to_owned() />{adopt}</td>
            <td role="cell" data-label="Ends in Azure">{expires}</td>
            <td role="cell" data-label="Failing" class="number">{count(one.failing)}</td>
            <td role="cell" data-label="Excepted here" class="number">{count(one.excepted)}</td>
        </tr>
    }
    .into_any()
}
