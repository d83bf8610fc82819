//! `postern trend`.

use anyhow::Context as _;
use postern_domain::moment;
use postern_service::trend::show_trend;
use postern_service::view::{TrendOf, TrendSelection, TrendView};

use super::table::Table;
use crate::cli::TrendArguments;
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: TrendArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let TrendArguments { owner, subscription, topic, rule, control, .. } = arguments;
    let of = match (owner, subscription) {
        (Some(owner), _) => TrendOf::Owner(owner.0),
        (None, Some(id)) => TrendOf::Subscription(id.to_lowercase()),
        (None, None) => TrendOf::All,
    };
    let selection = TrendSelection { of, topic, rule, control };
    let database = database::open(&arguments.database, &environment.clock).await?;
    let slug = arguments.connection.as_deref();
    let shown = show_trend(&database.postern, slug, &selection, None, arguments.as_of).await;
    database.close().await?;
    let view = shown?.with_context(|| match slug {
        Some(slug) => format!("there is no connection \"{slug}\""),
        None => "there is no connection yet".to_owned(),
    })?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(&view.points)?);
    }
    output::print(&as_text(&view))
}

fn as_text(view: &TrendView) -> String {
    if view.points.is_empty() {
        return "There is no evaluation yet.\n".to_owned();
    }
    let mut table =
        Table::new(["Scan finished", "Critical", "High", "Medium", "Low", "Unknown", "Answered"]);
    for point in &view.points {
        let [critical, high, medium, low] =
            point.severities.each_ref().map(|counts| counts.open.to_string());
        let unknown: u32 = point.severities.iter().map(|counts| counts.unknown).sum();
        let answered = format!("{} of {}", point.checks.answered(), point.checks.planned());
        let at = moment::text(point.at);
        table.row([at, critical, high, medium, low, unknown.to_string(), answered]);
    }
    let rules = match view.rules_counted {
        1 => "1 rule is counted.".to_owned(),
        rules => format!("{rules} rules are counted."),
    };
    format!("{}\n{rules}\n", table.text(&[1, 2, 3, 4, 5, 6]))
}
