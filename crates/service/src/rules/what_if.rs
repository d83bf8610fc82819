//! What if, for somebody who waits at a page: bounded, one at a time, counted by rule.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use postern_azure::NoProgress;
use postern_domain::arm::AssetId;
use postern_domain::id::RuleId;
use postern_domain::person::{Denied, Permission};
use postern_domain::settings::PackSettings;
use postern_domain::team::TeamId;
use postern_domain::verdict::{Severity, Verdict};
use postern_engine::{Pack, SettingProblem};
use postern_store::{PgConnection, StoreError, connection, rules, team};

use super::compare::{CompareError, Comparison, Difference, RuleSet, compare, find_pack};
use super::packs::KNOWN;
use super::setting::settings;
use crate::Postern;
use crate::postern::pack_view;
use crate::read::{ReadError, TeamNames};
use crate::view::{
    KnownPackView, PackView, WhatIfChange, WhatIfCounts, WhatIfRuleView, WhatIfView,
};

/// For how long a page is waited for: browsers, and what stands in between, give up soon after.
pub const MOST_SECONDS: u64 = 50;

/// The days whose snapshots a page judges at most.
pub const MOST_DAYS: u16 = 30;

/// Assets that are named for each change of verdict.
const NAMED: usize = 3;

/// What would judge instead of what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIf {
    /// What judges: the name of an active pack, or `name@version` or `name@digest` of any that was ever used.
    pub old: String,
    /// What may judge instead.
    pub new: String,
    /// The settings of the new one; without them those that hold for packs of its name.
    pub settings: Option<PackSettings>,
    /// The snapshots of so many days; without them the latest of each connection.
    pub days: Option<u16>,
}

/// There is no answer to what if.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// Whoever asks may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody else waits for one.
    #[error(
        "another comparison is being made, and takes all of the machine; try again in a minute"
    )]
    Busy,
    /// It takes longer than anybody waits for a page.
    #[error(
        "the comparison was not done in {MOST_SECONDS} seconds and was stopped; nothing was changed"
    )]
    TooLong,
    /// The packs have different names.
    #[error("{old} and {new} are not versions of one pack")]
    OtherPack {
        /// The name of the one.
        old: String,
        /// The name of the other.
        new: String,
    },
    /// The settings do not fit the pack.
    #[error("the settings do not fit the pack: {0}")]
    Settings(SettingProblem),
    /// Judging failed.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The database could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for WhatIfError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// The packs that can be compared: all that were ever used, by name, the youngest first.
pub async fn packs_to_compare(postern: &Postern) -> Result<Vec<KnownPackView>, WhatIfError> {
    postern.require(Permission::Configure)?;
    let now = super::active_view(postern).await.map_err(CompareError::from)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let is_active = |digest| now.packs.iter().any(|(pack, _)| pack.digest() == digest);
    let known = rules::known(&mut session, KNOWN).await?;
    let mut views: Vec<KnownPackView> = known
        .into_iter()
        .map(|pack| KnownPackView {
            is_active: is_active(pack.digest),
            name: pack.name,
            version: pack.version,
            digest: pack.digest,
            first_used_at: pack.first_used_at,
        })
        .collect();
    // What judges comes first of its name: it is what another is compared with.
    views.sort_by(|one, other| (&one.name, other.is_active).cmp(&(&other.name, one.is_active)));
    Ok(views)
}

/// Judges the stored snapshots by both packs; nothing is written.
pub async fn compare_packs(postern: &Postern, asked: &WhatIf) -> Result<WhatIfView, WhatIfError> {
    postern.require(Permission::Configure)?;
    // It is given back when the answer is there, and when nobody waits for it any more.
    let _turn = postern.rules.comparing.try_acquire().map_err(|_| WhatIfError::Busy)?;
    let in_time = tokio::time::timeout(Duration::from_secs(MOST_SECONDS), answer(postern, asked));
    in_time.await.map_err(|_| WhatIfError::TooLong)?
}

