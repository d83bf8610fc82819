//! The way in for the fuzz targets: answers that no guest gave. Nothing else should use it.

use postern_domain::asset::Asset;
use postern_domain::verdict::RuleVerdict;

use crate::accept::accept;
use crate::contract::wire;
use crate::pack::Pack;
use crate::problem::PackProblem;

/// A judgement as numbers: asset, rule, verdict, severity, summary, and how many pieces of evidence.
pub type Judgement = (u32, u32, u8, u8, u32, u32);

/// A piece of evidence as numbers: path, actual, expected and note.
pub type Evidence = (u32, Option<u32>, u32, Option<u32>);

/// What the engine makes of an answer that no guest had to give.
pub fn take(
    pack: &Pack,
    batch: &[&Asset],
    texts: Vec<String>,
    judgements: Vec<Judgement>,
    evidence: Vec<Evidence>,
    most_bytes: usize,
) -> Result<Vec<RuleVerdict>, PackProblem> {
    let judgements = judgements.into_iter().map(lowered).collect();
    let evidence = evidence
        .into_iter()
        .map(|(path, actual, expected, note)| wire::Evidence { path, actual, expected, note })
        .collect();
    accept(pack, batch, &wire::Answer { texts, judgements, evidence }, most_bytes)
}

fn lowered((asset, rule, verdict, severity, summary, evidence): Judgement) -> wire::Judgement {
    wire::Judgement {
        asset,
        rule,
        verdict: match verdict % 4 {
            0 => wire::Verdict::Pass,
            1 => wire::Verdict::Fail,
            2 => wire::Verdict::Unknown,
            _ => wire::Verdict::NotApplicable,
        },
        severity: match severity % 4 {
            0 => wire::Severity::Critical,
            1 => wire::Severity::High,
            2 => wire::Severity::Medium,
            _ => wire::Severity::Low,
        },
        summary,
        evidence,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::LazyLock;

    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Engine, Limits, applicable};

    /// A pack with two rules on Search services and one on accounts, and an asset of each type.
    static STAGE: LazyLock<(Pack, Vec<Asset>)> = LazyLock::new(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist/test-packs/liar.wasm");
        let bytes = std::fs::read(path).expect("`cargo xtask build-packs` comes first");
        let pack = Engine::new(Limits::default()).unwrap().load(&bytes).unwrap();
        let asset = |place: &str| {
            let id = format!("/subscriptions/s/resourceGroups/g/providers/{place}");
            Asset::from_resource(json!({ "id": id }), "made up").unwrap()
        };
        let services = asset("Microsoft.Search/searchServices/a");
        (pack, vec![services, asset("Microsoft.CognitiveServices/accounts/c")])
    });

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[ -~]{0,12}", Just("true".to_owned()), Just("{\"a\":[1]}".to_owned())]
    }

    fn judgement(assets: u32, rules: u32, texts: u32) -> impl Strategy<Value = Judgement> {
        (0..assets, 0..rules, 0..4_u8, 0..4_u8, 0..texts, 0..3_u32)
    }

    fn evidence(texts: u32) -> impl Strategy<Value = Evidence> {
        (0..texts, of(0..texts), 0..texts, of(0..texts))
    }

    fn check(
        texts: Vec<String>,
        judgements: Vec<Judgement>,
        evidence: Vec<Evidence>,
        most_bytes: usize,
    ) {
        let (pack, assets) = &*STAGE;
        let batch: Vec<&Asset> = assets.iter().collect();
        match take(pack, &batch, texts, judgements, evidence, most_bytes) {
            Ok(verdicts) => {
                let pairs: Vec<_> = batch
                    .iter()
                    .flat_map(|asset| {
                        let rules = applicable(pack.manifest(), asset);
                        rules.map(|rule| (asset.id.clone(), rule.id.clone()))
                    })
                    .collect();
                let said: Vec<_> =
                    verdicts.iter().map(|one| (one.asset.clone(), one.rule.clone())).collect();
                assert_eq!(said, pairs);
                for verdict in &verdicts {
                    assert!(!verdict.summary.trim().is_empty() && !verdict.evidence.is_empty());
                    assert!(verdict.evidence.iter().all(|item| !item.path.trim().is_empty()));
                }
            }
            Err(PackProblem::Lied { what }) => assert!(!what.is_empty()),
            Err(other) => assert!(matches!(other, PackProblem::TooMuch { .. }), "{other}"),
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_taken_whole_or_refused(
            texts in vec(text(), 0..6),
            judgements in vec(judgement(4, 5, 7), 0..6),
            evidence in vec(evidence(7), 0..12),
            most_bytes in 0..4096_usize,
        ) {
            check(texts, judgements, evidence, most_bytes);
        }

        /// Near enough to an honest answer to be taken now and then.
        #[test]
        fn an_answer_with_a_judgement_for_each_place_is_too(
            texts in vec(text(), 4..6),
            spoilt in judgement(1, 1, 4),
            others in vec(judgement(1, 1, 4), 2..=2),
            order in Just(vec![(0, 0), (0, 1), (1, 2)]).prop_shuffle(),
            mut evidence in vec(evidence(4), 6),
            surplus in 0..2_usize,
        ) {
            let judgements = others.into_iter().chain([spoilt]).zip(order);
            let placed = judgements.map(|(mut judgement, (asset, rule))| {
                (judgement.0, judgement.1) = (asset, rule);
                judgement
            });
            let placed: Vec<_> = placed.collect();
            let named: usize = placed.iter().map(|judgement| judgement.5 as usize).sum();
            evidence.truncate(named + surplus);
            check(texts, placed, evidence, 4096);
        }
    }
}
