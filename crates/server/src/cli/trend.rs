//! The arguments of `postern trend`.

use clap::Args;
use postern_domain::framework::ControlReference;
use postern_domain::id::RuleId;
use postern_domain::moment;
use postern_domain::team::TeamId;
use postern_domain::verdict::Topic;
use time::OffsetDateTime;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
A line a scan, oldest first: open findings by severity, and those of which nobody could tell. At most the last 400 scans.
What is chosen narrows together; findings are counted by owner or by subscription, not by both.

Examples:
  postern trend --owner nlp
  postern trend --subscription 11111111-1111-4111-8111-111111111111 --topic networking
  postern trend --control mcsb-v2:NS-2 --json")]
pub(crate) struct TrendArguments {
    /// Findings of a team, by its id; `none` for those that are nobody's.
    #[arg(long, value_name = "TEAM", value_parser = owner, conflicts_with = "subscription")]
    pub owner: Option<Owner>,
    /// Findings on the resources of a subscription, by its id.
    #[arg(long, value_name = "ID")]
    pub subscription: Option<String>,
    /// Findings of a topic, such as networking.
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<Topic>,
    /// Findings of a rule, such as NET-01.
    #[arg(long, value_name = "RULE")]
    pub rule: Option<RuleId>,
    /// Findings of the rules that are evidence for a control, as framework:control.
    #[arg(long, value_name = "CONTROL")]
    pub control: Option<ControlReference>,
    /// The connection; without it, the one that the dashboard shows first.
    #[arg(long, value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// Where it ends: a date (its end, in UTC) or a time; without it, now.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub as_of: Option<OffsetDateTime>,
    /// Print the points as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// A team, or nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner(pub Option<TeamId>);

fn owner(text: &str) -> Result<Owner, String> {
    if text == TeamId::NOBODY {
        return Ok(Owner(None));
    }
    text.parse()
        .map(|team| Owner(Some(team)))
        .map_err(|error: postern_domain::id::IdError| error.to_string())
}
