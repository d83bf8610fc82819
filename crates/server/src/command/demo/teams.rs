//! The simulated company's teams: its resources have a tag that names one.

use postern_domain::clock::Clock;
use postern_domain::scope::Scope;
use postern_domain::team::{Routing, RoutingRule, Team};
use postern_service::Postern;
use postern_service::team::{routing, set_routing};
use time::{Date, Time};

/// The value of the tag `team`, which is the team's id too, and what people call it.
const TEAMS: [(&str, &str); 6] = [
    ("claims", "Claims"),
    ("contact-centre", "Contact centre"),
    ("data-science", "Data science"),
    ("knowledge", "Knowledge"),
    ("marketing", "Marketing"),
    ("platform", "Platform"),
];

/// Says whose resources are, as of before the first scan; where something was said already, that holds.
pub(super) async fn ensure(postern: &Postern, first_day: Date) -> anyhow::Result<()> {
    if routing(postern).await?.1.is_some() {
        return Ok(());
    }
    let mut said = Routing::default();
    for (id, name) in TEAMS {
        let team = Team { id: id.parse()?, name: name.to_owned() };
        let scope = Scope::Tag(format!("team={id}"));
        said.rules.push(RoutingRule { scope, team: team.id.clone() });
        said.teams.push(team);
    }
    let begin = first_day.with_time(Time::MIDNIGHT).assume_utc();
    let postern = postern.with_clock(Clock::fixed(begin));
    set_routing(&postern, &said, "The resources of Contoso have a tag that names their team.")
        .await?;
    Ok(())
}
