//! `postern notifications`, and sending them beside `serve` and `worker`.

use std::sync::Arc;

use postern_domain::moment;
use postern_domain::notification::delivery::DeliveryState;
use postern_service::Postern;
use postern_service::notification::{
    self, Courier, DeliveryRecord, Listed, list_deliveries, prefer, retry_delivery,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::table::Table;
use crate::cli::{
    ListNotificationsArguments, NotificationsArguments, NotificationsCommand, NotifyArguments,
    PreferArguments, RetryNotificationArguments,
};
use crate::notify::{Messenger, SettingsError};
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: NotificationsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        NotificationsCommand::List(arguments) => list(arguments, environment).await,
        NotificationsCommand::Retry(arguments) => retry(arguments, environment).await,
        NotificationsCommand::Prefer(arguments) => set_preference(arguments, environment).await,
    }
}

/// What sends notifications, where the arguments say so.
pub(super) fn courier(
    arguments: &NotifyArguments,
    environment: &Environment,
) -> Result<Option<Arc<dyn Courier>>, SettingsError> {
    let Some(file) = &arguments.notify else { return Ok(None) };
    let messenger = Messenger::read(file, &environment.variables)?;
    Ok(Some(Arc::new(messenger)))
}

/// Sends notifications until told to end; without a courier at once.
pub(super) async fn send(
    postern: &Postern,
    courier: Option<Arc<dyn Courier>>,
    shutdown: CancellationToken,
) {
    if let Some(courier) = courier {
        // Boxed, because it is large and stands beside a server and a worker.
        Box::pin(notification::run(postern.clone(), courier, shutdown)).await;
    }
}

async fn list(
    arguments: ListNotificationsArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let listed = if arguments.failed { Listed::Failed } else { Listed::All };
    let database = database::open(&arguments.database, &environment.clock).await?;
    let listed = list_deliveries(&database.postern, listed).await;
    database.close().await?;
    let deliveries = listed?;
    if arguments.json {
        let deliveries: Vec<_> = deliveries
            .iter()
            .map(|delivery| {
                json!({
                    "message": delivery.id,
                    "key": delivery.key.as_str(),
                    "to": delivery.target.to_string(),
                    "events": delivery.events,
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "created_at": moment::text(delivery.created_at),
                    "next_at": waits(delivery).then(|| moment::text(delivery.next_at)),
                    "delivered_at": delivery.delivered_at.map(moment::text),
                    "error": delivery.last_error,
                })
            })
            .collect();
        return output::print_json(&deliveries.into());
    }
    if deliveries.is_empty() {
        let which =
            if arguments.failed { "No message failed.\n" } else { "There are no messages.\n" };
        return output::print(which);
    }
    let mut table = Table::new(["Message", "Key", "State", "Attempts", "When", "Why it failed"]);
    for delivery in &deliveries {
        let when = match (delivery.delivered_at, delivery.state) {
            (Some(at), _) => moment::text(at),
            (None, DeliveryState::Pending) => format!("next {}", moment::text(delivery.next_at)),
            (None, _) => "not any more".to_owned(),
        };
        table.row([
            delivery.id.to_string(),
            delivery.key.as_str().to_owned(),
            delivery.state.as_str().to_owned(),
            delivery.attempts.to_string(),
            when,
            delivery.last_error.clone().unwrap_or_default(),
        ]);
    }
    output::print(&table.text(&[3]))
}

fn waits(delivery: &DeliveryRecord) -> bool {
    delivery.state == DeliveryState::Pending
}

async fn retry(
    arguments: RetryNotificationArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let retried = retry_delivery(&database.postern, arguments.message).await;
    database.close().await?;
    let to = retried?;
    output::print(&format!("{} to {to} is tried again at once.\n", arguments.message))
}

async fn set_preference(
    arguments: PreferArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let PreferArguments { person, frequency, database } = arguments;
    let database = database::open(&database, &environment.clock).await?;
    let before = prefer(&database.postern, person, frequency).await;
    database.close().await?;
    let before = before?;
    output::print(&if before == frequency {
        format!("{person} wants mail as before: {frequency}.\n")
    } else {
        format!("{person} wants mail otherwise from now on: {frequency}, until now {before}.\n")
    })
}
