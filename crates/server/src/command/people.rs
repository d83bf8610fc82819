//! `postern people`.

use postern_domain::moment;
use postern_service::person::{end_sessions, list_people};
use serde_json::json;

use super::table::Table;
use crate::cli::{ListPeopleArguments, PeopleArguments, PeopleCommand, SignOutArguments};
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: PeopleArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        PeopleCommand::List(arguments) => list(arguments, environment).await,
        PeopleCommand::SignOut(arguments) => sign_out(arguments, environment).await,
    }
}

async fn list(arguments: ListPeopleArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let listed = list_people(&database.postern).await;
    database.close().await?;
    let people = listed?;
    if arguments.json {
        let people: Vec<_> = people
            .iter()
            .map(|person| {
                json!({
                    "person": person.id,
                    "name": person.identity.name,
                    "email": person.identity.email,
                    "issuer": person.identity.issuer,
                    "subject": person.identity.subject,
                    "first_seen_at": moment::text(person.first_seen_at),
                    "last_seen_at": moment::text(person.last_seen_at),
                    "sessions": person.sessions,
                })
            })
            .collect();
        return output::print_json(&people.into());
    }
    if people.is_empty() {
        return output::print("Nobody has signed in yet.\n");
    }
    let mut table = Table::new(["Person", "Name", "Mail", "Signed in last", "Sessions"]);
    for person in &people {
        table.row([
            person.id.to_string(),
            person.identity.name.clone(),
            person.identity.email.clone().unwrap_or_else(|| "not said".to_owned()),
            moment::text(person.last_seen_at),
            person.sessions.to_string(),
        ]);
    }
    output::print(&table.text(&[4]))
}

async fn sign_out(arguments: SignOutArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let ended = end_sessions(&database.postern, arguments.person).await;
    database.close().await?;
    let person = arguments.person;
    output::print(&match ended? {
        0 => format!("{person} is signed in nowhere.\n"),
        1 => format!("{person} is signed out of 1 browser.\n"),
        ended => format!("{person} is signed out of {ended} browsers.\n"),
    })
}
