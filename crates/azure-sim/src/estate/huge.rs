//! Any number of assets in any number of subscriptions, each subscription computed when it is first asked for.

use time::{Date, Duration};

use super::blueprint::Blueprint;
use super::company::short;
use super::drift::Course;
use super::landscape::Landscape;
use super::organisation::{self, TEAMS};
use super::subscription::{self, Context, Detail};
use super::{Holding, Source, Territory, account, bot, search_service, workspace};
use crate::random::{below, pick, uuid};

const ENVIRONMENTS: [&str; 3] = ["production", "development", "research"];
const REGIONS: [&str; 3] = ["westeurope", "northeurope", "swedencentral"];

/// How large it is.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub seed: u64,
    pub subscriptions: usize,
    /// Over all subscriptions, of the four scanned types.
    pub assets: usize,
    pub first_day: Date,
}

/// The estate on one day.
#[derive(Debug)]
pub(super) struct Day {
    scale: Scale,
    age: i64,
}

impl Scale {
    pub(super) fn on(&self, day: Date) -> Holding {
        let age = (day - self.first_day).whole_days().max(0);
        let numbers = 0..self.subscriptions;
        let subscriptions = numbers
            .clone()
            .map(|number| {
                let name = format!("Contoso Workloads {number:05}");
                organisation::subscription_named(self.seed, &self.id(number), &name)
            })
            .collect();
        let mut holding =
            Holding::new(Source::Huge(Day { scale: self.clone(), age }), subscriptions);
        let (production, other) = numbers.partition(|number| number % ENVIRONMENTS.len() == 0);
        let ids = |numbers: Vec<usize>| numbers.into_iter().map(|number| self.id(number)).collect();
        holding.management_groups = organisation::groups(self.seed, ids(production), ids(other));
        holding.tenant_rows = organisation::tenant_rows(self.seed);
        holding
    }

    fn id(&self, number: usize) -> String {
        // The number is in the id, so that it is found without a search.
        let unique = uuid(self.seed, &["huge", &number.to_string()]);
        format!("{number:08x}{}", unique.get(8..).unwrap_or_default())
    }

    /// The first subscriptions have one asset more where the number does not divide.
    fn count(&self, number: usize) -> usize {
        let subscriptions = self.subscriptions.max(1);
        self.assets / subscriptions + usize::from(number < self.assets % subscriptions)
    }
}

impl Day {
    pub(super) fn territory(&self, subscription: &str) -> Territory {
        let mut territory = Territory::default();
        let number = subscription.get(..8).and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some(number) = number else { return territory };
        let scale = &self.scale;
        let environment = pick_at(&ENVIRONMENTS, number);
        let landscape = Landscape::new(
            scale.seed,
            subscription,
            pick_at(&REGIONS, number / ENVIRONMENTS.len()),
        );
        let name = format!("huge {number}");
        let context = Context {
            seed: scale.seed,
            landscape: &landscape,
            name: &name,
            environment,
            team: organisation::platform(),
            first_day: scale.first_day,
            age: self.age,
            expected_assets: scale.count(number),
        };
        subscription::place(&mut territory, &context);
        for position in 0..scale.count(number) {
            self.place(&mut territory, &context, position);
        }
        subscription::judge(&mut territory, &context);
        subscription::spend(&mut territory, &context, Detail::Monthly);
        territory
    }

    fn place(&self, territory: &mut Territory, context: &Context<'_>, position: usize) {
        let seed = self.scale.seed;
        let key = format!("{} {position}", context.name);
        let team = pick(seed, &["team", &key], &TEAMS);
        let workload = pick(seed, &["workload", &key], &team.workloads);
        let environment = short(context.environment);
        let name = format!("{workload}-{environment}-{}-{position:04}", context.landscape.suffix());
        let age = i64::try_from(below(seed, &["age", &key], 500)).unwrap_or(0);
        let created = context.first_day.saturating_sub(Duration::days(age));
        let blueprint = Blueprint {
            seed,
            landscape: context.landscape,
            environment: context.environment,
            team,
            resource_group: format!("rg-{}-{environment}", team.name),
            created: format!("{created}T08:{:02}:11.4172903Z", position % 60),
            course: Course {
                seed,
                name: &name,
                team,
                is_production: context.environment == "production",
                born: 0,
            },
            name: name.clone(),
            first_day: context.first_day,
            age: self.age,
            hub: None,
            is_brief: true,
        };
        let id = match below(seed, &["type", &key], 100) {
            0..62 => account::place(territory, &blueprint, &key),
            62..78 => search_service::place(territory, &blueprint),
            78..95 => workspace::place(territory, &blueprint, &key),
            _ => bot::place(territory, &blueprint),
        };
        subscription::place_of_asset(territory, context, &blueprint, &id);
    }
}

fn pick_at<'a>(choices: &[&'a str; 3], number: usize) -> &'a str {
    choices.get(number % choices.len()).copied().unwrap_or_default()
}
