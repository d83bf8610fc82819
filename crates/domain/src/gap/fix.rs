//! What somebody can do about gaps.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Gap, GapKind};
use crate::arm::AssetType;
use crate::role::{CustomRole, RoleError};

/// What mends gaps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The credential gets this Azure action.
    Grant(String),
    /// The credential gets the role Reader: Azure refused, and did not say for want of which action.
    GrantReader,
    /// Files that hold what is missing are imported.
    Import,
    /// The pack is mended, or another one activated.
    MendPack,
    /// Nothing: the next scan tries again. Azure's answer is the reason.
    TryAgain(GapKind),
}

/// Something that somebody can do so that more is known, and what it would give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What.
    pub remedy: Remedy,
    /// Where: subscriptions and management groups as ARM ids, or what else was asked; sorted.
    pub scopes: Vec<String>,
    /// How many whole lists it would give.
    pub listings: u64,
    /// Related facts of how many assets it would give; an asset counts once for each of its facts.
    pub facts: u64,
    /// The types of assets that are concerned, sorted.
    pub asset_types: Vec<AssetType>,
}

/// What would mend these gaps, what gives most first: whole lists before facts, because nobody knows how long they are.
pub fn fixes(gaps: &[Gap]) -> Vec<Fix> {
    #[derive(Default)]
    struct Sum {
        scopes: BTreeSet<String>,
        listings: u64,
        facts: u64,
        asset_types: BTreeSet<AssetType>,
    }
    let mut sums: BTreeMap<Remedy, Sum> = BTreeMap::new();
    for gap in gaps {
        let sum = sums.entry(remedy(gap)).or_default();
        sum.scopes.insert(assignable(&gap.scope).to_owned());
        sum.asset_types.extend(gap.asset_type.clone());
        match (&gap.asset, gap.assets) {
            (Some(_), _) => sum.facts += 1,
            (None, 0) => sum.listings += 1,
            (None, assets) => sum.facts += assets,
        }
    }
    let mut fixes: Vec<Fix> = sums
        .into_iter()
        .map(|(remedy, sum)| Fix {
            remedy,
            scopes: sum.scopes.into_iter().collect(),
            listings: sum.listings,
            facts: sum.facts,
            asset_types: sum.asset_types.into_iter().collect(),
        })
        .collect();
    // Stable, so that what gives as much stays in the order of its remedy.
    fixes.sort_by_key(|fix| {
        let waits = matches!(fix.remedy, Remedy::TryAgain(_));
        (waits, std::cmp::Reverse((fix.listings, fix.facts)))
    });
    fixes
}

/// A role with the actions that are missing, assignable where they are; `None` where no action is named.
pub fn missing_role(fixes: &[Fix]) -> Option<Result<CustomRole, RoleError>> {
    let named = |fix: &Fix| match &fix.remedy {
        Remedy::Grant(action) => Some((action.clone(), fix.scopes.clone())),
        _ => None,
    };
    let (actions, scopes): (Vec<String>, Vec<Vec<String>>) = fixes.iter().filter_map(named).unzip();
    let about = (
        "Postern: what scans could not read",
        "Actions that a scan lacked. They read, and nothing else.",
    );
    (!actions.is_empty()).then(|| CustomRole::new(about, actions, scopes.into_iter().flatten()))
}

/// What mends a gap.
pub fn remedy(gap: &Gap) -> Remedy {
    match (gap.reason.kind, &gap.reason.action) {
        (_, Some(action)) => Remedy::Grant(action.clone()),
        (GapKind::Forbidden, None) => Remedy::GrantReader,
        (GapKind::NotInImport, None) => Remedy::Import,
        (GapKind::PackProblem, None) => Remedy::MendPack,
        (kind, None) => Remedy::TryAgain(kind),
    }
}

/// The subscription of an ARM scope below one, because roles are assigned there and not at each resource; any other
/// scope as it is.
fn assignable(scope: &str) -> &str {
    let Some(rest) = scope.strip_prefix("/subscriptions/") else { return scope };
    let end = rest.find('/').map_or(scope.len(), |end| scope.len() - rest.len() + end);
    &scope[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::COGNITIVE_SERVICES_ACCOUNT;
    use crate::gap::GapReason;

    fn gap(scope: &str, kind: GapKind, action: Option<&str>, assets: u64) -> Gap {
        Gap {
            operation: "DiagnosticSettings_List".to_owned(),
            scope: scope.to_owned(),
            asset_type: Some(AssetType::new(COGNITIVE_SERVICES_ACCOUNT)),
            asset: None,
            assets,
            reason: GapReason { action: action.map(str::to_owned), ..GapReason::new(kind, "no") },
        }
    }

    #[test]
    fn what_gives_most_comes_first_and_what_waits_last() {
        let name = "Microsoft.Insights/diagnosticSettings/read";
        let read = Some(name);
        let gaps = [
            gap("/subscriptions/b", GapKind::Throttled, None, 900),
            gap("/subscriptions/a/resourceGroups/x", GapKind::Forbidden, read, 4),
            gap("/subscriptions/b", GapKind::Forbidden, read, 5),
            gap("/subscriptions/a", GapKind::Forbidden, read, 2),
            gap("/subscriptions/c", GapKind::Forbidden, None, 0),
        ];
        let found = fixes(&gaps);
        let told: Vec<_> = found.iter().map(|fix| (&fix.remedy, fix.listings, fix.facts)).collect();
        let action = Remedy::Grant(name.to_owned());
        assert_eq!(
            told,
            [
                (&Remedy::GrantReader, 1, 0),
                (&action, 0, 11),
                (&Remedy::TryAgain(GapKind::Throttled), 0, 900)
            ]
        );
        assert_eq!(found[1].scopes, ["/subscriptions/a", "/subscriptions/b"]);
        assert_eq!(fixes(&[]), []);
        let role = missing_role(&found).unwrap().unwrap();
        assert_eq!((role.actions, role.scopes), (vec![name.to_owned()], found[1].scopes.clone()));
        assert_eq!(missing_role(&found[..1]), None, "Reader is a role that is there already");
    }

    #[test]
    fn a_role_is_assigned_at_the_subscription() {
        let check = |scope, expected| assert_eq!(assignable(scope), expected);
        check("/subscriptions/a/resourceGroups/b/providers/c/d/e", "/subscriptions/a");
        check("/subscriptions/a", "/subscriptions/a");
        check(
            "/providers/Microsoft.Management/managementGroups/g",
            "/providers/Microsoft.Management/managementGroups/g",
        );
        check("/", "/");
        check("./answers/a.json", "./answers/a.json");
    }
}
