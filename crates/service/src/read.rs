//! What all pages share: which connection is shown, and how rows become views.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::moment;
use postern_domain::person::{Denied, Sight};
use postern_domain::rule::RuleManifest;
use postern_domain::team::{Routing, Team, TeamId};
use postern_domain::verdict::Topic;
use postern_store::read::asset::AssetIdentity;
use postern_store::read::connection::ConnectionSummary;
use postern_store::read::tally::RuleTally;
use postern_store::{PgConnection, StoreError, read, team};
use time::OffsetDateTime;

use crate::Postern;
use crate::view::{AssetView, ConnectionChoice, ConnectionView, TeamView};

/// A page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no connection of this slug.
    #[error("there is no connection \"{0}\"")]
    UnknownConnection(String),
    /// There is a connection, and nothing was evaluated.
    #[error("the connection \"{0}\" has no evaluation yet: scan or import something first")]
    NothingEvaluated(String),
    /// The moment lies before the first evaluation.
    #[error(
        "nothing is known of {}: \"{connection}\" can be shown as of any moment from {} to {}",
        moment::day_and_time(*.asked), moment::day_and_time(*.first), moment::day_and_time(*.latest)
    )]
    TooEarly {
        /// The connection's slug.
        connection: String,
        /// The moment asked for.
        asked: OffsetDateTime,
        /// When the facts of the first evaluation were read.
        first: OffsetDateTime,
        /// When the facts of the latest were.
        latest: OffsetDateTime,
    },
    /// The moment lies before what is kept.
    #[error(
        "what was known on {} was not kept: \"{connection}\" can be shown as of any moment from {} to {}",
        moment::day_and_time(*.asked), moment::day_and_time(*.kept_from), moment::day_and_time(*.latest)
    )]
    NotKept {
        /// The connection's slug.
        connection: String,
        /// The moment asked for.
        asked: OffsetDateTime,
        /// Where what is kept begins.
        kept_from: OffsetDateTime,
        /// When the facts of the latest evaluation were read.
        latest: OffsetDateTime,
    },
    /// The moment is not there yet.
    #[error("{} lies in the future: it is {} now", moment::day_and_time(*.asked), moment::day_and_time(*.now))]
    Future {
        /// The moment asked for.
        asked: OffsetDateTime,
        /// Now.
        now: OffsetDateTime,
    },
    /// A finding's rule is in no pack that the database knows, which cannot be unless somebody changed it by hand.
    #[error("no pack describes the rule {0}")]
    RuleWithoutPack(RuleId),
    /// A finding's asset has no history, which cannot be unless somebody changed it by hand.
    #[error("nothing is recorded of the asset {0}")]
    AssetWithoutHistory(AssetId),
    /// Whoever asks may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database could not be read.
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// The connection that a page shows.
pub(crate) struct Chosen {
    pub(crate) id: ConnectionId,
    pub(crate) is_simulated: bool,
    pub(crate) choice: ConnectionChoice,
}

/// Finds the connection called `slug`; without one, the first made that has an evaluation, else the first made.
///
/// `None` where there is no such connection, or none at all.
pub(crate) async fn choose(
    connection: &mut PgConnection,
    slug: Option<&str>,
) -> Result<Option<Chosen>, ReadError> {
    let all = read::connection::list(connection).await?;
    let selected = match slug {
        Some(slug) => all.iter().find(|summary| summary.slug == slug),
        None => all
            .iter()
            .min_by_key(|summary| (!summary.has_evaluation, summary.created_at, summary.id)),
    };
    Ok(selected.map(|selected| chosen(selected, &all)))
}

fn chosen(selected: &ConnectionSummary, all: &[ConnectionSummary]) -> Chosen {
    Chosen {
        id: selected.id,
        is_simulated: selected.is_simulated,
        choice: ConnectionChoice {
            selected: connection_view(selected),
            all: all.iter().map(connection_view).collect(),
        },
    }
}

