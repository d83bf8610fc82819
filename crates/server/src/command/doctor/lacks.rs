//! What a missing action costs.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::AssetType;
use postern_domain::id::RuleId;
use postern_domain::rule::RuleManifest;
use postern_service::azure::SubscriptionAccess;

/// An action that is missing somewhere, and what becomes of that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lack {
    pub action: &'static str,
    /// The names of the subscriptions where it is missing.
    pub subscriptions: Vec<String>,
    /// Lists of assets that cannot be read without it.
    pub asset_types: BTreeSet<AssetType>,
    /// Related facts that cannot be read without it.
    pub facts: BTreeSet<&'static str>,
    /// Rules that turn unknown, because they judge such an asset or read such a fact.
    pub rules: BTreeSet<RuleId>,
}

/// The missing actions in their order, over all subscriptions.
pub(super) fn of(access: &[SubscriptionAccess], rules: &[RuleManifest]) -> Vec<Lack> {
    let mut lacks: BTreeMap<&'static str, Lack> = BTreeMap::new();
    for subscription in access {
        for missing in subscription.missing.iter().flatten() {
            let lack = lacks.entry(missing.action).or_default();
            lack.action = missing.action;
            lack.subscriptions.push(subscription.name.clone());
            lack.asset_types.extend(missing.asset_types.iter().cloned());
            lack.facts.extend(missing.facts.iter().copied());
        }
    }
    let mut lacks: Vec<Lack> = lacks.into_values().collect();
    for lack in &mut lacks {
        let turned = rules.iter().filter(|rule| lack.concerns(rule));
        lack.rules = turned.map(|rule| rule.id.clone()).collect();
    }
    lacks
}

impl Lack {
    fn concerns(&self, rule: &RuleManifest) -> bool {
        rule.asset_types.iter().any(|asset_type| self.asset_types.contains(asset_type))
            || rule.reads.iter().any(|read| self.facts.iter().any(|fact| is_of(&read.path, fact)))
    }
}

/// Whether a path is the fact or something in it: `diagnosticSettings`, `diagnosticSettings[0].properties`.
fn is_of(path: &str, fact: &str) -> bool {
    path.strip_prefix(fact).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use postern_domain::rule::{PropertyRead, Remediation};
    use postern_domain::verdict::{Severity, Topic, Verdict};
    use postern_service::azure::MissingAction;

    use super::*;

    fn rule(id: &str, asset_type: &str, paths: &[&str]) -> RuleManifest {
        RuleManifest {
            id: id.parse().unwrap(),
            title: String::new(),
            topic: Topic::Monitoring,
            severity: Severity::Low,
            severity_reason: String::new(),
            rationale: String::new(),
            asset_types: vec![AssetType::new(asset_type)],
            reads: paths
                .iter()
                .map(|&path| PropertyRead {
                    path: path.to_owned(),
                    source: String::new(),
                    absent: String::new(),
                })
                .collect(),
            exceptions: Vec::new(),
            verdicts: Verdict::ALL.to_vec(),
            settings: Vec::new(),
            remediation: Remediation::default(),
            policies: Vec::new(),
            policy_difference: None,
            controls: Vec::new(),
            references: Vec::new(),
        }
    }

    fn subscription(name: &str, missing: &[MissingAction]) -> SubscriptionAccess {
        SubscriptionAccess {
            id: name.to_lowercase(),
            name: name.to_owned(),
            missing: Ok(missing.to_vec()),
        }
    }

    #[test]
    fn a_missing_action_turns_the_rules_unknown_that_need_it() {
        let rules = [
            rule("A-01", "a/accounts", &["properties.publicNetworkAccess"]),
            rule("A-02", "a/accounts", &["diagnosticSettings[*].properties"]),
            rule("B-01", "b/services", &["diagnosticSettingsOfOthers", "sku.name"]),
            rule("B-02", "b/services", &["diagnosticSettings"]),
        ];
        let settings = MissingAction {
            action: "Microsoft.Insights/diagnosticSettings/read",
            facts: vec!["diagnosticSettings"],
            asset_types: Vec::new(),
        };
        let services = MissingAction {
            action: "B/services/read",
            facts: Vec::new(),
            asset_types: vec![AssetType::new("b/services")],
        };
        let access = [
            subscription("One", std::slice::from_ref(&settings)),
            subscription("Two", &[settings, services]),
            subscription("Three", &[]),
        ];
        let lacks = of(&access, &rules);
        let found: Vec<(&str, usize, Vec<String>)> = lacks
            .iter()
            .map(|lack| {
                let rules = lack.rules.iter().map(ToString::to_string).collect();
                (lack.action, lack.subscriptions.len(), rules)
            })
            .collect();
        let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        assert_eq!(
            found,
            [
                ("B/services/read", 1, texts(["B-01", "B-02"])),
                ("Microsoft.Insights/diagnosticSettings/read", 2, texts(["A-02", "B-02"])),
            ]
        );
    }
}
