//! The first steps, from what is there.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::notification::audience::MailChannel;
use postern_domain::person::Permission;
use postern_service::administration::{AttentionView, show_attention};
use postern_service::connection::{ConnectionKind, show_connections};
use postern_service::overview::show_overview;
use postern_service::resource::list_resources;
use postern_service::view::{OverviewView, ResourceQuery, ResourcesView, ScheduleView};

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of};
use crate::address::{CONNECTIONS, NOTIFICATIONS, PEOPLE, TEAMS, connection_href, resources_href};
use crate::frame::Place;
use crate::page::scans::scan_href;
use crate::page::welcome::{Step, StepState, WELCOME, WelcomePage};
use crate::part::{count, counted, day_and_time};

/// The commands of the first step.
const COMMANDS: [(&str, &str); 3] = [
    ("Scan a tenant, signed in as the Azure CLI is:", "postern serve --azure-credential azure-cli"),
    ("Or look at a folder of ARM JSON that you already have:", "postern import PATH"),
    ("Or look around in a made-up organisation:", "postern demo"),
];

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(WELCOME, get_welcome)
}

/// What is known of the connection that is shown by default.
struct Known {
    overview: Option<OverviewView>,
    resources: Option<ResourcesView>,
    attention: AttentionView,
    /// Connections that are scanned, and how many of them have a schedule that is not paused.
    scanned: usize,
    scheduled: usize,
}

async fn get_welcome(site: Visit) -> Response {
    if let Err(denied) = site.postern.actor().require(Permission::ReadEverything) {
        return site.denied(denied);
    }
    let address = address_of(WELCOME, None);
    let overview = match show_overview(&site.postern, None, None).await {
        Err(error) => return site.unread(&error, &address),
        Ok(overview) => overview,
    };
    let of_nobody = ResourceQuery { owners: vec![None], limit: 1, ..ResourceQuery::default() };
    let resources = match list_resources(&site.postern, of_nobody).await {
        Err(error) => return site.unread(&error, &address),
        Ok(resources) => resources,
    };
    let attention = match show_attention(&site.postern, site.installation.grants.as_ref()).await {
        Err(error) => return site.not_done(&error),
        Ok(attention) => attention,
    };
    let connections = match show_connections(&site.postern).await {
        Err(error) => return site.not_done(&error),
        Ok(view) => view.connections,
    };
    let scanned = connections.iter().filter(|it| it.connection.kind == ConnectionKind::Azure);
    let scanned: Vec<_> = scanned.collect();
    let follows = |schedule: &ScheduleView| schedule.paused.is_none() && schedule.problem.is_none();
    let known = Known {
        overview,
        resources,
        attention,
        scheduled: scanned.iter().filter(|it| it.schedule.as_ref().is_some_and(follows)).count(),
        scanned: scanned.len(),
    };
    let steps = steps(&site, &known);
    let page = Page::alone("First steps".to_owned(), Place::Elsewhere);
    site.page(StatusCode::OK, page, || view! { <WelcomePage steps=steps /> }.into_any())
}

fn steps(site: &Visit, known: &Known) -> Vec<Step> {
    vec![
        connect(known),
        read_once(known),
        read_all(known),
        owners(known),
        approvers(site, known),
        schedule(known),
        messages(site),
    ]
}

fn step(name: &'static str, state: StepState, said: impl Into<String>) -> Step {
    Step { name, state, said: said.into(), link: None, commands: Vec::new() }
}

/// A step that cannot be taken yet.
fn later(name: &'static str) -> Step {
    step(name, StepState::Later, "This follows once something was read.")
}

impl Step {
    fn to(self, address: String, said: &'static str) -> Self {
        Self { link: Some((address, said)), ..self }
    }
}

fn connect(known: &Known) -> Step {
    let name = "Connect Azure, or bring files";
    let Some(overview) = &known.overview else {
        let said = "There is no connection yet. Postern reads, and never writes to Azure.";
        return Step { commands: COMMANDS.to_vec(), ..step(name, StepState::ToDo, said) };
    };
    let all = overview.connections.all.len();
    let connections = counted(u64::try_from(all).unwrap_or_default(), "connection", "connections");
    let said = match known.scanned {
        0 => format!("Postern has {connections}, fed with files."),
        scanned if scanned == all => format!("Postern has {connections} to Azure."),
        scanned => format!("Postern has {connections}, {scanned} of them to Azure."),
    };
    step(name, StepState::Done, said).to(CONNECTIONS.to_owned(), "Open connections")
}

