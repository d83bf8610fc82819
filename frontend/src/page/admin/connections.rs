//! Connections: what is scanned, when, and how Azure is signed in to.

mod form;

pub use form::{EnteredSchedule, ScheduleFormPage, SchedulePreviewPage, field};

use leptos::prelude::*;
use postern_service::connection::{ConnectionKind, ConnectionStateView};
use postern_service::view::{ConnectionView, ScheduleView};

use crate::address::{SCHEDULE, connection_href, href};
use crate::installation::AzureFact;
use crate::page::scans::{pause_or_resume, schedule_lead, state_badge};
use crate::part::{Moment, Notice, NoticeKind};

/// A connection, with how this process reaches Azure by it; `None` of one that is fed with files, and to those whom that
/// is not for.
pub type Reached = (ConnectionStateView, Option<Result<Vec<AzureFact>, String>>);

/// The connections.
#[component]
pub fn ConnectionsPage(
    /// What whoever asks may do with them.
    may: (bool, bool),
    /// The connections.
    connections: Vec<Reached>,
    /// The one whose schedule was just changed.
    changed: Option<String>,
) -> impl IntoView {
    let notice = changed.map(|name| {
        let sentence = format!("The schedule of {name} is changed.");
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let nothing = connections.is_empty().then(|| {
        view! { <p class="empty">"There is no connection yet. A process makes one when it starts with its settings, or an import does."</p> }
    });
    let sections: Vec<_> = connections.into_iter().map(|reached| section(reached, may)).collect();
    view! {
        <div class="page-head"><h1>"Connections"</h1></div>
        {notice}
        {nothing}
        {sections}
        <section class="panel" aria-labelledby="commands-heading">
            <h2 id="commands-heading">"Adding and removing"</h2>
            <p class="prose">"A connection is made, or brought up to date, by the process that starts with its settings; of a secret, only the place is stored. The help names every way to sign in:"</p>
            <pre class="code" tabindex="0" aria-label="Command that adds a tenant">"postern serve --azure-credential managed-identity --azure-connection production --azure-name Production"</pre>
            <p>"Files are imported, again and again, into a connection of their own:"</p>
            <pre class="code" tabindex="0" aria-label="Command that imports files">"postern import PATH"</pre>
            <p>"A connection is removed by its word in addresses; its history stays in the database:"</p>
            <pre class="code" tabindex="0" aria-label="Command that removes one">"postern connections remove production"</pre>
            <p>"What a connection may read, and what it lacks, is found out by:"</p>
            <pre class="code" tabindex="0" aria-label="Command that checks one">"postern doctor"</pre>
        </section>
    }
    .into_any()
}

fn section((state, azure): Reached, (may_run, may_change): (bool, bool)) -> AnyView {
    let connection = &state.connection;
    let is_scanned = connection.kind == ConnectionKind::Azure;
    let view = ConnectionView {
        slug: connection.slug.clone(),
        name: connection.name.clone(),
        can_scan: is_scanned,
    };
    let heading = format!("connection-{}", connection.slug);
    let scans = connection_href("/scans", Some(&connection.slug), None);
    let kind = if is_scanned { "Scanned in Azure" } else { "Fed with files" };
    let last = match &state.last {
        None => "no scan yet".into_any(),
        Some(scan) => {
            let at = scan.finished_at.or(scan.started_at).unwrap_or(scan.queued_at);
            let badge = state_badge(scan.state, scan.result.as_ref());
            view! { <span class="id">{scan.id.to_string()}</span> " " {badge} " " <Moment at=at /> }
                .into_any()
        }
    };
    let read_at = match state.read_at {
        None => "never".into_any(),
        Some(at) => view! { <Moment at=at /> }.into_any(),
    };
    let azure = match azure {
        None if is_scanned => Some(
            view! { <div><dt>"Signs in with"</dt><dd>"Auditors, engineers and administrators see that."</dd></div> }
                .into_any(),
        ),
        azure => azure.map(reached),
    };
    let pause = pause_or_resume(&view, state.schedule.as_ref()).filter(|_| may_run);
    let change = (is_scanned && may_change).then(|| {
        let address = href(SCHEDULE, &[("connection", &connection.slug)]);
        let label = format!("Change schedule of {}", connection.name);
        view! { <a class="button" href=address aria-label=label>"Change schedule"</a> }
    });
    view! {
        <section class="panel" aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{connection.name.clone()}</h2>
            <p>{schedule_lead(&view, state.schedule.as_ref())}</p>
            {state.schedule.as_ref().map(next)}
            <dl class="pairs answers">
                <div><dt>"In addresses"</dt><dd><span class="id">{connection.slug.clone()}</span></dd></div>
                <div><dt>"Kind"</dt><dd>{kind}</dd></div>
                <div><dt>"Last scan"</dt><dd>{last}</dd></div>
                <div><dt>"Last read to the end"</dt><dd>{read_at}</dd></div>
                {azure}
            </dl>
            <div class="form-actions">{change} {pause} <a href=scans>"Open scans"</a></div>
        </section>
    }
    .into_any()
}

fn reached(azure: Result<Vec<AzureFact>, String>) -> AnyView {
    match azure {
        Ok(facts) => facts
            .into_iter()
            .map(|fact| view! { <div><dt>{fact.name}</dt><dd class="name">{fact.value}</dd></div> })
            .collect_view()
            .into_any(),
        Err(why) => {
            view! { <div><dt>"Signs in with"</dt><dd>{format!("not known to this process: {why}")}</dd></div> }
                .into_any()
        }
    }
}

/// The next scans of a schedule, or why there are none.
fn next(schedule: &ScheduleView) -> AnyView {
    if let Some(paused) = &schedule.paused {
        let by = format!(" by {}. Nothing is scanned but what somebody asks for.", paused.by);
        return view! { <p>"It has been paused since " <Moment at=paused.at /> {by}</p> }
            .into_any();
    }
    if let Some(problem) = &schedule.problem {
        let sentence = format!("The schedule is not followed: {problem}.");
        return view! { <Notice kind=NoticeKind::Failure><p>{sentence}</p></Notice> }.into_any();
    }
    let items: Vec<_> = schedule
        .next
        .iter()
        .map(|next| {
            let local = next.local.clone();
            let local =
                local.map(|local| view! { <span class="below">{format!("{local} there")}</span> });
            view! { <li><Moment at=next.at /> {local}</li> }
        })
        .collect();
    view! {
        <div class="next-scans">
            <h3>"Next scans"</h3>
            <ol aria-label="Next scans">{items}</ol>
        </div>
    }
    .into_any()
}
