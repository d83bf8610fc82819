//! When a connection is scanned: in a sentence, its next scans, and the pause.

use leptos::prelude::*;
use postern_service::connection::Schedule;
use postern_service::view::{ConnectionView, NextScan, ScheduleView};
use time::Duration;

use crate::part::{Moment, Notice, NoticeKind, length};

/// The sentence below the heading.
pub fn lead(connection: &ConnectionView, schedule: Option<&ScheduleView>) -> AnyView {
    let name = connection.name.clone();
    match (connection.can_scan, schedule) {
        (false, _) => format!("{name} is fed with files; each import is a scan.").into_any(),
        (true, None) => format!("{name} is scanned when somebody asks.").into_any(),
        (true, Some(view)) => match &view.schedule {
            Schedule::Every { seconds: 86_400 } => {
                format!("{name} is scanned once a day.").into_any()
            }
            Schedule::Every { seconds } => {
                let every = length(Duration::seconds(i64::from(*seconds)));
                format!("{name} is scanned every {every}.").into_any()
            }
            Schedule::Cron { expression, time_zone } => {
                let words = view.description.as_deref().map(in_words).unwrap_or_default();
                let zone = format!(" in {time_zone}{words}.");
                view! { {format!("{name} is scanned by the schedule ")} <code>{expression.clone()}</code> {zone} }
                    .into_any()
            }
        },
    }
}

/// `At 02:00, on Monday.` as the end of another sentence.
fn in_words(description: &str) -> String {
    let mut letters = description.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    format!(": {first}{}", letters.as_str())
}

/// The next scans, or why there are none.
pub fn next_scans(schedule: &ScheduleView) -> AnyView {
    if let Some(paused) = &schedule.paused {
        let (at, by) = (paused.at, format!(" by {}", paused.by));
        return view! {
            <Notice kind=NoticeKind::Information>
                <p>
                    "The schedule has been paused since " <Moment at=at /> {by}
                    ": nothing is scanned but what somebody asks for."
                </p>
            </Notice>
        }
        .into_any();
    }
    if let Some(problem) = &schedule.problem {
        let text = format!("The schedule is not followed: {problem}.");
        return view! { <Notice kind=NoticeKind::Failure><p>{text}</p></Notice> }.into_any();
    }
    let items: Vec<_> = schedule.next.iter().map(next_scan).collect();
    view! {
        <div class="next-scans">
            <h2 id="next-heading">"Next scans"</h2>
            <ol aria-labelledby="next-heading">{items}</ol>
        </div>
    }
    .into_any()
}

fn next_scan(next: &NextScan) -> impl IntoView + use<> {
    let local = next
        .local
        .clone()
        .map(|local| view! { <span class="below">{format!("{local} there")}</span> });
    view! { <li><Moment at=next.at /> {local}</li> }
}

/// Pauses the schedule, or lets it go on.
pub fn pause_or_resume(
    connection: &ConnectionView,
    schedule: Option<&ScheduleView>,
) -> Option<AnyView> {
    let schedule = schedule.filter(|_| connection.can_scan)?;
    let (action, word) = match schedule.paused {
        None => ("/scans/pause", "Pause schedule"),
        Some(_) => ("/scans/resume", "Resume schedule"),
    };
    Some(
        view! {
            <form method="post" action=action>
                <input type="hidden" name="connection" value=connection.slug.clone() />
                <button class="button" type="submit">{word}</button>
            </form>
        }
        .into_any(),
    )
}
