//! Which rules judge: packs of the binary and those that were activated, their signatures, and their settings.

mod activate;
mod active;
pub mod cases;
mod compare;
mod folder;
mod packs;
mod setting;
mod show;
mod trust;
mod what_if;

pub use self::packs::list_packs;
pub use activate::{ActivateError, Activated, activate, deactivate};
pub use active::{ActiveError, ActiveView, active_view};
pub(crate) use active::{ActiveRules, active};
pub use compare::{
    Appeared, CompareError, Comparison, Difference, RuleSet, compare, find_pack, read_pack,
};
pub use folder::{Looked, PackFolder, PackFolderError, signature_beside};
pub use postern_store::rules::{PackOrigin, RuleChange, RuleChangeKind};
pub use setting::{SettingError, changes, set_settings, settings};
pub use show::{RuleReadError, list_rules, show_rule};
pub use trust::{KeyError, Trust, TrustError};
pub use what_if::{MOST_DAYS, MOST_SECONDS, WhatIf, WhatIfError, compare_packs, packs_to_compare};
