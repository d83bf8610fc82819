//! What the author of a Postern rule pack needs.
//!
//! A rule is a [`Rule`]: what it says of itself, and a function from an [`AssetContext`] to a [`Judgement`].
//! A pack is a list of rules in a [`Pack`], exported with [`export_pack!`](crate::export_pack).
//! A rule knows no clock, no network and no file: whatever it needs stands in the asset's document.
//!
//! ```
//! use postern_rules_sdk::{AssetContext, Judgement, Outcome};
//!
//! fn judge(asset: &AssetContext) -> Outcome {
//!     // `?` makes the verdict `unknown`, with the reason, where the property could not be read.
//!     let keys = asset.flag("properties.disableLocalAuth")?;
//!     let evidence = keys.expected_or("true", "false: keys work");
//!     Ok(if keys.value == Some(true) {
//!         Judgement::pass("Keys are refused.", evidence)
//!     } else {
//!         Judgement::fail("Keys are accepted.", evidence)
//!     })
//! }
//! # let asset = AssetContext::from_resource(
//! #     postern_rules_sdk::SEARCH_SERVICE,
//! #     serde_json::json!({"properties": {}}),
//! # );
//! # assert_eq!(judge(&asset).unwrap().verdict, postern_rules_sdk::Verdict::Fail);
//! ```

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
mod judgement;
mod reading;
mod rule;

pub use context::AssetContext;
pub use judgement::{Judgement, Note, Outcome, Unreadable};
pub use postern_domain::arm::{
    COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};
pub use postern_domain::asset::AssetDocument;
pub use postern_domain::fact::{DIAGNOSTIC_SETTINGS, Fact};
pub use postern_domain::verdict::{Evidence, Severity, Topic, Verdict};
pub use reading::Reading;
pub use rule::{Pack, Read, Rule};
pub use serde_json::{Value, json};

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
                    settings: String,
                ) -> Vec<$crate::bindings::exports::postern::rules::rule_pack::Judgement> {
                    $pack.evaluate(&assets, &settings)
                }
            }

            $crate::bindings::export!(Exported with_types_in $crate::bindings);
        }
    };
}
