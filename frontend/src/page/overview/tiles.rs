//! The tiles: five numbers, and what is excepted where anything is, each with its change and, where rows stand behind it, a link to exactly those.

use leptos::prelude::*;
use postern_domain::trend::{SeverityCounts, TrendPoint};
use postern_domain::verdict::Severity;
use postern_service::view::{ChangeCounts, FindingQuery, FindingStatus};
use time::OffsetDateTime;

use crate::address::findings_href;
use crate::part::{count, counted, day, percent};

/// The tiles.
#[component]
pub fn Tiles(
    /// The latest counts.
    latest: TrendPoint,
    /// What they are compared with.
    compared: Option<TrendPoint>,
    /// What happened in between; `None` where it is not counted.
    changes: Option<ChangeCounts>,
    /// The connection's slug.
    connection: String,
    /// The moment in the past that all is as of.
    as_of: Option<OffsetDateTime>,
) -> impl IntoView {
    let compared = compared.filter(|compared| compared.at < latest.at);
    let list = |status, severities: &[Severity]| {
        findings_href(&FindingQuery {
            connection: Some(connection.clone()),
            status,
            severities: severities.to_vec(),
            as_of,
            ..FindingQuery::default()
        })
    };
    let change = |of: &dyn Fn(&TrendPoint) -> u32| {
        compared.as_ref().map(|compared| difference(of(compared), of(&latest), compared))
    };
    let (critical, high) = (of(&latest, Severity::Critical).open, of(&latest, Severity::High).open);
    let worst =
        |point: &TrendPoint| of(point, Severity::Critical).open + of(point, Severity::High).open;
    let fixed_since = compared.as_ref().map_or_else(
        || "a comparison needs two scans".to_owned(),
        |compared| format!("since {}", day(compared.at)),
    );
    let checks = latest.checks;
    let was_excepted = compared.as_ref().is_some_and(|compared| excepted(compared) > 0);
    let excepted_tile = (was_excepted || excepted(&latest) > 0).then(|| {
        view! {
            <Tile
                name="Excepted"
                number=count(excepted(&latest))
                rows=excepted(&latest)
                to=list(FindingStatus::Excepted, &[])
                detail="fail and are accepted, not counted as open".to_owned()
                change=change(&excepted)
            />
        }
    });
    view! {
        <ul class="tiles" aria-label="Numbers">
            <Tile
                name="Critical and high"
                number=count(worst(&latest))
                rows=worst(&latest)
                to=list(FindingStatus::Open, &[Severity::Critical, Severity::High])
                detail=format!("{} critical · {} high", count(critical), count(high))
                change=change(&worst)
            />
            <Tile
                name="All open findings"
                number=count(open(&latest))
                rows=open(&latest)
                to=list(FindingStatus::Open, &[])
                detail=not_rechecked(&latest)
                change=change(&open)
            />
            {excepted_tile}
            <Tile
                name="Unknown"
                number=count(unknown(&latest))
                rows=unknown(&latest)
                to=list(FindingStatus::Unknown, &[])
                detail="could not be judged, not counted as open".to_owned()
                change=change(&unknown)
            />
            <li class="tile">
                <h2 class="tile-name"><a href="#coverage">"Answered checks"</a></h2>
                <p class="tile-number">{percent(checks.answered(), checks.planned()).unwrap_or_else(|| "none".into())}</p>
                <p class="tile-detail">
                    {format!("{} of {} checks", count(checks.answered()), count(checks.planned()))}
                </p>
            </li>
            {changes.map(|changes| view! {
                <li class="tile">
                    <h2 class="tile-name"><a href=list(FindingStatus::Resolved, &[])>"Fixed"</a></h2>
                    <p class="tile-number">{count(changes.fixed)}</p>
                    <p class="tile-detail">{fixed_since}</p>
                </li>
            })}
        </ul>
    }
    .into_any()
}

/// A tile whose number counts rows of the findings list.
#[component]
fn Tile(
    name: &'static str,
    number: String,
    rows: u32,
    to: String,
    detail: String,
    change: Option<String>,
) -> impl IntoView {
    let change = change.map(|text| view! { <p class="tile-change">{text}</p> });
    view! {
        <li class="tile">
            <h2 class="tile-name"><a href=to data-rows=rows.to_string()>{name}</a></h2>
            <p class="tile-number">{number}</p>
            <p class="tile-detail">{detail}</p>
            {change}
        </li>
    }
    .into_any()
}

/// Open findings of all severities.
pub fn open(point: &TrendPoint) -> u32 {
    point.severities.iter().map(|counts| counts.open).sum()
}

/// Findings that fail and are accepted.
pub fn excepted(point: &TrendPoint) -> u32 {
    point.severities.iter().map(|counts| counts.excepted).sum()
}

fn unknown(point: &TrendPoint) -> u32 {
    point.severities.iter().map(|counts| counts.unknown).sum()
}

fn of(point: &TrendPoint, severity: Severity) -> SeverityCounts {
    let found = point.severities.iter().copied().find(|counts| counts.severity == severity);
    found.unwrap_or_else(|| SeverityCounts::none(severity))
}

fn not_rechecked(point: &TrendPoint) -> String {
    let number: u32 = point.severities.iter().map(|counts| counts.not_rechecked).sum();
    match number {
        0 => "all re-checked by the latest scan".to_owned(),
        _ => format!("{} could not be re-checked", count(number)),
    }
}

/// A change in words, such as `18 fewer than on 12 Feb 2026`.
fn difference(before: u32, now: u32, compared: &TrendPoint) -> String {
    let size = now.abs_diff(before);
    let on = day(compared.at);
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => format!("as many as on {on}"),
        std::cmp::Ordering::Less => format!("{} than on {on}", counted(size, "fewer", "fewer")),
        std::cmp::Ordering::Greater => format!("{} than on {on}", counted(size, "more", "more")),
    }
}
