//! The activity log: who rotated keys, who read them, and what else was done.

use time::Duration;

use super::Context;
use crate::estate::Territory;
use crate::estate::blueprint::Blueprint;
use crate::estate::drift::Opening;
use crate::estate::shape::monitor::Event;
use crate::random::{below, happens, hash};

/// How long Azure keeps the activity log.
const KEPT: i64 = 90;
/// How many days there are from one rotation of keys to the next.
const ROTATION: i64 = 60;
const ACCOUNTS: &str = "Microsoft.CognitiveServices/accounts";

/// What is done to an asset: the operation, and what Azure calls it for people.
type Operation = (&'static str, &'static str);

const ROTATE: Operation =
    ("Microsoft.CognitiveServices/accounts/regenerateKey/action", "Regenerate Key");
const READ_KEYS: Operation = ("Microsoft.CognitiveServices/accounts/listKeys/action", "List Keys");
const DEPLOY: Operation =
    ("Microsoft.CognitiveServices/accounts/deployments/write", "Create or Update Deployment");
const TAG: Operation = ("Microsoft.Resources/tags/write", "Update tags");

/// Adds the events of one asset in the last 90 days; the list is put in order by [`super::judge`].
pub(in crate::estate) fn record(
    territory: &mut Territory,
    context: &Context<'_>,
    blueprint: &Blueprint<'_>,
    id: &str,
) {
    let is_account = id.contains(ACCOUNTS);
    let rotates =
        happens(context.seed, &[&blueprint.name, "rotates"], blueprint.team.diligence / 2);
    let rotation = i64::try_from(blueprint.below("rotation day", 60)).unwrap_or(0);
    // One draw a day of a seed of its own: this runs for each asset and 90 days.
    let seed = hash(context.seed, &[&blueprint.name, "activity"]);
    let oldest = context.age - KEPT + 1;
    // What was there on the first day is older than the history.
    let first = if blueprint.course.born > 0 { oldest.max(blueprint.course.born) } else { oldest };
    for age in first..=context.age {
        let key = age.to_string();
        let draw = below(seed, &[&key], 240);
        let owner = blueprint.team.owner;
        let mut done: Vec<(Operation, &str)> = Vec::new();
        if is_account && rotates && age.rem_euclid(ROTATION) == rotation {
            done.push((ROTATE, owner));
        }
        if is_account && draw < 6 && blueprint.course.is_open(Opening::KeyAuthentication, age) {
            let caller = if draw.is_multiple_of(2) { "deployment-pipeline" } else { owner };
            done.push((READ_KEYS, caller));
        }
        if (10..14).contains(&draw) {
            done.push((if is_account { DEPLOY } else { TAG }, owner));
        }
        for ((operation, title), caller) in done {
            let event = Event {
                resource: id,
                resource_type: if is_account { ACCOUNTS } else { "Microsoft.Resources/tags" },
                operation,
                title,
                caller,
                day: context.today().saturating_sub(Duration::days(context.age - age)),
                minute: u32::try_from(below(seed, &[&key, operation], 1440)).unwrap_or(0),
            };
            territory.events.push(event.body(&context.landscape.tenant));
        }
    }
}
