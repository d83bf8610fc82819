//! What changed teams and rules would do, before they hold.

use leptos::prelude::*;
use postern_service::view::{CatchView, MoveView, RoutingPreview};

use super::entered::EnteredRouting;
use super::entered::field::ACT;
use super::{NOBODY, goes_by, owner, such_as, undecided};
use crate::address::{EDIT_TEAMS, TEAMS};
use crate::page::admin::Crumbs;
use crate::page::admin::field::hidden;
use crate::part::{Column, ListTable, count, counted};

/// The page on which a change of teams and rules is confirmed.
#[component]
pub fn RoutingPreviewPage(
    /// What was entered.
    entered: EnteredRouting,
    /// What it does.
    preview: RoutingPreview,
) -> impl IntoView {
    let all: u64 =
        preview.catches.iter().map(|catch| catch.assets).sum::<u64>() + preview.undecided;
    let summary = match preview.moved {
        0 => format!("None of {} changes hands.", counted(all, "asset", "assets")),
        moved => format!(
            "{} of {} {} hands.",
            count(moved),
            counted(all, "asset", "assets"),
            if moved == 1 { "changes" } else { "change" }
        ),
    };
    let moves: Vec<_> = preview.moves.iter().map(move_item).collect();
    let moves = (!moves.is_empty())
        .then(|| view! { <ul class="plain rows" aria-label="Who changes">{moves}</ul> });
    let rows: Vec<_> = preview.catches.iter().enumerate().map(row).collect();
    view! {
        <Crumbs of=(TEAMS, "Teams") here="Preview".to_owned() />
        <h1>"What these rules change"</h1>
        <p class="summary">{summary}</p>
        {moves}
        {undecided(preview.undecided)}
        <ListTable
            label="Table of rules"
            caption="What each rule catches of the latest snapshot of each connection"
            columns=&[
                Column::Text("Rule"),
                Column::Text("Assets with"),
                Column::Text("Owner"),
                Column::Number("Catches"),
                Column::Number("Change hands"),
            ]
        >
            {rows}
        </ListTable>
        <p class="prose">
            "Owners see the findings of their assets and ask for exceptions. The change holds from each connection\u{2019}s next evaluation on; what was found before stays whose it was then."
        </p>
        <dl class="pairs answers"><div><dt>"Reason"</dt><dd class="said">{entered.reason.clone()}</dd></div></dl>
        <div class="form-actions">
            <form method="post" action=TEAMS>
                {hidden(entered.pairs())}
                <button class="button primary" type="submit">"Change the rules"</button>
            </form>
            <form method="post" action=EDIT_TEAMS>
                {hidden(entered.pairs())}
                <button class="button" type="submit" name=ACT value="back">"Go on editing"</button>
            </form>
            <a href=TEAMS>"Keep them as they are"</a>
        </div>
    }
    .into_any()
}

fn move_item(one: &MoveView) -> AnyView {
    let (from, to) = (owner(one.from.as_ref()), owner(one.to.as_ref()));
    let assets = counted(one.assets, "asset", "assets");
    let sentence = match (from.as_str(), to.as_str()) {
        (NOBODY, to) => format!("{assets}: nobody\u{2019}s until now, then of {to}"),
        (from, NOBODY) => format!("{assets}: of {from} until now, then nobody\u{2019}s"),
        (from, to) => format!("{assets}: of {from} until now, then of {to}"),
    };
    view! { <li>{sentence}</li> }.into_any()
}

fn row((place, catch): (usize, &CatchView)) -> AnyView {
    let number = catch.rule.as_ref().map_or_else(|| "last".to_owned(), |_| (place + 1).to_string());
    let example = such_as(catch);
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Rule">{number}</th>
            <td role="cell" data-label="Assets with"><span class="name">{goes_by(catch)}</span> {example}</td>
            <td role="cell" data-label="Owner">{owner(catch.team.as_ref())}</td>
            <td role="cell" data-label="Catches" class="number">{count(catch.assets)}</td>
            <td role="cell" data-label="Change hands" class="number">{count(catch.moved)}</td>
        </tr>
    }
    .into_any()
}
