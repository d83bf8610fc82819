//! Contoso's estate on any day of its history, computed without the days before.

use time::{Date, Duration};

use super::blueprint::Blueprint;
use super::drift::Course;
use super::landscape::Landscape;
use super::organisation::{self, SITES, Site, TEAMS, Team};
use super::subscription::{self, Context, Detail};
use super::{Denied, Holding, Source, Territory, account, bot, search_service, workspace};
use crate::random::{below, happens, pick};

/// How many days of births are considered; older histories stop growing.
const LONGEST: i64 = 730;
/// How many assets there are for each bot.
const ASSETS_A_BOT: usize = 15;

/// Everything that determines the estate.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub seed: u64,
    pub assets: usize,
    pub first_day: Date,
}

/// The estate on one day.
#[derive(Debug)]
pub(super) struct Day {
    history: History,
    age: i64,
}

/// What an asset is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Account,
    SearchService,
    Workspace,
    Bot,
}

/// One asset of the history.
struct Member {
    kind: Kind,
    /// What its chances are keyed by.
    key: String,
    position: usize,
    /// The day on which it was created; 0 for those of the first day.
    born: i64,
    team: &'static Team,
    name: String,
}

impl History {
    /// The estate on a day; those before the first look like it.
    pub(super) fn on(&self, day: Date) -> Holding {
        let age = (day - self.first_day).whole_days().max(0);
        let subscriptions =
            SITES.iter().map(|site| organisation::subscription(self.seed, site)).collect();
        let day = Day { history: self.clone(), age };
        let mut holding = Holding::new(Source::Company(day), subscriptions);
        holding.management_groups = organisation::management_groups(self.seed);
        holding.tenant_rows = organisation::tenant_rows(self.seed);
        holding.denied = self.denied(age);
        holding
    }

    /// How many resources are created on a day: about one in twenty assets a fortnight,
    /// and a launch of several at once after three weeks.
    fn births(&self, born: i64) -> u64 {
        let key = born.to_string();
        let ordinary = u64::from(below(self.seed, &["birth", &key], 280) < self.assets as u64);
        let launch = if born == 21 { (self.assets as u64 / 14).max(1) } else { 0 };
        ordinary + launch
    }

    /// The assets of a site on a day.
    fn members(&self, site: &Site, age: i64) -> Vec<Member> {
        let mut births: Vec<i64> = vec![0; self.assets];
        for born in 1..=age.min(LONGEST) {
            births.extend((0..self.births(born)).map(|_| born));
        }
        let bots = births.len() / ASSETS_A_BOT;
        let assets = births.iter().enumerate().map(|(position, born)| {
            let kind = match below(self.seed, &["type", &position.to_string()], 100) {
                0..65 => Kind::Account,
                65..82 => Kind::SearchService,
                _ => Kind::Workspace,
            };
            (kind, position, *born)
        });
        // A bot follows each fifteenth asset.
        let bots = (1..=bots).map(|position| {
            let born = births.get(position * ASSETS_A_BOT - 1).copied().unwrap_or(0);
            (Kind::Bot, position, born)
        });
        assets
            .chain(bots)
            .filter_map(|(kind, position, born)| self.member(site, age, kind, position, born))
            .collect()
    }

    /// The asset, where it is in this site and not deleted.
    fn member(
        &self,
        site: &Site,
        age: i64,
        kind: Kind,
        position: usize,
        born: i64,
    ) -> Option<Member> {
        let key = if kind == Kind::Bot { format!("bot {position}") } else { position.to_string() };
        let own = pick(self.seed, &["site", &key], &SITES);
        if own.name != site.name || self.is_deleted(&key, born, age) {
            return None;
        }
        let team = pick(self.seed, &["team", &key], &TEAMS);
        let workload = pick(self.seed, &["workload", &key], &team.workloads);
        let prefix = if kind == Kind::Bot { "bot-" } else { "" };
        let name = format!("{prefix}{workload}-{}-{position:03}", short(site.environment));
        Some(Member { kind, key, position, born, team, name })
    }

    fn is_deleted(&self, key: &str, born: i64, age: i64) -> bool {
        let after = |what: &str, least: i64, span: u64| {
            least + i64::try_from(below(self.seed, &[what, key], span)).unwrap_or(0)
        };
        let is_short_lived = happens(self.seed, &["deleted", key], 9);
        let is_given_up = happens(self.seed, &["given up", key], 35);
        (is_short_lived && age >= born + after("deleted after", 6, 50))
            || (is_given_up && age >= born + after("given up after", 75, 300))
    }

