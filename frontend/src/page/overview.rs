//! The overview: is it getting better, was that work, and what could not be read?

mod teams;
mod tiles;
mod topics;

use leptos::prelude::*;
use postern_domain::moment;
use postern_domain::trend::TrendPoint;
use postern_service::view::{
    ChangeCounts, ConnectionView, OverviewView, PackProblemView, ScanState, ScanView, TeamView,
    TrendSelection,
};
use time::Duration;

use crate::address::{AS_OF, connection_href, href, trend_href};
use crate::chart::{ComplianceChart, OpenFindingsChart, WorkChart};
use crate::page::diff::diff_href;
use crate::part::{
    GapTable, Notice, NoticeKind, PackName, count, counted, day, day_and_time, signed,
};

use teams::Teams;
use tiles::Tiles;
pub use tiles::{excepted, open};
use topics::Topics;

/// How far back the chart reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Thirty days.
    Month,
    /// Ninety days.
    #[default]
    Quarter,
    /// All that is stored.
    All,
}

impl Range {
    /// The ranges on offer.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::All];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::All => "all",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::All => "All scans",
        }
    }

    /// How many days; `None` for all.
    pub fn days(self) -> Option<u16> {
        match self {
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::All => None,
        }
    }

    /// The range of an address's word; the default where there is no such word.
    pub fn read(text: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|range| Some(range.as_str()) == text).unwrap_or_default()
    }

    fn points(self, trend: &[TrendPoint]) -> Vec<TrendPoint> {
        let (Some(days), Some(last)) = (self.days(), trend.last()) else { return trend.to_vec() };
        let from = last.at - Duration::days(days.into());
        trend.iter().filter(|point| point.at >= from).cloned().collect()
    }
}

/// The overview of a connection.
#[component]
pub fn OverviewPage(
    /// What to show.
    view: OverviewView,
    /// How far back the chart reaches.
    range: Range,
) -> impl IntoView {
    let connection = view.connections.selected.clone();
    let body = match view.latest.clone() {
        None => nothing_yet(&connection, view.latest_scan.as_ref()),
        Some(latest) => body(view, latest, range),
    };
    view! {
        <h1>{format!("Overview of {}", connection.name)}</h1>
        {body}
    }
    .into_any()
}

fn body(view: OverviewView, latest: TrendPoint, range: Range) -> AnyView {
    let connection = &view.connections.selected;
    let slug = connection.slug.clone();
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let scan_line = scan_line(&view, &latest);
    let notice = notice(&view, &latest);
    let change = change_sentence(&view, &latest);
    // Before there is anything to compare with, nothing was done yet.
    let changes = view.since_compared.or(view.limited_to.is_none().then(ChangeCounts::default));
    let points = range.points(&view.trend);
    let trend = if view.trend.len() < 2 {
        view! { <p class="empty">"A trend needs two scans; this is the first."</p> }.into_any()
    } else {
        let parts = trend_href(&slug, &TrendSelection::default(), None, as_of);
        let links: Vec<_> = Range::ALL
            .map(|choice| {
                let moment = as_of.map(moment::short);
                let pairs = [("connection", slug.as_str()), ("range", choice.as_str())];
                let as_of = moment.as_deref().map(|moment| (AS_OF, moment));
                let address =
                    href("/overview", &pairs.into_iter().chain(as_of).collect::<Vec<_>>());
                let current = (choice == range).then_some("true");
                view! { <li><a href=address aria-current=current>{choice.label()}</a></li> }
            })
            .to_vec();
        // What changed is told of the whole connection.
        let ends = points.first().zip(points.last()).filter(|_| view.limited_to.is_none());
        let between = ends.map(|(first, last)| {
            let address = diff_href(&slug, first.at, last.at);
            view! {
                <p class="more">
                    <a href=address>"What changed between these scans, finding by finding, with the reason"</a>
                </p>
            }
        });
        view! {
            <nav class="choice" aria-label="Chart range"><ul>{links}</ul></nav>
            <OpenFindingsChart
                points=points.clone()
                changes=view.judged_otherwise.clone()
                interval_seconds=view.longest_wait_seconds
            />
            {between}
            <p class="more"><a href=parts>"The same of a team, a subscription, a topic, a rule or a control"</a></p>
        }
        .into_any()
    };
    let interval = view.longest_wait_seconds;
    let work = view.limited_to.is_none().then(|| {
        // What evaluations did to findings is not counted by team.
        view! { <section class="panel" aria-label="Work"><WorkChart points=points.clone() /></section> }
    });
    let compliance = view! {
        <section class="panel" aria-label="Compliance">
            <ComplianceChart points=points.clone() interval_seconds=interval />
        </section>
    };
    let charts = (points.len() > 1).then(|| view! { {work} {compliance} });
    let packs = view.pack_problems.clone();
    let compared = view.compared.as_ref().map(|compared| compared.at);
    let teams = (!view.teams.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="teams-heading">
                <h2 id="teams-heading">"Open findings by owner"</h2>
                <Teams teams=view.teams.clone() connection=slug.clone() as_of=as_of compared=compared />
            </section>
        }
    });
    view! {
        <p class="lead">{scan_line}</p>
        {view.limited_to.as_deref().map(only_of)}
        {notice}
        <Tiles
            latest=latest.clone()
            compared=view.compared.clone()
            changes=changes
            connection=slug.clone()
            as_of=as_of
        />
        {change}
        <section class="panel" aria-label="Trend">{trend}</section>
        {charts}
        {teams}
        <section class="panel" aria-labelledby="topics-heading">
            <h2 id="topics-heading">"Checks by topic"</h2>
            <Topics topics=view.topics.clone() connection=slug as_of=as_of />
        </section>
        {pack_problems(packs)}
        {coverage(&view, &latest)}
    }
    .into_any()
}

