//! The trend of a part of the findings: is this team, this topic, this rule getting better?

use crate::page::overview::only_of;
use leptos::prelude::*;
use postern_domain::moment;
use postern_domain::team::TeamId;
use postern_domain::verdict::Topic;
use postern_service::view::{TrendOf, TrendSelection, TrendView};
use time::OffsetDateTime;

use super::overview::Range;
use crate::address::{AS_OF, TREND, connection_href, of_word, trend_href};
use crate::chart::{OpenFindingsChart, TimeToFixChart};
use crate::part::{Notice, NoticeKind, counted};

/// The trend with the form that chooses of what.
#[component]
pub fn TrendPage(
    /// What to show.
    view: TrendView,
    /// Of which findings.
    selection: TrendSelection,
    /// How far back the chart reaches.
    range: Range,
    /// What in the address was not understood, and why, as sentences.
    ignored: Vec<String>,
) -> impl IntoView {
    let slug = view.connections.selected.slug.clone();
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let notice = (!ignored.is_empty()).then(|| {
        view! {
            <Notice kind=NoticeKind::Information><p>{ignored.join(" ")}</p></Notice>
        }
    });
    let lead = format!(
        "{} · {}",
        of_what(&view, &selection),
        counted(u64::try_from(view.rules_counted).unwrap_or_default(), "rule", "rules")
    );
    let links = Range::ALL
        .map(|choice| {
            let address = trend_href(&slug, &selection, Some(choice.as_str()), as_of);
            let current = (choice == range).then_some("true");
            view! { <li><a href=address aria-current=current>{choice.label()}</a></li> }
        })
        .to_vec();
    let chart = if view.rules_counted == 0 {
        view! { <p class="empty">"No rule that judged here is among these."</p> }.into_any()
    } else if view.points.len() < 2 {
        view! { <p class="empty">"A trend needs two scans, and there are fewer in this time."</p> }
            .into_any()
    } else {
        view! {
            <OpenFindingsChart
                points=view.points.clone()
                changes=view.judged_otherwise.clone()
                interval_seconds=view.longest_wait_seconds
            />
        }
        .into_any()
    };
    let between = view.points.first().zip(view.points.last()).filter(|_| view.points.len() > 1);
    let how_long = view.time_to_fix.clone().zip(between).map(|(times, (first, last))| {
        view! {
            <section class="panel" aria-label="Time to fix">
                <TimeToFixChart times=times from=first.at until=last.at />
            </section>
        }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=connection_href("/overview", Some(&slug), as_of)>"Overview"</a>
        </nav>
        <h1>"Trend of open findings"</h1>
        <p class="lead">{lead}</p>
        {view.limited_to.as_deref().map(only_of)}
        {notice}
        {form(&view, &selection, range, as_of)}
        <section class="panel" aria-label="Trend">
            <nav class="choice" aria-label="Chart range"><ul>{links}</ul></nav>
            {chart}
        </section>
        {how_long}
    }
    .into_any()
}

/// Which findings, in words.
fn of_what(view: &TrendView, selection: &TrendSelection) -> String {
    let whose = match &selection.of {
        TrendOf::All if view.limited_to.is_some() => "The findings that you see".to_owned(),
        TrendOf::All => "All findings".to_owned(),
        TrendOf::Owner(None) => "Findings that are nobody's".to_owned(),
        TrendOf::Owner(Some(team)) => format!("Findings of {}", team_name(view, team)),
        TrendOf::Subscription(id) => {
            let named = view.subscriptions.iter().find(|(known, _)| known == id);
            format!("Findings in {}", named.map_or(id, |(_, name)| name))
        }
    };
    let topic = selection.topic.map(|topic| topic.label().to_owned());
    let rule = selection.rule.as_ref().map(ToString::to_string);
    let control = selection.control.as_ref().map(|control| format!("control {control}"));
    [Some(whose), topic, rule, control].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn team_name(view: &TrendView, id: &TeamId) -> String {
    let team = view.teams.iter().find(|team| team.id == *id);
    team.map_or_else(|| id.to_string(), |team| team.name.clone())
}

fn form(
    view: &TrendView,
    selection: &TrendSelection,
    range: Range,
    as_of: Option<OffsetDateTime>,
) -> AnyView {
    let slug = view.connections.selected.slug.clone();
    let chosen = of_word(&selection.of);
    let choice = |of: TrendOf, name: String| {
        let word = of_word(&of);
        let is_chosen = word == chosen;
        option(word.unwrap_or_default(), name, is_chosen)
    };
    let owners: Vec<_> = view
        .teams
        .iter()
        .map(|team| choice(TrendOf::Owner(Some(team.id.clone())), team.name.clone()))
        .chain(
            (!view.teams.is_empty() && view.limited_to.is_none())
                .then(|| choice(TrendOf::Owner(None), "Nobody".to_owned())),
        )
        .collect();
    let owners =
        (!owners.is_empty()).then(|| view! { <optgroup label="Owner">{owners}</optgroup> });
    let subscriptions: Vec<_> = view
        .subscriptions
        .iter()
        .map(|(id, name)| choice(TrendOf::Subscription(id.clone()), name.clone()))
        .collect();
    let topics: Vec<_> = Topic::ALL
        .iter()
        .map(|topic| {
            let is_chosen = selection.topic == Some(*topic);
            option(topic.as_str().to_owned(), topic.label().to_owned(), is_chosen)
        })
        .collect();
    let rules: Vec<_> = view
        .rules
        .iter()
        .map(|(rule, title)| {
            let is_chosen = selection.rule.as_ref() == Some(rule);
            option(rule.to_string(), format!("{rule} {title}"), is_chosen)
        })
        .collect();
    let kept = [
        ("connection", Some(slug.clone())),
        ("range", (range != Range::default()).then(|| range.as_str().to_owned())),
        (AS_OF, as_of.map(moment::short)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value? /> }))
    .collect_view();
    let subscriptions = (!subscriptions.is_empty())
        .then(|| view! { <optgroup label="Subscription">{subscriptions}</optgroup> });
    let everybody = if view.limited_to.is_none() { "Everybody's" } else { "All that you see" };
    let control = selection.control.as_ref().map(ToString::to_string);
    view! {
        <form method="get" action=TREND class="choose" aria-label="Of which findings">
            {kept}
            <div class="field">
                <label for="trend-of">"Whose"</label>
                <select id="trend-of" name="of">
                    {choice(TrendOf::All, everybody.to_owned())}
                    {owners}
                    {subscriptions}
                </select>
            </div>
            <div class="field">
                <label for="trend-topic">"Topic"</label>
                <select id="trend-topic" name="topic">
                    {option(String::new(), "All topics".to_owned(), selection.topic.is_none())}
                    {topics}
                </select>
            </div>
            <div class="field">
                <label for="trend-rule">"Rule"</label>
                <select id="trend-rule" name="rule">
                    {option(String::new(), "All rules".to_owned(), selection.rule.is_none())}
                    {rules}
                </select>
            </div>
            <div class="field">
                <label for="trend-control">"Control, as mcsb-v2:NS-2"</label>
                <input id="trend-control" type="search" name="control" value=control autocomplete="off" />
            </div>
            <div class="choose-actions">
                <button class="button primary" type="submit">"Show"</button>
                <a href=trend_href(&slug, &TrendSelection::default(), None, as_of)>"Clear"</a>
            </div>
        </form>
    }
    .into_any()
}

fn option(value: String, label: String, is_chosen: bool) -> AnyView {
    view! { <option value=value selected=is_chosen>{label}</option> }.into_any()
}
