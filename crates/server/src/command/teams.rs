//! `postern teams`.

use anyhow::Context as _;
use postern_domain::moment;
use postern_service::team::{preview_routing, routing, set_routing, show_teams};
use postern_service::view::{OwnedView, RoutingPreview, TeamView};
use serde_json::{Value, json};

use super::json_file::read;
use super::table::Table;
use crate::cli::{
    ListTeamsArguments, PreviewRoutingArguments, SetRoutingArguments, ShowRoutingArguments,
    TeamsArguments, TeamsCommand,
};
use crate::{Environment, database, output};

/// What tables call the owner of what is nobody's.
const NOBODY: &str = "(nobody)";

/// What is wrong with a file that holds no routing.
const NO_ROUTING: &str = "does not say which teams there are";

pub(super) async fn run(
    arguments: TeamsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        TeamsCommand::List(arguments) => list(arguments, environment).await,
        TeamsCommand::Routing(arguments) => show(arguments, environment).await,
        TeamsCommand::Preview(arguments) => preview(arguments, environment).await,
        TeamsCommand::Set(arguments) => set(arguments, environment).await,
    }
}

async fn list(arguments: ListTeamsArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let slug = arguments.connection.as_deref();
    let shown = show_teams(&database.postern, slug, arguments.as_of).await;
    database.close().await?;
    let owned = shown?.with_context(|| match slug {
        Some(slug) => format!("there is no connection \"{slug}\""),
        None => "there is no connection yet".to_owned(),
    })?;
    if arguments.json {
        return output::print_json(&owned.iter().map(owned_json).collect());
    }
    if owned.is_empty() {
        return output::print(
            "There are no teams yet; say which there are with `postern teams set`.\n",
        );
    }
    let mut table = Table::new(["Team", "Name", "Critical", "High", "Medium", "Low", "Unknown"]);
    for one in &owned {
        let [critical, high, medium, low] = one.open.map(|number| number.to_string());
        table.row([
            team_id(one.team.as_ref()),
            one.team.as_ref().map(|team| team.name.clone()).unwrap_or_default(),
            critical,
            high,
            medium,
            low,
            one.unknown.to_string(),
        ]);
    }
    output::print(&format!("Open findings by severity:\n\n{}", table.text(&[2, 3, 4, 5, 6])))
}

fn team_id(team: Option<&TeamView>) -> String {
    team.map_or_else(|| NOBODY.to_owned(), |team| team.id.to_string())
}

fn owned_json(one: &OwnedView) -> Value {
    let [critical, high, medium, low] = one.open;
    json!({
        "team": one.team.as_ref().map(|team| &team.id),
        "name": one.team.as_ref().map(|team| &team.name),
        "open": {"critical": critical, "high": high, "medium": medium, "low": low},
        "unknown": one.unknown,
    })
}

async fn show(arguments: ShowRoutingArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let found = routing(&database.postern).await;
    database.close().await?;
    let (routing, change) = found?;
    if let Some((at, reason)) = change {
        eprintln!("Said on {}: {reason}", moment::text(at));
    }
    output::print_json(&serde_json::to_value(routing)?)
}

async fn preview(
    arguments: PreviewRoutingArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let routing = read(&arguments.file, NO_ROUTING)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let preview = preview_routing(&database.postern, &routing).await;
    database.close().await?;
    let preview = preview?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(preview)?);
    }
    output::print(&preview_text(&preview))
}

fn preview_text(preview: &RoutingPreview) -> String {
    let mut table = Table::new(["Rule", "Scope", "Team", "Assets", "Change hands", "Such as"]);
    for (place, catch) in preview.catches.iter().enumerate() {
        table.row([
            catch.rule.as_ref().map_or_else(|| "-".to_owned(), |_| (place + 1).to_string()),
            catch
                .rule
                .as_ref()
                .map_or_else(|| "what no rule catches".to_owned(), |rule| rule.scope.to_string()),
            team_id(catch.team.as_ref()),
            catch.assets.to_string(),
            catch.moved.to_string(),
            catch.examples.first().cloned().unwrap_or_default(),
        ]);
    }
    let undecided = match preview.undecided {
        0 => String::new(),
        1 => "1 asset, or what is above it, could not be read: it stays whose it is.\n".to_owned(),
        many => {
            format!(
                "{many} assets, or what is above them, could not be read: they stay whose they are.\n"
            )
        }
    };
    let moved = match preview.moved {
        0 => "Nothing changes hands.\n".to_owned(),
        1 => "1 asset changes hands.\n".to_owned(),
        moved => format!("{moved} assets change hands.\n"),
    };
    format!("{}\n{moved}{undecided}", table.text(&[3, 4]))
}

async fn set(arguments: SetRoutingArguments, environment: &Environment) -> anyhow::Result<()> {
    anyhow::ensure!(
        !arguments.reason.trim().is_empty(),
        "--reason is empty; say why, for whoever reads the history"
    );
    let routing = read(&arguments.file, NO_ROUTING)?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = async {
        let preview = preview_routing(&database.postern, &routing).await?;
        set_routing(&database.postern, &routing, &arguments.reason).await?;
        anyhow::Ok(preview)
    };
    let done = done.await;
    database.close().await?;
    let text = preview_text(&done?);
    output::print(&format!("{text}This holds from each connection's next evaluation on.\n"))
}