/// That only a part is seen.
pub fn only_of(teams: &[TeamView]) -> AnyView {
    let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
    let sentence = match names.split_last() {
        Some((last, [])) => format!("You see the findings of {last}."),
        Some((last, before)) => {
            format!("You see the findings of {} and {last}.", before.join(", "))
        }
        None => "None of your roles lets you see findings.".to_owned(),
    };
    view! { <p class="hint">{sentence}</p> }.into_any()
}

/// Which scan the numbers are of, and how much it read.
fn scan_line(view: &OverviewView, latest: &TrendPoint) -> String {
    // Of a part, assets are not counted by themselves.
    let read = if view.limited_to.is_some() {
        String::new()
    } else {
        format!(
            " · {} of {} assets read",
            count(latest.assets.saturating_sub(latest.assets_unread)),
            count(latest.assets)
        )
    };
    let when = day_and_time(view.read_at.unwrap_or(latest.at));
    // The latest scan may still run or have failed; then the numbers are of an earlier one.
    match view.latest_scan.as_ref().filter(|scan| scan.state == ScanState::Finished) {
        Some(scan) => format!("Scan {} · {when}{read}", scan.id),
        None => format!("Read {when}{read}"),
    }
}

fn notice(view: &OverviewView, latest: &TrendPoint) -> Option<AnyView> {
    if let Some(scan) = view.latest_scan.as_ref().filter(|scan| scan.state == ScanState::Failed) {
        let why = scan.failure.clone().unwrap_or_else(|| "the reason was not recorded".to_owned());
        let text = format!(
            "Scan {} failed: {why}. The numbers below are of {}.",
            scan.id,
            day_and_time(latest.at)
        );
        return Some(view! { <Notice kind=NoticeKind::Failure><p>{text}</p></Notice> }.into_any());
    }
    let assets_unread = if view.limited_to.is_some() { 0 } else { latest.assets_unread };
    (assets_unread > 0 || latest.checks.unknown > 0).then(|| {
        let checks = format!(
            "{} of {} checks have no answer. ",
            count(latest.checks.unknown),
            count(latest.checks.planned()),
        );
        let text = if assets_unread == 0 {
            checks
        } else {
            format!(
                "{} of {} assets could not be read, and {checks}",
                count(assets_unread),
                count(latest.assets),
            )
        };
        view! {
            <Notice kind=NoticeKind::Warning>
                <p>{text}<a href="#coverage">"See coverage"</a></p>
            </Notice>
        }
        .into_any()
    })
}

