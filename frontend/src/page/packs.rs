//! Packs: what judges, who vouches for it, and what was changed.

pub mod compare;

use leptos::prelude::*;
use postern_service::rules::{RuleChange, RuleChangeKind};
use postern_service::view::{ActivePackView, KnownPackView, PackProblemOf, PacksView};

use crate::address::{COMPARE, RULES};
use crate::page::rules::crumbs;
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, PackName, counted};

/// The packs.
#[component]
pub fn PacksPage(
    /// What to show.
    view: PacksView,
    /// Whether whoever reads it may change what judges, and so compare.
    may_configure: bool,
) -> impl IntoView {
    let active: Vec<_> = view.active.iter().map(active_pack).collect();
    let compare = may_configure.then(|| {
        view! {
            <ul class="tools" aria-label="What if">
                <li><a class="button" href=COMPARE>"What would another pack change?"</a></li>
            </ul>
        }
    });
    view! {
        {crumbs(RULES, "Rules", None, "Packs".to_owned())}
        <div class="page-head">
            <h1>"Packs"</h1>
            {compare}
        </div>
        {problems(&view.problems)}
        <section class="panel" aria-labelledby="active-heading">
            <h2 id="active-heading">"What judges from the next evaluation on"</h2>
            <ul class="plain packs">{active}</ul>
        </section>
        {commands(&view)}
        {history(view.changes)}
        {known(view.known)}
    }
    .into_any()
}

fn active_pack(pack: &ActivePackView) -> AnyView {
    let rules = counted(pack.rules, "rule", "rules");
    let settings =
        if pack.has_settings { "settings of your own" } else { "the pack's default settings" };
    let source = if pack.is_built_in { "" } else { " · activated" };
    view! {
        <li>
            <p><PackName pack=pack.pack.clone() /></p>
            <p class="below">{format!("{} {rules} · {settings}{source}", pack.description)}</p>
            <p class="below">"It imports nothing: it sees the documents that it is handed, and no clock, network or file."</p>
        </li>
    }
    .into_any()
}

fn problems(problems: &[PackProblemOf]) -> Option<AnyView> {
    if problems.is_empty() {
        return None;
    }
    let items: Vec<_> = problems
        .iter()
        .map(|problem| {
            let words = format!(
                "{}: {} could not judge. {}",
                problem.connection, problem.pack, problem.problem
            );
            view! { <li>{words}</li> }
        })
        .collect();
    Some(
        view! {
            <Notice kind=NoticeKind::Warning>
                <p>"In the latest evaluations a pack could not judge, so all of its rules are unknown there:"</p>
                <ul>{items}</ul>
            </Notice>
        }
        .into_any(),
    )
}

/// The commands that change what judges, which no page does.
fn commands(view: &PacksView) -> AnyView {
    let name = view.active.first().map_or("azure-ai-baseline", |pack| pack.pack.name.as_str());
    let lines = [
        "postern rules activate new.wasm --trusted-key KEY --reason \"why\"".to_owned(),
        format!("postern rules settings set {name} settings.json --reason \"why\""),
        format!("postern rules deactivate {name} --reason \"why\""),
    ];
    view! {
        <section class="panel" aria-labelledby="commands-heading">
            <h2 id="commands-heading">"To change it"</h2>
            <div class="prose">
                <p>"What judges is changed on the command line, where the file of the pack and its signature are. Each change counts from the next evaluation on, without a restart, and is written into the decision log."</p>
            </div>
            <p>"A pack takes the place of the one with its name:"</p>
            <pre class="code command" tabindex="0" role="region" aria-label="Command that activates a pack">{lines[0].clone()}</pre>
            <p>"Other settings for a pack; "<code>{format!("postern rules settings schema {name}")}</code>" prints what can be set:"</p>
            <pre class="code command" tabindex="0" role="region" aria-label="Command that changes settings">{lines[1].clone()}</pre>
            <p>"Back to the pack that this build carries:"</p>
            <pre class="code command" tabindex="0" role="region" aria-label="Command that goes back">{lines[2].clone()}</pre>
        </section>
    }
    .into_any()
}

fn history(changes: Vec<RuleChange>) -> AnyView {
    let content = if changes.is_empty() {
        view! { <p>"Nothing was activated or set yet: the packs of this build judge, with their defaults."</p> }.into_any()
    } else {
        let items: Vec<_> = changes
            .into_iter()
            .map(|change| {
                let what = match change.kind {
                    RuleChangeKind::Activated { version: Some((_, version)) } => {
                        format!("{} {version} was activated", change.pack)
                    }
                    RuleChangeKind::Activated { version: None } => {
                        format!("{} went back to the one that the build carries", change.pack)
                    }
                    RuleChangeKind::Settings => format!("Settings of {} were changed", change.pack),
                };
                view! {
                    <li>
                        <p class="event"><strong>{what}</strong></p>
                        <p class="event-detail">{change.reason}</p>
                        <p class="below"><Moment at=change.at /></p>
                    </li>
                }
            })
            .collect();
        view! { <ol class="timeline">{items}</ol> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="history-heading">
            <h2 id="history-heading">"What was changed"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn known(known: Vec<KnownPackView>) -> AnyView {
    let rows: Vec<_> = known
        .into_iter()
        .map(|pack| {
            let state = if pack.is_active { "judges now" } else { "judged before" };
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader" data-label="Pack">{format!("{} {}", pack.name, pack.version)}</th>
                    <td role="cell" data-label="State">{state}</td>
                    <td role="cell" data-label="First used"><Moment at=pack.first_used_at /></td>
                    <td role="cell" data-label="SHA-256"><code class="id">{pack.digest.to_string()}</code></td>
                </tr>
            }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="known-heading">
            <h2 id="known-heading">"Every pack that was ever used"</h2>
            <ListTable
                label="Table of packs"
                caption="Packs by name, the youngest first"
                hides_caption=true
                columns=&[
                    Column::Text("Pack"),
                    Column::Text("State"),
                    Column::Text("First used"),
                    Column::Text("SHA-256"),
                ]
            >
                {rows}
            </ListTable>
        </section>
    }
    .into_any()
}