    /// What the credential may not read: a role was lost for three days, and a list for one.
    fn denied(&self, age: i64) -> Vec<Denied> {
        let of = |position: usize| {
            let site = SITES.get(position).unwrap_or(&SITES[0]);
            format!("/subscriptions/{}", organisation::subscription_id(self.seed, site))
        };
        let mut denied = Vec::new();
        let mut deny = |scope: String, action| denied.push(Denied { scope, action });
        if (16..19).contains(&age) {
            deny(of(2), "Microsoft.Insights/diagnosticSettings/read");
        }
        if age == 27 {
            deny(of(3), "Microsoft.Search/searchServices/read");
        }
        if (118..122).contains(&age) {
            deny(of(1), "Microsoft.CostManagement/query/action");
        }
        if (203..207).contains(&age) {
            deny(of(0), "Microsoft.KeyVault/vaults/read");
        }
        denied
    }
}

impl Day {
    pub(super) fn territory(&self, subscription: &str) -> Territory {
        let mut territory = Territory::default();
        let seed = self.history.seed;
        let found =
            SITES.iter().find(|site| organisation::subscription_id(seed, site) == subscription);
        let Some(site) = found else { return territory };
        let landscape = Landscape::new(seed, subscription, site.region);
        let context = self.context(site, &landscape);
        subscription::place(&mut territory, &context);
        self.place(&mut territory, site, &context, |territory, blueprint, id| {
            subscription::place_of_asset(territory, &context, blueprint, id);
            subscription::record(territory, &context, blueprint, id);
        });
        subscription::judge(&mut territory, &context);
        subscription::spend(&mut territory, &context, Detail::Daily);
        territory
    }

    fn context<'a>(&self, site: &'a Site, landscape: &'a Landscape) -> Context<'a> {
        Context {
            seed: self.history.seed,
            landscape,
            name: site.name,
            environment: site.environment,
            team: organisation::platform(),
            first_day: self.history.first_day,
            age: self.age,
            expected_assets: self.history.assets / SITES.len(),
        }
    }

