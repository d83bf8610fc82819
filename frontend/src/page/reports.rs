//! Reports: all that was known at a moment, as files, with what will be in them.

use leptos::prelude::*;
use postern_domain::moment;
use postern_domain::trend::TrendPoint;
use postern_service::report::ReportFormat;
use postern_service::view::OverviewView;
use time::{OffsetDateTime, UtcOffset};

use crate::address::{AS_OF, href};
use crate::page::overview::{excepted, open};
use crate::part::{Moment, count, counted};

/// The address of the page.
pub const REPORTS: &str = "/reports";

/// What a report of a moment holds, and the files of it.
#[component]
pub fn ReportsPage(
    /// What was known at the moment.
    view: OverviewView,
) -> impl IntoView {
    let slug = view.connections.selected.slug.clone();
    let at = view.as_of.map(|as_of| as_of.moment);
    let chosen = chooser(&slug, at);
    let content = match view.latest.clone() {
        None => view! { <p class="empty">"Nothing was judged yet, so there is nothing to report. A first scan changes that."</p> }.into_any(),
        Some(latest) => content(&view, &latest, &slug, at),
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Reports"</h1>
                <p class="lead">
                    "All that was known at a moment, as files to hand over. A report of the same moment has the same bytes, whenever it is made."
                </p>
            </div>
        </div>
        <section class="panel" aria-labelledby="moment-heading">
            <h2 id="moment-heading">"Of which moment"</h2>
            {chosen}
        </section>
        {content}
    }
    .into_any()
}

/// A form that asks for the page as of the end of a day.
fn chooser(slug: &str, at: Option<OffsetDateTime>) -> AnyView {
    let date = at.map(|at| at.to_offset(UtcOffset::UTC).date().to_string());
    let now = at.map(|_| {
        view! { <a href=href(REPORTS, &[("connection", slug)])>"Of now"</a> }
    });
    view! {
        <form method="get" action=REPORTS class="tools">
            <input type="hidden" name="connection" value=slug.to_owned() />
            <label>"End of the day (UTC) " <input type="date" name=AS_OF value=date required="" /></label>
            <button class="button" type="submit">"Show what is in it"</button>
            {now}
        </form>
    }
    .into_any()
}

fn content(
    view: &OverviewView,
    latest: &TrendPoint,
    slug: &str,
    at: Option<OffsetDateTime>,
) -> AnyView {
    let moment = at.map(moment::short);
    let file = |name: &str| {
        let pairs = [("connection", slug)].into_iter();
        let pairs: Vec<_> = pairs.chain(moment.as_deref().map(|at| (AS_OF, at))).collect();
        href(&format!("{REPORTS}/{name}"), &pairs)
    };
    let files = ReportFormat::ALL.iter().enumerate().map(|(place, format)| {
        let class = if place == 0 { "button primary" } else { "button" };
        view! {
            <li>
                <a class=class href=file(&format!("findings.{}", format.ending()))>
                    {format!("Report as {}", format.label())}
                </a>
                {format!(" {}.", format.purpose())}
            </li>
        }
    });
    let files = files.collect_view();
    let of = |severity: usize| latest.severities.get(severity).map_or(0, |counts| counts.open);
    let by_severity = format!(
        "{} critical, {} high, {} medium, {} low",
        count(of(0)),
        count(of(1)),
        count(of(2)),
        count(of(3)),
    );
    let unknown: u32 = latest.severities.iter().map(|counts| counts.unknown).sum();
    let checks = latest.checks;
    let answered = format!(
        "{} of {} checks answered, {} of {} assets read",
        count(checks.answered()),
        count(checks.planned()),
        count(latest.assets.saturating_sub(latest.assets_unread)),
        count(latest.assets),
    );
    let gaps = counted(u64::try_from(view.gaps.len()).unwrap_or_default(), "gap", "gaps");
    let scan = match (view.as_of, &view.latest_scan) {
        (Some(as_of), _) => format!("Scan {}, ", as_of.scan),
        (None, Some(scan)) => format!("Scan {}, ", scan.id),
        (None, None) => String::new(),
    };
    let read_at = view.read_at.unwrap_or(latest.at);
    let pair = |name: &'static str, value: AnyView| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    };
    view! {
        <section class="panel" aria-labelledby="content-heading">
            <h2 id="content-heading">"What is in it"</h2>
            <dl class="pairs">
                {pair("Read", view! { {scan}<Moment at=read_at /> }.into_any())}
                {pair("Open findings", format!("{} ({by_severity})", count(open(latest))).into_any())}
                {pair("Excepted", count(excepted(latest)).into_any())}
                {pair("Unknown", count(unknown).into_any())}
                {pair("Coverage", format!("{answered}, {gaps}").into_any())}
                {pair("Exceptions", "Each with its request, its decision and its end".into_any())}
            </dl>
            <ul class="plain files">
                {files}
            </ul>
        </section>
    }
    .into_any()
}
