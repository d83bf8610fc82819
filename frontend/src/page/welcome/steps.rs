//! What each of the first steps says, from what was found.

use postern_domain::notification::audience::{Channels, MailChannel};
use postern_service::administration::AttentionView;
use postern_service::view::{OverviewView, ResourceQuery, ResourcesView};

use super::{Step, StepState};
use crate::address::{CONNECTIONS, NOTIFICATIONS, PEOPLE, TEAMS, connection_href, resources_href};
use crate::page::scans::scan_href;
use crate::part::{count, counted, day_and_time};

/// The commands of the first step.
const COMMANDS: [(&str, &str); 3] = [
    ("Scan a tenant, signed in as the Azure CLI is:", "postern serve --azure-credential azure-cli"),
    ("Or look at a folder of ARM JSON that you already have:", "postern import PATH"),
    ("Or look around in a made-up organisation:", "postern demo"),
];

/// What was found.
#[derive(Clone, Debug)]
pub struct Known {
    /// The connection that is shown by default; `None` where there is none.
    pub overview: Option<OverviewView>,
    /// Its resources that are nobody's.
    pub resources: Option<ResourcesView>,
    /// What needs attention.
    pub attention: AttentionView,
    /// Connections that are scanned.
    pub scanned: usize,
    /// How many of them have a schedule that is followed.
    pub scheduled: usize,
    /// Whether people sign in.
    pub signs_in: bool,
    /// Where messages go; `None` where none are sent.
    pub channels: Option<Channels>,
}

/// The steps in their order.
pub fn steps(known: &Known) -> Vec<Step> {
    vec![
        connect(known),
        read_once(known),
        read_all(known),
        owners(known),
        approvers(known),
        schedule(known),
        messages(known),
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

fn approvers(known: &Known) -> Step {
    let name = "Two people who decide on exceptions";
    if !known.signs_in {
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

fn messages(known: &Known) -> Step {
    let name = "Let messages reach people";
    let channels = known.channels.as_ref();
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

#[cfg(test)]
mod tests {
    use postern_service::administration::AdministratorsView;

    use super::*;

    fn nothing() -> Known {
        Known {
            overview: None,
            resources: None,
            attention: AttentionView::default(),
            scanned: 0,
            scheduled: 0,
            signs_in: false,
            channels: None,
        }
    }

    fn states(known: &Known) -> Vec<StepState> {
        steps(known).into_iter().map(|step| step.state).collect()
    }

    #[test]
    fn where_there_is_nothing_a_first_step_can_be_taken_and_none_is_done() {
        use StepState::{Later, ToDo};
        let expected = [ToDo, Later, Later, Later, ToDo, Later, ToDo];
        assert_eq!(states(&nothing()), expected);
        assert_eq!(steps(&nothing())[0].commands.len(), 3, "there are three ways to begin");
    }

    #[test]
    fn two_approvers_are_needed_and_administrators_alone_see_how_many_there_are() {
        let with = |approvers: Option<u64>| {
            let mut known = Known { signs_in: true, ..nothing() };
            known.attention.of_administrators = approvers.map(|approvers| AdministratorsView {
                failed_deliveries: 0,
                ending_tokens: Vec::new(),
                approvers: Some(approvers),
            });
            states(&known)[4]
        };
        assert_eq!(with(None), StepState::NotSeen);
        assert_eq!(with(Some(1)), StepState::ToDo);
        assert_eq!(with(Some(2)), StepState::Done);
    }

    #[test]
    fn a_schedule_for_some_connections_is_not_one_for_all() {
        let with = |scheduled| states(&Known { scanned: 2, scheduled, ..nothing() })[5];
        assert_eq!(with(1), StepState::ToDo);
        assert_eq!(with(2), StepState::Done);
    }
}
