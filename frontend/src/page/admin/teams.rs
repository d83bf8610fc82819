//! Teams: which assets are whose by which rule, changing that, and what a change would do.

mod entered;
mod form;
mod preview;

pub use entered::{EnteredRouting, EnteredRule, field};
pub use form::RoutingFormPage;
pub use preview::RoutingPreviewPage;

use leptos::prelude::*;
use postern_domain::team::{Catch, Routing};
use postern_service::view::{CatchView, RoutingView, TeamView};

use crate::address::{EDIT_TEAMS, TEAMS, href};
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, count, counted};

/// What is said of who owns what is nobody's.
const NOBODY: &str = "nobody";

/// The teams and the rules.
#[component]
pub fn TeamsPage(
    /// What holds.
    view: RoutingView,
    /// Whether it was just changed.
    is_changed: bool,
) -> impl IntoView {
    let notice = is_changed.then(|| {
        view! {
            <Notice kind=NoticeKind::Done>
                <p>"The rules are changed. They hold from each connection\u{2019}s next evaluation on."</p>
            </Notice>
        }
    });
    let change = if view.may_change {
        view! { <a class="button primary" href=EDIT_TEAMS>"Change teams and rules"</a> }.into_any()
    } else {
        view! { <p class="hint">"Administrators change teams and rules."</p> }.into_any()
    };
    let said = view.changed.clone().map(|(at, reason)| {
        view! { <p class="lead">"Said on " <Moment at=at /> {format!(": {reason}")}</p> }
    });
    let content = if view.routing.teams.is_empty() {
        view! {
            <p class="empty">
                "There are no teams yet. With teams, each asset has an owner, who sees its findings and asks for exceptions."
            </p>
        }
        .into_any()
    } else {
        view! {
            <section class="part" aria-labelledby="rules-heading">
                <h2 id="rules-heading">"Rules"</h2>
                <p class="prose">
                    "Of the rules that an asset fits, the first says whose it is. Numbers are of the latest snapshot of each connection."
                </p>
                {rules(&view)}
                {undecided(view.now.undecided)}
                {moving(view.now.moved)}
            </section>
            {test_box(&view)}
            <section class="panel" aria-labelledby="teams-heading">
                <h2 id="teams-heading">"Teams"</h2>
                {teams(&view)}
            </section>
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Teams"</h1>
                {said}
            </div>
            <div class="tools">{change}</div>
        </div>
        {notice}
        {content}
    }
    .into_any()
}

/// The key of an asset to look for, which is the id of the field too.
pub const ASSET: &str = "asset";

/// A field for an asset, and whose it is by which rule.
fn test_box(view: &RoutingView) -> AnyView {
    let asked = view.tested.as_ref().map(|(asked, _)| asked.clone()).unwrap_or_default();
    let found = view.tested.as_ref().map(|(asked, found)| {
        let items: Vec<_> = found
            .iter()
            .map(|tested| {
                let name = |team: Option<&TeamView>| owner(team);
                let sentence = match tested.caught {
                    Catch::Rule(place) => {
                        format!("caught by rule {}: of {}", place + 1, name(tested.owner.as_ref()))
                    }
                    Catch::Nothing if tested.owner.is_none() => {
                        "caught by no rule: nobody\u{2019}s".to_owned()
                    }
                    Catch::Nothing => {
                        format!("caught by no rule: of {}", name(tested.owner.as_ref()))
                    }
                    Catch::Undecided => format!(
                        "what a rule goes by could not be read: it stays of {}",
                        name(tested.owner.as_ref())
                    ),
                };
                view! { <li>{sentence} <span class="below name">{tested.arm_id.clone()}</span></li> }
            })
            .collect();
        if items.is_empty() {
            let sentence = format!(
                "No asset that was read is called \u{201c}{asked}\u{201d}, neither by its name nor by its ARM id."
            );
            view! { <p class="empty" role="status">{sentence}</p> }.into_any()
        } else {
            view! { <ul class="plain rows" aria-label="Assets found">{items}</ul> }.into_any()
        }
    });
    view! {
        <section class="panel" aria-labelledby="test-heading" id="test">
            <h2 id="test-heading">"Test an asset"</h2>
            <form class="choose" method="get" action=format!("{TEAMS}#test")>
                <div class="field">
                    <label for=ASSET>"Name or ARM id"</label>
                    <input id=ASSET type="search" name=ASSET value=asked />
                </div>
                <div class="choose-actions"><button class="button" type="submit">"Find its owner"</button></div>
            </form>
            {found}
        </section>
    }
    .into_any()
}

/// The name of an owner.
fn owner(team: Option<&TeamView>) -> String {
    team.map_or_else(|| NOBODY.to_owned(), |team| team.name.clone())
}

/// What a rule goes by; `None` for what none catches.
fn goes_by(catch: &CatchView) -> String {
    match &catch.rule {
        Some(rule) => rule.scope.to_string(),
        None => "what no rule catches".to_owned(),
    }
}

/// The name of an asset that it catches.
fn such_as(catch: &CatchView) -> Option<AnyView> {
    let example = catch.examples.first()?;
    let name = example.rsplit('/').next().unwrap_or(example);
    Some(view! { <span class="below name">{format!("such as {name}")}</span> }.into_any())
}

fn rules(view: &RoutingView) -> AnyView {
    let rows: Vec<_> = view.now.catches.iter().enumerate().map(|(place, catch)| {
        let number = catch.rule.as_ref().map_or_else(|| "last".to_owned(), |_| (place + 1).to_string());
        let example = such_as(catch);
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" data-label="Rule">{number}</th>
                <td role="cell" data-label="Assets with"><span class="name">{goes_by(catch)}</span> {example}</td>
                <td role="cell" data-label="Owner">{owner(catch.team.as_ref())}</td>
                <td role="cell" data-label="Catches" class="number">{count(catch.assets)}</td>
            </tr>
        }
    }).collect();
    view! {
        <ListTable
            label="Table of rules"
            caption="Rules in their order, each with an asset that it catches"
            columns=&[
                Column::Text("Rule"),
                Column::Text("Assets with"),
                Column::Text("Owner"),
                Column::Number("Catches"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

/// Assets that nobody can tell the owner of.
fn undecided(assets: u64) -> Option<AnyView> {
    (assets > 0).then(|| {
        let sentence = format!(
            "{} could not be read, or what is above: nobody can tell by a rule whose that is, and it stays whose it was.",
            counted(assets, "asset", "assets")
        );
        view! { <Notice kind=NoticeKind::Warning><p>{sentence}</p></Notice> }.into_any()
    })
}

/// Assets that are another's by these rules than the latest evaluation found.
fn moving(assets: u64) -> Option<AnyView> {
    (assets > 0).then(|| {
        let sentence = format!(
            "{} with the next evaluation, which is the first by these rules.",
            counted(assets, "asset changes hands", "assets change hands")
        );
        view! { <p class="hint">{sentence}</p> }.into_any()
    })
}

fn teams(view: &RoutingView) -> AnyView {
    let caught = |routing: &Routing, place: usize| -> u64 {
        let Some(team) = routing.teams.get(place) else { return 0 };
        let of_team = view
            .now
            .catches
            .iter()
            .filter(|catch| catch.team.as_ref().is_some_and(|owner| owner.id == team.id));
        of_team.map(|catch| catch.assets).sum()
    };
    let rows: Vec<_> = view.routing.teams.iter().enumerate().map(|(place, team)| {
        let assets = caught(&view.routing, place);
        let findings = href("/findings", &[("owner", team.id.as_str())]);
        let label = format!("Open findings of {}", team.name);
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" data-label="Team">{team.name.clone()}</th>
                <td role="cell" data-label="Id"><span class="id">{team.id.to_string()}</span></td>
                <td role="cell" data-label="Assets" class="number">{count(assets)}</td>
                <td role="cell" data-label="Findings"><a href=findings aria-label=label>"Open findings"</a></td>
            </tr>
        }
    }).collect();
    let all: u64 = view.now.catches.iter().map(|catch| catch.assets).sum();
    let nobodys: u64 = view
        .now
        .catches
        .iter()
        .filter(|catch| catch.team.is_none())
        .map(|catch| catch.assets)
        .sum();
    let without = if nobodys == 0 {
        format!("Each of {} that could be read has an owner.", counted(all, "asset", "assets"))
    } else {
        format!("{} of {} have no owner.", count(nobodys), counted(all, "asset", "assets"))
    };
    view! {
        <p>{without}</p>
        <ListTable
            label="Table of teams"
            caption="Teams, and the assets that the rules give them"
            columns=&[
                Column::Text("Team"),
                Column::Text("Id"),
                Column::Number("Assets"),
                Column::Text("Findings"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}