fn read_once(known: &Known) -> Step {
    let name = "Read it once, to the end";
    let Some(overview) = &known.overview else { return later(name) };
    let selected = &overview.connections.selected;
    let scans = connection_href("/scans", Some(&selected.slug), None);
    let Some(at) = overview.read_at else {
        let said = format!("{} was never read to the end.", selected.name);
        return step(name, StepState::ToDo, said).to(scans, "Scan it, or see why it failed");
    };
    let said = format!("{} was last read {}.", selected.name, day_and_time(at));
    step(name, StepState::Done, said).to(scans, "Open scans")
}

fn read_all(known: &Known) -> Step {
    let name = "Let it read everything";
    let read = known.overview.as_ref().and_then(|it| Some((it, it.latest.as_ref()?)));
    let Some((overview, latest)) = read else { return later(name) };
    let (answered, planned) = (latest.checks.answered(), latest.checks.planned());
    let answered = format!("{} of {} checks have an answer", count(answered), count(planned));
    if overview.gaps.is_empty() {
        let said = format!("Nothing that was asked for was refused. {answered}.");
        return step(name, StepState::Done, said);
    }
    let gaps = counted(u64::try_from(overview.gaps.len()).unwrap_or_default(), "gap", "gaps");
    let said = format!("{answered}; {gaps} left something unknown.");
    let missing = step(name, StepState::ToDo, said);
    match &overview.latest_scan {
        Some(scan) => missing.to(scan_href(scan.id), "See which permission is missing"),
        None => missing,
    }
}

fn owners(known: &Known) -> Step {
    let name = "Say whose things are";
    let found = known.resources.as_ref().filter(|it| it.all > 0);
    let Some(found) = found else { return later(name) };
    let all = counted(found.all, "resource", "resources");
    if found.owner_counts.is_empty() {
        let said = format!("There are no teams yet, so that none of {all} has an owner.");
        return step(name, StepState::ToDo, said).to(TEAMS.to_owned(), "Name teams");
    }
    let without = found.owner_counts.iter().find(|(owner, _)| owner.is_none());
    match without.map_or(0, |(_, count)| *count) {
        0 => step(name, StepState::Done, format!("Each of {all} has an owner.")),
        nobodys => {
            let query = ResourceQuery { owners: vec![None], ..ResourceQuery::default() };
            let said = format!("{} of {all} have no owner.", count(nobodys));
            step(name, StepState::ToDo, said).to(resources_href(&query), "See which")
        }
    }
}

fn approvers(site: &Visit, known: &Known) -> Step {
    let name = "Two people who decide on exceptions";
    if site.installation.grants.is_none() {
        let said = "Nobody signs in, so that nobody can ask for an exception that another one decides on. The help of this command says how people sign in.";
        let commands = vec![("People sign in as a file says:", "postern serve --sign-in FILE")];
        return Step { commands, ..step(name, StepState::ToDo, said) };
    }
    let Some(of_administrators) = &known.attention.of_administrators else {
        return step(name, StepState::NotSeen, "Administrators see who signed in.");
    };
    let approvers = of_administrators.approvers.unwrap_or_default();
    let said = match approvers {
        0 => "No approver signed in within 90 days.".to_owned(),
        1 => "One approver signed in within 90 days; what they ask for, nobody decides on."
            .to_owned(),
        more => format!("{} approvers signed in within 90 days.", count(more)),
    };
    let state = if approvers < 2 { StepState::ToDo } else { StepState::Done };
    step(name, state, said).to(PEOPLE.to_owned(), "Open people")
}

fn schedule(known: &Known) -> Step {
    let name = "Scan on a schedule";
    if known.scanned == 0 {
        let said = "Files are read when somebody imports them. A connection to Azure can be scanned on a schedule.";
        return step(name, StepState::Later, said);
    }
    let scanned = counted(known.scanned as u64, "connection", "connections");
    let said = format!("{} of {scanned} to Azure follow a schedule.", known.scheduled);
    let state = if known.scheduled == known.scanned { StepState::Done } else { StepState::ToDo };
    step(name, state, said).to(CONNECTIONS.to_owned(), "Open connections")
}

fn messages(site: &Visit) -> Step {
    let name = "Let messages reach people";
    let channels = site.installation.channels.as_ref();
    let mail = channels.is_some_and(|it| it.mail != MailChannel::Off);
    let webhooks = channels.map_or(0, |it| it.webhooks.len());
    let said = match (mail, webhooks) {
        (false, 0) => {
            "No mail server and no webhook is set, so that nobody hears of a request or of an end."
                .to_owned()
        }
        (true, 0) => "Mail reaches people.".to_owned(),
        (is_mail, webhooks) => format!(
            "{}{} set.",
            if is_mail { "Mail reaches people, and " } else { "" },
            counted(webhooks as u64, "webhook is", "webhooks are"),
        ),
    };
    let state = if mail || webhooks > 0 { StepState::Done } else { StepState::ToDo };
    step(name, state, said).to(NOTIFICATIONS.to_owned(), "Open notifications")
}
