//! What if: what another version of a pack, or other settings, would change.

use leptos::prelude::*;
use postern_domain::verdict::{Severity, Verdict};
use postern_service::rules::{Appeared, MOST_DAYS, MOST_SECONDS};
use postern_service::view::{KnownPackView, WhatIfChange, WhatIfRuleView, WhatIfView};

use crate::address::{COMPARE, PACKS, rule_href};
use crate::page::rules::crumbs;
use crate::part::{
    Column, ListTable, Moment, Notice, NoticeKind, PackName, TextArea, count, counted,
};

/// The key of what judges now.
pub const FROM: &str = "from";
/// The key of what may judge instead.
pub const TO: &str = "to";
/// The key of the new one's settings.
pub const SETTINGS: &str = "settings";
/// The key of how many days of snapshots are judged.
pub const LAST: &str = "last";

/// What is entered in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// What judges.
    pub from: Option<String>,
    /// What may judge instead.
    pub to: Option<String>,
    /// The settings of the new one, as JSON.
    pub settings: Option<String>,
    /// Days of snapshots.
    pub last: Option<u16>,
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing was asked for yet.
    NotAsked,
    /// What would change.
    Compared(Box<WhatIfView>),
    /// Nothing, and why; and whether the command line goes on where the page ends.
    Refused {
        /// Why, as a sentence.
        reason: String,
        /// Whether it took too long.
        is_too_long: bool,
    },
}

/// The form, and under it what came of it.
#[component]
pub fn ComparePage(
    /// What was entered.
    entered: Entered,
    /// The packs to choose from.
    packs: Vec<KnownPackView>,
    /// What came of it.
    outcome: Outcome,
) -> impl IntoView {
    let outcome = match outcome {
        Outcome::NotAsked => None,
        Outcome::Refused { reason, is_too_long } => {
            let command = is_too_long.then(|| {
                let line = command(&entered);
                view! {
                    <p>"The command line has no such limit:"</p>
                    <pre class="code command" tabindex="0" role="region" aria-label="Command">{line}</pre>
                }
            });
            Some(
                view! {
                    <Notice kind=NoticeKind::Failure><p>{reason}</p>{command}</Notice>
                }
                .into_any(),
            )
        }
        Outcome::Compared(view) => Some(compared(*view)),
    };
    view! {
        {crumbs(PACKS, "Packs", None, "What if".to_owned())}
        <div class="page-head">
            <div>
                <h1>"What would another pack change?"</h1>
                <p class="lead">"Stored snapshots are judged by both. Nothing is written, and nothing is activated."</p>
            </div>
        </div>
        {form(&entered, &packs)}
        {outcome}
    }
    .into_any()
}

/// The command that does the same.
fn command(entered: &Entered) -> String {
    let from = entered.from.as_deref().unwrap_or("OLD");
    let to = entered.to.as_deref().unwrap_or("NEW");
    let settings = if entered.settings.is_some() { " --new-settings settings.json" } else { "" };
    let since = if entered.last.is_some() { " --since DATE" } else { "" };
    format!("postern rules compare {from} {to}{settings}{since}")
}

/// What addresses and commands call a pack.
fn reference(pack: &KnownPackView) -> String {
    let digest: String = pack.digest.to_string().chars().take(12).collect();
    format!("{}@{digest}", pack.name)
}

fn form(entered: &Entered, packs: &[KnownPackView]) -> AnyView {
    let choices = |chosen: Option<&String>, is_first_chosen: bool| {
        let options: Vec<_> = packs
            .iter()
            .enumerate()
            .map(|(place, pack)| {
                let value = reference(pack);
                let is_chosen = match chosen {
                    Some(chosen) => *chosen == value,
                    None => is_first_chosen && place == 0,
                };
                let digest: String = pack.digest.to_string().chars().take(8).collect();
                let state = if pack.is_active { ", judges now" } else { "" };
                let words = format!("{} {} ({digest}{state})", pack.name, pack.version);
                view! { <option value=value selected=is_chosen>{words}</option> }
            })
            .collect();
        options
    };
    let days = [7, MOST_DAYS].map(|days| {
        let value = days.to_string();
        let is_chosen = entered.last == Some(days);
        view! { <option value=value selected=is_chosen>{format!("Those of the last {days} days")}</option> }
    });
    let settings = entered.settings.clone().unwrap_or_default();
    view! {
        <form method="get" action=COMPARE class="what-if" aria-label="What to compare">
            <div class="choose">
                <div class="field">
                    <label for="what-if-from">"What judges"</label>
                    <select id="what-if-from" name=FROM>{choices(entered.from.as_ref(), true)}</select>
                </div>
                <div class="field">
                    <label for="what-if-to">"What may judge instead"</label>
                    <select id="what-if-to" name=TO>{choices(entered.to.as_ref(), true)}</select>
                </div>
                <div class="field">
                    <label for="what-if-last">"Snapshots"</label>
                    <select id="what-if-last" name=LAST>
                        <option value="" selected=entered.last.is_none()>"The latest of each connection"</option>
                        {days}
                    </select>
                </div>
            </div>
            <div class="field">
                <label for=SETTINGS>"Settings of the new one, as JSON (optional)"</label>
                <p class="hint" id="settings-hint">
                    "Left empty, the settings that hold now. For example "
                    <code>"{\"values\": {\"requiredTags\": [\"owner\"]}}"</code>
                </p>
                <TextArea id=SETTINGS text=settings rows=4 described_by="settings-hint".to_owned() is_wrong=false />
            </div>
            <p class="hint">{format!(
                "Each snapshot is judged twice, which takes seconds for some thousand assets. The page waits {MOST_SECONDS} seconds at most, then stops and says so."
            )}</p>
            <p><button class="button primary" type="submit">"Compare"</button></p>
        </form>
    }
    .into_any()
}