    /// Adds the assets of a site with what is below them; `and_then` gets each with its id.
    fn place(
        &self,
        territory: &mut Territory,
        site: &Site,
        context: &Context<'_>,
        mut and_then: impl FnMut(&mut Territory, &Blueprint<'_>, &str),
    ) {
        let members = self.history.members(site, self.age);
        let hub = members
            .iter()
            .filter(|member| member.kind == Kind::Workspace)
            .find(|member| workspace::kind(self.history.seed, &member.key) == "Hub")
            .map(|hub| {
                self.blueprint(context, hub).id("Microsoft.MachineLearningServices/workspaces")
            });
        for member in &members {
            let blueprint = Blueprint { hub: hub.clone(), ..self.blueprint(context, member) };
            let id = match member.kind {
                Kind::Account => account::place(territory, &blueprint, &member.key),
                Kind::SearchService => search_service::place(territory, &blueprint),
                Kind::Workspace => workspace::place(territory, &blueprint, &member.key),
                Kind::Bot => bot::place(territory, &blueprint),
            };
            and_then(territory, &blueprint, &id);
        }
    }

    fn blueprint<'a>(&self, context: &Context<'a>, member: &'a Member) -> Blueprint<'a> {
        let history = &self.history;
        let age = if member.born > 0 {
            member.born
        } else {
            -i64::try_from(below(history.seed, &["age", &member.key], 500)).unwrap_or(0)
        };
        let created = history.first_day.saturating_add(Duration::days(age));
        Blueprint {
            seed: history.seed,
            landscape: context.landscape,
            environment: context.environment,
            team: member.team,
            resource_group: format!("rg-{}-{}", member.team.name, short(context.environment)),
            created: format!("{created}T08:{:02}:11.4172903Z", member.position % 60),
            course: Course {
                seed: history.seed,
                name: &member.name,
                team: member.team,
                is_production: context.environment == "production",
                born: member.born,
            },
            name: member.name.clone(),
            first_day: history.first_day,
            age: self.age,
            hub: None,
            is_brief: false,
        }
    }
}

/// The part of names that stands for an environment.
pub(super) fn short(environment: &str) -> &'static str {
    match environment {
        "production" => "prod",
        "development" => "dev",
        _ => "lab",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use time::macros::date;

    use super::super::paths;
    use super::*;

    fn history(seed: u64) -> History {
        History { seed, assets: 70, first_day: date!(2026 - 01 - 05) }
    }

    /// How many accounts, Search services and workspaces there are after so many days, and how many things
    /// are open on them that rules would name.
    fn judged(history: &History, age: i64) -> (usize, usize) {
        let day = Day { history: history.clone(), age };
        let (mut assets, mut open) = (0, 0);
        for site in &SITES {
            let id = organisation::subscription_id(history.seed, site);
            let landscape = Landscape::new(history.seed, &id, site.region);
            let mut territory = Territory::default();
            day.place(&mut territory, site, &day.context(site, &landscape), |_, _, _| {});
            for (id, resource) in &territory.resources {
                let kind = paths::type_of(id);
                if !["accounts", "searchservices", "workspaces"].contains(&kind_name(&kind)) {
                    continue;
                }
                let path = format!("{id}/providers/microsoft.insights/diagnosticsettings");
                assets += 1;
                open += openings(resource) + usize::from(!territory.lists.contains_key(&path));
            }
        }
        (assets, open)
    }

    fn kind_name(kind: &str) -> &str {
        kind.rsplit('/').next().unwrap()
    }

    fn territories(holding: &Holding) -> Vec<std::sync::Arc<Territory>> {
        let ids = holding.subscriptions().iter().map(|one| one["subscriptionId"].as_str().unwrap());
        ids.map(|id| holding.territory(id).unwrap()).collect()
    }

    fn after(history: &History, days: i64) -> Holding {
        history.on(history.first_day + Duration::days(days))
    }

    fn openings(resource: &Value) -> usize {
        let properties = &resource["properties"];
        [
            properties["publicNetworkAccess"] == "Enabled",
            properties["disableLocalAuth"] != true
                && properties["systemDatastoresAuthMode"] != "identity",
            properties["privateEndpointConnections"].as_array().is_some_and(Vec::is_empty),
            resource["identity"].is_null(),
        ]
        .into_iter()
        .filter(|is_open| *is_open)
        .count()
    }

    #[test]
    fn a_day_depends_on_the_seed_and_the_day_alone() {
        let (one, two) = (after(&history(7), 30), after(&history(7), 30));
        assert_eq!(territories(&one), territories(&two));
        assert_ne!(territories(&one), territories(&after(&history(8), 30)));
        assert_eq!(judged(&history(7), 0).0, 70);
    }

    #[test]
    fn the_organisation_gets_better_with_set_backs() {
        for seed in [1, 7, 42, 2026] {
            let (sizes, counts): (Vec<usize>, Vec<usize>) =
                (0..=45).map(|day| judged(&history(seed), day)).unzip();
            let (first, last) = (counts[0], counts[45]);
            assert!(first > 180, "seed {seed} begins too well: {counts:?}");
            assert!(last * 100 < first * 75, "seed {seed} does not get better: {counts:?}");
            assert!(last * 100 > first * 15, "seed {seed} ends too well: {counts:?}");
            let set_backs = counts.windows(2).filter(|pair| pair[1] > pair[0]).count();
            assert!((3..22).contains(&set_backs), "seed {seed}: {counts:?}");
            assert!(sizes.iter().all(|size| (60..100).contains(size)), "seed {seed}: {sizes:?}");
        }
    }

    #[test]
    fn a_year_brings_births_and_ends_and_set_backs() {
        let (sizes, counts): (Vec<usize>, Vec<usize>) =
            (0..=52).map(|week| judged(&history(7), week * 7)).unzip();
        assert!(sizes.iter().all(|size| (55..150).contains(size)), "{sizes:?}");
        let late = counts.windows(2).skip(10).filter(|pair| pair[1] > pair[0]).count();
        assert!((4..30).contains(&late), "{counts:?}");
    }

    #[test]
    fn on_a_few_days_something_may_not_be_read() {
        let days: Vec<i64> =
            (0..=45).filter(|day| !after(&history(7), *day).denied.is_empty()).collect();
        assert_eq!(days, [16, 17, 18, 27]);
    }
}
