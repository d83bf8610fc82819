//! What the author of a Postern rule pack needs.
//!
//! A rule is a [`Rule`]: what it says of itself, and a function from an [`AssetContext`] to a [`Judgement`].
//! A pack is a list of rules in a [`Pack`], exported with [`export_pack!`](crate::export_pack).
//! A rule knows no clock, no network and no file: whatever it needs stands in the asset's document,
//! in the settings, or is the time of the snapshot.
//!
//! ```
//! use postern_rules_sdk::{AssetContext, Judgement, Outcome};
//!
//! fn judge(asset: &AssetContext<'_>) -> Outcome {
//!     // `?` makes the verdict `unknown`, with the reason, where the property could not be read.
//!     let keys = asset.flag("properties.disableLocalAuth")?;
//!     let evidence = keys.expected_or("true", "false: keys work");
//!     Ok(if keys.is_true() {
//!         Judgement::pass("Keys are refused.", evidence)
//!     } else {
//!         Judgement::fail("Keys are accepted.", evidence)
//!     })
//! }
//! # let document = serde_json::from_str(r#"{"resource": {"properties": {}}}"#).unwrap();
//! # let settings = postern_rules_sdk::Value::Null;
//! # let asset = AssetContext::new("id", postern_rules_sdk::SEARCH_SERVICE, &document, &settings, "");
//! # assert_eq!(judge(&asset).unwrap().verdict, postern_rules_sdk::Verdict::Fail);
//! ```

mod answer;
#[expect(missing_docs, reason = "generated from the contract")]
#[expect(clippy::pedantic, reason = "generated from the contract")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "pack",
        pub_export_macro: true,
        default_bindings_module: "postern_rules_sdk::bindings",
    });
}
mod context;
mod entries;
mod evidence;
mod judgement;
mod node;
mod pack;
mod reading;
mod rule;
mod setting;
mod text;

pub use context::{AssetContext, setting_evidence};
pub use entries::{Check, Entries, Words, failing, passing};
pub use evidence::Evidence;
pub use judgement::{Judgement, Outcome, Unreadable};
pub use node::Node;
pub use pack::Pack;
pub use postern_domain::arm::{
    BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
    SUBSCRIPTION,
};
pub use postern_domain::fact;
pub use postern_domain::verdict::{Severity, Topic, Verdict};
pub use reading::Reading;
pub use rule::{Read, Remedy, Rule};
pub use serde_json_borrow::Value;
pub use setting::{Setting, SettingKind};
pub use text::Text;
pub use time::{Duration, OffsetDateTime};

/// Exports a [`Pack`] as the component's `rule-pack`.
///
/// Takes a path to a `static` or `const` of type [`Pack`]; use it once, in the pack's `lib.rs`.
#[macro_export]
macro_rules! export_pack {
    ($pack:path) => {
        mod exported {
            struct Exported;

            impl $crate::bindings::exports::postern::rules::rule_pack::Guest for Exported {
                fn describe() -> String {
                    $pack.describe()
                }

                fn evaluate(
                    assets: Vec<$crate::bindings::exports::postern::rules::rule_pack::Asset>,
                    settings: Vec<String>,
                    taken_at: String,
                ) -> $crate::bindings::exports::postern::rules::rule_pack::Answer {
                    $pack.evaluate(&assets, &settings, &taken_at)
                }
            }

            $crate::bindings::export!(Exported with_types_in $crate::bindings);
        }
    };
}