/// How many were open, how many are, and by which causes: work done is told apart from the rest.
fn change_sentence(view: &OverviewView, latest: &TrendPoint) -> Option<AnyView> {
    let compared = view.compared.as_ref().filter(|compared| compared.at < latest.at)?;
    let (before, now) = (tiles::open(compared), tiles::open(latest));
    let changes = view.since_compared;
    let then =
        view.as_of.map_or_else(|| "now".to_owned(), |as_of| format!("on {}", day(as_of.read_at)));
    let net = i64::from(now) - i64::from(before);
    let ends = format!("Open: {} on {}, {} {then}", count(before), day(compared.at), count(now));
    let accepted = i64::from(tiles::excepted(latest)) - i64::from(tiles::excepted(compared));
    let accepted_word = if accepted < 0 { "no longer excepted" } else { "excepted" };
    let causes = changes.map(|changes| {
        [
            ("opened", i64::from(changes.opened)),
            ("fixed", -i64::from(changes.fixed)),
            ("ended otherwise", -i64::from(changes.left_otherwise)),
        ]
        .into_iter()
        .chain((accepted != 0).then_some((accepted_word, -accepted)))
        .map(|(word, number)| {
            view! { <li><span class="cause">{word}</span>" "<strong>{signed(number)}</strong></li> }
        })
        .collect::<Vec<_>>()
    });
    let causes = causes.map(|causes| {
        view! {
            <ul aria-label="Causes of the change">{causes}</ul>
            <p>{format!("= {}", signed(net))}</p>
        }
    });
    Some(
        view! {
            <div class="change">
                <p>{ends}</p>
                {causes}
                <p class="hint" hidden=changes.is_none()>"Only \u{201c}fixed\u{201d} is work done; \u{201c}ended otherwise\u{201d} is a deleted asset, a lost scope, a changed rule or setting, or the passing of time."</p>
            </div>
        }
        .into_any(),
    )
}

fn pack_problems(problems: Vec<PackProblemView>) -> Option<AnyView> {
    if problems.is_empty() {
        return None;
    }
    let items: Vec<_> = problems
        .into_iter()
        .map(|problem| {
            view! { <li><PackName pack=problem.pack /> <p class="failure">{problem.problem}</p></li> }
        })
        .collect();
    Some(
        view! {
            <section class="panel" aria-labelledby="packs-heading">
                <h2 id="packs-heading">"Pack problems"</h2>
                <p>"These packs could not judge; their rules are unknown until they can."</p>
                <ul class="plain">{items}</ul>
            </section>
        }
        .into_any(),
    )
}

fn coverage(view: &OverviewView, latest: &TrendPoint) -> AnyView {
    let gaps = u64::try_from(view.gaps.len()).unwrap_or_default();
    let checks = format!(
        "{} of {} checks answered.",
        count(latest.checks.answered()),
        count(latest.checks.planned()),
    );
    let assets = format!(
        "{} of {} assets read",
        count(latest.assets.saturating_sub(latest.assets_unread)),
        count(latest.assets),
    );
    let read = if view.limited_to.is_some() { checks } else { format!("{assets}, {checks}") };
    let list = if view.limited_to.is_some() {
        view! { <p>"What could not be read of other teams' resources is not shown to you."</p> }
            .into_any()
    } else if gaps == 0 {
        view! { <p>"Every list that was asked for was read to its end."</p> }.into_any()
    } else {
        view! {
            <p>{format!("{} in what could be read:", counted(gaps, "gap", "gaps"))}</p>
            <GapTable gaps=view.gaps.clone() />
        }
        .into_any()
    };
    view! {
        <section class="panel" id="coverage" tabindex="-1" aria-labelledby="coverage-heading">
            <h2 id="coverage-heading">"Coverage"</h2>
            <p>{read}</p>
            {list}
        </section>
    }
    .into_any()
}

fn nothing_yet(connection: &ConnectionView, scan: Option<&ScanView>) -> AnyView {
    let scans = connection_href("/scans", Some(&connection.slug), None);
    let state = match scan.map(|scan| (scan.id, scan.state, scan.failure.clone())) {
        Some((id, ScanState::Failed, failure)) => {
            let why = failure.unwrap_or_else(|| "the reason was not recorded".to_owned());
            format!("Scan {id} failed: {why}.")
        }
        Some((id, ..)) => format!("Scan {id} is not finished yet."),
        None => "Nothing was read yet.".to_owned(),
    };
    view! {
        <div class="empty">
            <p>{state}" Numbers appear here after the first finished scan."</p>
            <p><a href=scans>"Go to scans"</a></p>
        </div>
    }
    .into_any()
}
