//! What an organisation sets for its packs.

use postern_domain::person::{Denied, Permission};
use postern_domain::settings::{PackSettings, Settings};
use postern_engine::SettingProblem;
use postern_store::StoreError;
use postern_store::rules::{self, RuleChange};
use serde_json::json;

use super::active::{ActiveError, active};
use crate::Postern;
use crate::decision::{Decided, begin, record};

/// Settings were refused; what held before goes on.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// There is no such pack.
    #[error("no active rule pack is named {name}; there is {}", known.join(", "))]
    NoPack {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// Some values or scopes are wrong.
    #[error("the settings were refused: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused {
        /// All of them.
        problems: Vec<SettingProblem>,
    },
    /// The rules that judge now cannot be found out.
    #[error(transparent)]
    Active(#[from] ActiveError),
    /// Whoever set them may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What holds.
pub async fn settings(postern: &Postern) -> Result<Settings, StoreError> {
    let mut session = postern.pool.acquire().await?;
    rules::settings(&mut session).await
}

/// Sets what holds for a pack from the next evaluation on.
pub async fn set_settings(
    postern: &Postern,
    pack: &str,
    settings: &PackSettings,
    reason: &str,
) -> Result<(), SettingError> {
    postern.require(Permission::Configure)?;
    let now = active(postern).await?;
    let Some(found) = now.packs.iter().find(|one| one.manifest().name == pack) else {
        return Err(SettingError::NoPack {
            name: pack.to_owned(),
            known: now.packs.iter().map(|one| one.manifest().name.clone()).collect(),
        });
    };
    let problems = found.check_settings(settings);
    if !problems.is_empty() {
        return Err(SettingError::Refused { problems });
    }
    let mut transaction = begin(postern).await?;
    let before = rules::settings(&mut transaction).await?;
    rules::set(&mut transaction, pack, settings, reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "settings.set",
        subject: Some(pack.to_owned()),
        reason: Some(reason.to_owned()),
        before: Some(json!(before.of(pack))),
        after: Some(json!(settings)),
    };
    record(postern, &mut transaction, decided).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

/// What changed of packs and settings, the youngest first.
pub async fn changes(postern: &Postern, limit: u32) -> Result<Vec<RuleChange>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    rules::changes(&mut session, limit).await
}