async fn answer(postern: &Postern, asked: &WhatIf) -> Result<WhatIfView, WhatIfError> {
    let old = find_pack(postern, &asked.old).await?;
    let new = find_pack(postern, &asked.new).await?;
    let (old_name, new_name) = (&old.manifest().name, &new.manifest().name);
    if old_name != new_name {
        return Err(WhatIfError::OtherPack { old: old_name.clone(), new: new_name.clone() });
    }
    let held = settings(postern).await?.of(old_name).clone();
    let other = asked.settings.clone().unwrap_or_else(|| held.clone());
    if let Some(problem) = new.check_settings(&other).into_iter().next() {
        return Err(WhatIfError::Settings(problem));
    }
    let has_other_settings = other != held;
    let since = asked
        .days
        .map(|days| postern.clock.now() - time::Duration::days(days.min(MOST_DAYS).into()));
    let sets = (RuleSet { pack: old, settings: held }, RuleSet { pack: new, settings: other });
    let comparison = compare(postern, &sets.0, &sets.1, since, &NoProgress).await?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let owners = owners(&mut session, &comparison.differences).await?;
    let names = TeamNames::load(&mut session, None).await?;
    let titles = titles(&sets.0.pack, &sets.1.pack);
    let view = |pack: &Pack| pack_view(pack, postern.rules.origin(pack.digest()));
    let packs = (view(&sets.0.pack), view(&sets.1.pack));
    Ok(counted(comparison, packs, has_other_settings, &Known { owners, names, titles }))
}

/// What is known of rules and assets beside their verdicts.
struct Known {
    owners: BTreeMap<AssetId, TeamId>,
    names: TeamNames,
    titles: BTreeMap<RuleId, String>,
}

/// Whose each asset is now.
async fn owners(
    session: &mut PgConnection,
    differences: &[Difference],
) -> Result<BTreeMap<AssetId, TeamId>, StoreError> {
    let assets: BTreeSet<String> =
        differences.iter().map(|difference| difference.asset.to_string()).collect();
    let assets: Vec<String> = assets.into_iter().collect();
    let mut owners = BTreeMap::new();
    for connection in connection::list(session).await? {
        owners.extend(team::owners(session, connection.id, &assets).await?);
    }
    Ok(owners)
}

/// What each rule wants, in the words of the new pack where it has the rule.
fn titles(old: &Pack, new: &Pack) -> BTreeMap<RuleId, String> {
    let rules = old.manifest().rules.iter().chain(&new.manifest().rules);
    rules.map(|rule| (rule.id.clone(), rule.title.clone())).collect()
}

fn counted(
    comparison: Comparison,
    (old, new): (PackView, PackView),
    has_other_settings: bool,
    known: &Known,
) -> WhatIfView {
    let mut by_rule: BTreeMap<&RuleId, Vec<&Difference>> = BTreeMap::new();
    for difference in &comparison.differences {
        by_rule.entry(&difference.rule).or_default().push(difference);
    }
    let mut rules: Vec<WhatIfRuleView> =
        by_rule.into_iter().map(|(rule, differences)| of_rule(rule, &differences, known)).collect();
    // What fails anew is what somebody has to do something about.
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.counts.appear, rule.counts.total())));
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    WhatIfView {
        old,
        new,
        has_other_settings,
        snapshots: number(comparison.snapshots),
        assets: number(comparison.assets),
        same: number(comparison.same),
        counts: comparison.differences.iter().fold(WhatIfCounts::default(), count),
        rules,
        over_time: comparison.over_time,
    }
}

