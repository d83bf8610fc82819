//! The arguments of `postern notifications`, and of what sends them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postern_domain::id::{DeliveryId, PersonId};
use postern_domain::notification::delivery::Frequency;

use super::DatabaseArguments;

#[derive(Args, Clone, Debug)]
pub(crate) struct NotifyArguments {
    /// Send notifications, as this JSON file says; see `postern notifications --help`.
    #[arg(long, env = "POSTERN_NOTIFY", value_name = "FILE")]
    pub notify: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
People are told of exceptions that concern them: when one is filed, changed, approved, rejected, withdrawn, revoked or
superseded, when findings are worse than they were accepted, and 30, 7 and 1 days before one ends.
`serve` and `worker` send what they are told by --notify FILE:
  {
    \"public_url\": \"https://postern.contoso.example\",
    \"mail\": {
      \"host\": \"smtp.contoso.example\",
      \"from\": \"Postern <postern@contoso.example>\",
      \"user\": \"postern\",
      \"password\": {\"environment\": \"POSTERN_MAIL_PASSWORD\"},
      \"approvers\": \"risk@contoso.example\"
    },
    \"webhooks\": [
      {\"name\": \"siem\", \"url\": \"https://siem.contoso.example/postern\", \"shape\": \"json\",
       \"secret\": {\"environment\": \"POSTERN_SIEM_SECRET\"}},
      {\"name\": \"nlp\", \"url_from\": {\"environment\": \"NLP_CHANNEL\"}, \"shape\": \"slack\",
       \"teams\": [\"nlp-platform\"], \"events\": [\"filed\", \"void\", \"ends\"]}
    ]
  }
Mail: \"tls\" is \"starttls\" (port 587), \"tls\" (465) or, on this machine only, \"none\" (25); \"port\" is another port.
Webhooks: \"shape\" is json, teams or slack; without \"teams\" and \"events\" they get everything.
Events: filed, changed, agreed, approved, rejected, withdrawn, revoked, superseded, void, ends.

A webhook's message has the header Idempotency-Key, the same whenever it is sent again, and with a secret
X-Postern-Signature: t=UNIX_TIME,v1=HEX, the HMAC-SHA256 of the time, a dot and the body.
What cannot be delivered is tried 8 times within a day, and then waits for `retry`.

Examples:
  postern notifications list --failed
  postern notifications retry D-31
  postern notifications prefer P-7 daily")]
pub(crate) struct NotificationsArguments {
    #[command(subcommand)]
    pub command: NotificationsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NotificationsCommand {
    /// List the messages, how each stands and why it failed; the youngest first, at most a thousand.
    List(ListNotificationsArguments),
    /// Have a message that failed tried again at once.
    Retry(RetryNotificationArguments),
    /// Say how often somebody gets mail.
    Prefer(PreferArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListNotificationsArguments {
    /// Only those that failed: tried again later, or not any more.
    #[arg(long)]
    pub failed: bool,
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct RetryNotificationArguments {
    /// The message's number, as the list says it.
    #[arg(value_name = "MESSAGE")]
    pub message: DeliveryId,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct PreferArguments {
    /// The person's number, as `postern people list` says it.
    #[arg(value_name = "PERSON")]
    pub person: PersonId,
    /// each (a mail for each event, the default), daily (one mail a day, at 6:00 UTC) or none.
    #[arg(value_name = "HOW_OFTEN")]
    pub frequency: Frequency,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