fn compared(view: WhatIfView) -> AnyView {
    let counts = view.counts;
    let settings = if view.has_other_settings { ", with the settings entered here" } else { "" };
    let judged = format!(
        "{}, {} judged by both{settings}: {} the same.",
        counted(view.snapshots, "snapshot", "snapshots"),
        counted(view.assets, "asset", "assets"),
        counted(view.same, "verdict is", "verdicts are"),
    );
    let sum = [
        ("Failures appear", counts.appear),
        ("Failures vanish", counts.vanish),
        ("Severity up", counts.severity_up),
        ("Severity down", counts.severity_down),
        ("Become unknown", counts.become_unknown),
        ("Differ otherwise", counts.otherwise),
    ];
    let sum: Vec<_> = sum
        .into_iter()
        .map(|(word, number)| view! { <div><dt>{word}</dt><dd>{count(number)}</dd></div> })
        .collect();
    let rules = if view.rules.is_empty() {
        view! { <p>"No verdict of the latest snapshots would be another one."</p> }.into_any()
    } else {
        rules_table(view.rules)
    };
    view! {
        <section class="panel" aria-labelledby="what-if-heading">
            <h2 id="what-if-heading">"What would change in the latest snapshots"</h2>
            <dl class="pairs">
                <div><dt>"What judges"</dt><dd><PackName pack=view.old /></dd></div>
                <div><dt>"Instead"</dt><dd><PackName pack=view.new /></dd></div>
            </dl>
            <p role="status">{judged}</p>
            <dl class="numbers">{sum}</dl>
            {rules}
        </section>
        {over_time(&view.over_time)}
    }
    .into_any()
}

fn rules_table(rules: Vec<WhatIfRuleView>) -> AnyView {
    let rows: Vec<_> = rules.into_iter().map(rule_row).collect();
    view! {
        <ListTable
            label="Table of rules"
            caption="Rules whose verdicts differ, those with the most new failures first"
            columns=&[
                Column::Text("Rule"),
                Column::Number("Appear"),
                Column::Number("Vanish"),
                Column::Number("Unknown"),
                Column::Text("Verdicts, before and after"),
                Column::Text("Teams touched"),
            ]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn rule_row(rule: WhatIfRuleView) -> AnyView {
    let changes: Vec<_> = rule.changes.into_iter().map(change_view).collect();
    let mut teams: Vec<String> = rule.teams.into_iter().map(|team| team.name).collect();
    if rule.of_nobody > 0 {
        teams.push(format!("nobody's: {}", counted(rule.of_nobody, "asset", "assets")));
    }
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Rule">
                <a class="row-link" href=rule_href(&rule.rule, None)>{rule.title}</a>
                <span class="below"><span class="id">{rule.rule.to_string()}</span></span>
            </th>
            <td role="cell" class="number" data-label="Appear">{count(rule.counts.appear)}</td>
            <td role="cell" class="number" data-label="Vanish">{count(rule.counts.vanish)}</td>
            <td role="cell" class="number" data-label="Unknown">{count(rule.counts.become_unknown)}</td>
            <td role="cell" data-label="Verdicts"><ul class="plain">{changes}</ul></td>
            <td role="cell" data-label="Teams touched">{teams.join(", ")}</td>
        </tr>
    }
    .into_any()
}

fn change_view(change: WhatIfChange) -> AnyView {
    let words = format!(
        "{} to {}: {}",
        side(change.before),
        side(change.after),
        counted(change.count, "asset", "assets")
    );
    let named: Vec<_> = change
        .examples
        .into_iter()
        .map(|(asset, summary)| {
            view! { <li><span class="name">{asset}</span>{format!(": {summary}")}</li> }
        })
        .collect();
    view! {
        <li>
            <details>
                <summary>{words}</summary>
                <ul class="cause-list">{named}</ul>
            </details>
        </li>
    }
    .into_any()
}

/// A verdict in words.
fn side(said: Option<(Verdict, Severity)>) -> String {
    match said {
        None => "no such rule".to_owned(),
        Some((Verdict::Fail, severity)) => format!("fail ({severity})"),
        Some((Verdict::NotApplicable, _)) => "not applicable".to_owned(),
        Some((verdict, _)) => verdict.to_string(),
    }
}

fn over_time(snapshots: &[Appeared]) -> Option<AnyView> {
    if snapshots.len() < 2 {
        return None;
    }
    let rows: Vec<_> = snapshots
        .iter()
        .map(|here| {
            let number = |count_of: usize| count(u64::try_from(count_of).unwrap_or_default());
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader" data-label="Snapshot"><Moment at=here.at /></th>
                    <td role="cell" class="number" data-label="Failures appear">{number(here.appear)}</td>
                    <td role="cell" class="number" data-label="Failures vanish">{number(here.vanish)}</td>
                </tr>
            }
        })
        .collect();
    Some(
        view! {
            <section class="panel" aria-labelledby="over-time-heading">
                <h2 id="over-time-heading">"What would have been"</h2>
                <ListTable
                    label="Table of snapshots"
                    caption="How many failures appear and vanish in each snapshot, the oldest first; times in UTC"
                    columns=&[
                        Column::Text("Snapshot"),
                        Column::Number("Failures appear"),
                        Column::Number("Failures vanish"),
                    ]
                >
                    {rows}
                </ListTable>
            </section>
        }
        .into_any(),
    )
}