fn of_rule(rule: &RuleId, differences: &[&Difference], known: &Known) -> WhatIfRuleView {
    type Sides = (Option<(Verdict, Severity)>, Option<(Verdict, Severity)>);
    let mut changes: Vec<(Sides, WhatIfChange)> = Vec::new();
    let mut teams = BTreeSet::new();
    let mut of_nobody = 0;
    for difference in differences {
        match known.owners.get(&difference.asset) {
            Some(team) => {
                teams.insert(team.clone());
            }
            None => of_nobody += 1,
        }
        let sides = (difference.before, difference.after);
        let place = changes.iter().position(|(same, _)| *same == sides).unwrap_or_else(|| {
            let (before, after) = sides;
            let change = WhatIfChange { before, after, count: 0, examples: Vec::new() };
            changes.push((sides, change));
            changes.len() - 1
        });
        let Some((_, change)) = changes.get_mut(place) else { continue };
        change.count += 1;
        if change.examples.len() < NAMED {
            let id = difference.asset.as_str();
            let name = id.rsplit('/').next().unwrap_or(id).to_owned();
            change.examples.push((name, difference.summary.clone()));
        }
    }
    WhatIfRuleView {
        rule: rule.clone(),
        title: known.titles.get(rule).cloned().unwrap_or_default(),
        counts: differences.iter().copied().fold(WhatIfCounts::default(), count),
        changes: changes.into_iter().map(|(_, change)| change).collect(),
        teams: teams.into_iter().map(|team| known.names.view(team)).collect(),
        of_nobody,
    }
}

/// Counts one more difference.
fn count(mut counts: WhatIfCounts, difference: &Difference) -> WhatIfCounts {
    let severity = |side: Option<(Verdict, Severity)>| {
        side.filter(|(verdict, _)| *verdict == Verdict::Fail).map(|(_, severity)| severity)
    };
    let verdict = |side: Option<(Verdict, Severity)>| side.map(|(verdict, _)| verdict);
    let rank = |severity| Severity::ALL.iter().position(|other| *other == severity);
    let is_unknown = verdict(difference.after) == Some(Verdict::Unknown);
    let kind = match (severity(difference.before), severity(difference.after)) {
        (None, Some(_)) => &mut counts.appear,
        // The worst comes first.
        (Some(before), Some(after)) if rank(after) < rank(before) => &mut counts.severity_up,
        (Some(_), Some(_)) => &mut counts.severity_down,
        _ if is_unknown => &mut counts.become_unknown,
        (Some(_), None) => &mut counts.vanish,
        (None, None) => &mut counts.otherwise,
    };
    *kind += 1;
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_of_one_kind() {
        use Severity::{High, Low};
        use Verdict::{Fail, NotApplicable, Pass, Unknown};
        let check = |before, after, expected: WhatIfCounts| {
            let difference = Difference {
                rule: "A-1".parse().unwrap(),
                asset: "/subscriptions/a/providers/microsoft.search/searchservices/s"
                    .parse()
                    .unwrap(),
                subscription: "a".to_owned(),
                before,
                after,
                summary: String::new(),
            };
            let counts = count(WhatIfCounts::default(), &difference);
            assert_eq!(counts, expected, "{before:?} {after:?}");
            assert_eq!(counts.total(), 1);
        };
        let none = WhatIfCounts::default;
        let appear = WhatIfCounts { appear: 1, ..none() };
        check(None, Some((Fail, Low)), appear);
        check(Some((Pass, Low)), Some((Fail, Low)), appear);
        check(Some((Unknown, Low)), Some((Fail, Low)), appear);
        let vanish = WhatIfCounts { vanish: 1, ..none() };
        check(Some((Fail, Low)), Some((Pass, Low)), vanish);
        check(Some((Fail, Low)), Some((NotApplicable, Low)), vanish);
        check(Some((Fail, Low)), None, vanish);
        let become_unknown = WhatIfCounts { become_unknown: 1, ..none() };
        check(Some((Fail, Low)), Some((Unknown, Low)), become_unknown);
        check(Some((Pass, Low)), Some((Unknown, Low)), become_unknown);
        let up = WhatIfCounts { severity_up: 1, ..none() };
        check(Some((Fail, Low)), Some((Fail, High)), up);
        let down = WhatIfCounts { severity_down: 1, ..none() };
        check(Some((Fail, High)), Some((Fail, Low)), down);
        let otherwise = WhatIfCounts { otherwise: 1, ..none() };
        check(Some((Pass, Low)), Some((NotApplicable, Low)), otherwise);
        check(Some((Pass, Low)), None, otherwise);
    }
}
