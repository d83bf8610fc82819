//! What the misbehaving packs of `examples/` share: a manifest, an honest answer to spoil, and how to export it.

use postern_rules_sdk::bindings::exports::postern::rules::rule_pack::{
    Answer, Asset, Evidence, Judgement,
};
use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement as Verdict, Outcome, Pack, Read, Remedy,
    Rule, SEARCH_SERVICE, Setting, SettingKind, Severity, Topic,
};

/// Two rules on Search services, one that passes and one that fails whatever it sees, and one on accounts.
pub static PACK: Pack = Pack {
    name: "hostile",
    version: "0.1.0",
    description: "Misbehaves.",
    reads_only: false,
    rules: &[&[
        &Rule { settings: &[&MOST_DAYS, &NETWORKS], ..rule("HOSTILE-01", &[SEARCH_SERVICE], pass) },
        &rule("HOSTILE-02", &[SEARCH_SERVICE], fail),
        &rule("HOSTILE-03", &[COGNITIVE_SERVICES_ACCOUNT], pass),
    ]],
};

static MOST_DAYS: Setting = Setting {
    name: "mostDays",
    description: "Read by nobody; for the tests of settings.",
    kind: SettingKind::Integer { default: 30, least: 1, most: 365 },
};

static NETWORKS: Setting = Setting {
    name: "networks",
    description: "Read by nobody; for the tests of settings.",
    kind: SettingKind::Texts { default: &[], pattern: "^[0-9./]+$" },
};

/// What an honest pack would answer.
pub fn honest(assets: &[Asset], settings: &[String], taken_at: &str) -> Answer {
    PACK.evaluate(assets, settings, taken_at)
}

/// How the pack is to misbehave: the text that `name` has in the settings of the batch, which come from a test.
pub fn way(settings: &[String], name: &str) -> String {
    let read = |text: &String| -> Option<String> {
        let settings: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(settings.get(name)?.as_str()?.to_owned())
    };
    settings.iter().find_map(read).unwrap_or_default()
}

/// The last judgement of an answer that has some: the one to spoil.
pub fn last(answer: &mut Answer) -> &mut Judgement {
    answer.judgements.last_mut().expect("the tests hand over assets that rules are about")
}

/// The last piece of evidence of an answer, which is the last judgement's.
pub fn last_evidence(answer: &mut Answer) -> &mut Evidence {
    answer.evidence.last_mut().expect("an honest judgement has evidence")
}

/// Adds a text to an answer; gives its position.
pub fn add(answer: &mut Answer, text: String) -> u32 {
    answer.texts.push(text);
    u32::try_from(answer.texts.len() - 1).expect("an answer has fewer texts than 2^32")
}

/// Exports a pack: its `describe` (that of [`PACK`] where it is left out) and its `evaluate`.
#[macro_export]
macro_rules! export {
    ($evaluate:path) => {
        $crate::export!(describe, $evaluate);

        fn describe() -> String {
            $crate::PACK.describe()
        }
    };
    ($describe:path, $evaluate:path) => {
        struct Hostile;

        impl postern_rules_sdk::bindings::exports::postern::rules::rule_pack::Guest for Hostile {
            fn describe() -> String {
                $describe()
            }

            fn evaluate(
                assets: Vec<postern_rules_sdk::bindings::exports::postern::rules::rule_pack::Asset>,
                settings: Vec<String>,
                taken_at: String,
            ) -> postern_rules_sdk::bindings::exports::postern::rules::rule_pack::Answer {
                $evaluate(&assets, &settings, &taken_at)
            }
        }

        postern_rules_sdk::bindings::export!(Hostile with_types_in postern_rules_sdk::bindings);
    };
}

/// A rule of which nothing matters but these.
pub const fn rule(
    id: &'static str,
    asset_types: &'static [&'static str],
    judge: fn(&AssetContext<'_>) -> Outcome,
) -> Rule {
    Rule {
        id,
        title: "All is well",
        topic: Topic::Policy,
        severity: Severity::High,
        severity_reason: "made up",
        rationale: "For tests.",
        asset_types,
        exceptions: &[],
        never: &[],
        reads: &[Read { path: "name", source: "any", absent: "nothing" }],
        settings: &[],
        remedy: Remedy { summary: "None.", az: None, bicep: None, terraform: None, portal: None },
        policies: &[],
        policy_difference: "",
        controls: &[],
        references: &[],
        judge,
    }
}

fn pass(asset: &AssetContext<'_>) -> Outcome {
    Ok(Verdict::pass("All is well.", asset.text("name")?.expected("a name")))
}

fn fail(asset: &AssetContext<'_>) -> Outcome {
    Ok(Verdict::fail("Nothing is well.", asset.text("name")?.expected("another name")))
}