/// Chooses the connection that something belongs to; `None` where it was removed.
pub(crate) async fn choose_by_id(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<Chosen>, ReadError> {
    let all = read::connection::list(connection).await?;
    Ok(all.iter().find(|summary| summary.id == id).map(|selected| chosen(selected, &all)))
}

fn connection_view(summary: &ConnectionSummary) -> ConnectionView {
    ConnectionView {
        slug: summary.slug.clone(),
        name: summary.name.clone(),
        can_scan: summary.can_scan,
    }
}

/// What a page needs to name findings and their assets in words.
pub(crate) struct Names {
    pub(crate) rules: RuleTitles,
    pub(crate) subscriptions: SubscriptionNames,
    pub(crate) teams: TeamNames,
}

/// What people call teams, or called them at the moment that is shown.
pub(crate) struct TeamNames(Routing);

impl TeamNames {
    /// Looks up all of them.
    pub(crate) async fn load(
        connection: &mut PgConnection,
        as_of: Option<OffsetDateTime>,
    ) -> Result<Self, ReadError> {
        Ok(Self(team::routing(connection, as_of).await?))
    }

    /// Those of a routing.
    pub(crate) fn of(routing: Routing) -> Self {
        Self(routing)
    }

    /// The teams, in their order.
    pub(crate) fn teams(&self) -> &[Team] {
        &self.0.teams
    }

    /// The teams that somebody's sight ends at; `None` where it does not end.
    pub(crate) fn limits(&self, sight: &Sight) -> Option<Vec<TeamView>> {
        sight.teams().map(|teams| teams.iter().map(|team| self.view(team.clone())).collect())
    }

    /// A team as views name it; one that is not there any more, by its id.
    pub(crate) fn view(&self, id: TeamId) -> TeamView {
        TeamView { name: self.0.name(&id).to_owned(), id }
    }
}

/// The display names of a connection's subscriptions, as of the snapshot that is shown.
pub(crate) struct SubscriptionNames(BTreeMap<String, String>);

impl SubscriptionNames {
    /// Looks up all of them with one query.
    pub(crate) async fn load(
        connection: &mut PgConnection,
        of: ConnectionId,
        as_of: Option<OffsetDateTime>,
    ) -> Result<Self, ReadError> {
        let subscriptions = read::subscription::list_latest(connection, of, as_of).await?;
        // A collector that could not read the name writes the id in its place.
        let named = subscriptions.into_iter().filter(|subscription| {
            !subscription.name.trim().is_empty() && subscription.name != subscription.id
        });
        Ok(Self(named.map(|subscription| (subscription.id, subscription.name)).collect()))
    }

    /// The display name of one.
    pub(crate) fn get(&self, id: &str) -> Option<String> {
        self.0.get(id).cloned()
    }
}

/// An asset as views name it.
pub(crate) fn asset_view(identity: AssetIdentity, subscriptions: &SubscriptionNames) -> AssetView {
    AssetView {
        subscription_name: subscriptions.get(&identity.subscription),
        arm_id: identity.arm_id,
        name: identity.name,
        asset_type: identity.asset_type,
        kind: identity.kind,
        location: identity.location,
        subscription: identity.subscription,
        resource_group: identity.resource_group,
    }
}

/// What lists say of rules.
pub(crate) struct RuleTitles(BTreeMap<RuleId, (String, Topic)>);

impl RuleTitles {
    /// Looks up `rules`: in the active packs, and those that no active pack has in the database.
    pub(crate) async fn load(
        postern: &Postern,
        connection: &mut PgConnection,
        rules: impl IntoIterator<Item = &RuleId>,
    ) -> Result<Self, ReadError> {
        let entry = |rule: &RuleManifest| (rule.id.clone(), (rule.title.clone(), rule.topic));
        let packs = postern.rules.packs();
        let mut titles: BTreeMap<_, _> =
            packs.iter().flat_map(|pack| &pack.manifest().rules).map(entry).collect();
        let mut missing: Vec<RuleId> =
            rules.into_iter().filter(|rule| !titles.contains_key(*rule)).cloned().collect();
        missing.sort();
        missing.dedup();
        if !missing.is_empty() {
            let found = read::rule::describe(connection, &missing).await?;
            titles.extend(found.iter().map(entry));
        }
        Ok(Self(titles))
    }

    /// The rule's title.
    pub(crate) fn title(&self, rule: &RuleId) -> Result<&str, ReadError> {
        self.get(rule).map(|(title, _)| title.as_str())
    }

    /// The rule's topic.
    pub(crate) fn topic(&self, rule: &RuleId) -> Result<Topic, ReadError> {
        self.get(rule).map(|(_, topic)| *topic)
    }

    fn get(&self, rule: &RuleId) -> Result<&(String, Topic), ReadError> {
        self.0.get(rule).ok_or_else(|| ReadError::RuleWithoutPack(rule.clone()))
    }
}

/// What is counted of that which somebody sees.
pub(crate) async fn tallies_seen(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    sight: &Sight,
) -> Result<Vec<RuleTally>, StoreError> {
    if *sight == Sight::Everything {
        return read::tally::list(connection, of, as_of).await;
    }
    let by_owner = read::tally::list_by_owner(connection, of, as_of).await?;
    let seen = by_owner.into_iter().filter(|(_, owner)| sight.holds(owner.as_ref()));
    Ok(seen.map(|(tally, _)| tally).collect())
}
