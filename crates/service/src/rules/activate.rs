//! Taking a pack into use, and out of it.

use postern_domain::digest::Digest;
use postern_domain::person::{Denied, Permission};
use postern_engine::LoadError;
use postern_store::StoreError;
use postern_store::rules::{self, PackOrigin};
use serde_json::json;

use super::active::{ActiveError, active, load};
use super::trust::{Trust, TrustError};
use crate::Postern;
use crate::decision::{Decided, begin, record};
use crate::evaluate::register_packs;

/// A pack was not taken into use; what judged before goes on.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// It is not trusted.
    #[error("the rule pack is not trusted")]
    Trust(#[from] TrustError),
    /// The engine refuses it.
    #[error("the rule pack was refused")]
    Refused(#[source] LoadError),
    /// A rule of it is a rule of another pack, so that its verdicts would be ambiguous.
    #[error("rule {rule} is in the active pack {other} already")]
    SameRule {
        /// The rule.
        rule: String,
        /// The pack that has it.
        other: String,
    },
    /// What was set for the pack cannot hold for this version of it.
    #[error("the settings of {pack} do not fit this version: {problem}")]
    Settings {
        /// The pack.
        pack: String,
        /// What is wrong, and where.
        problem: postern_engine::SettingProblem,
    },
    /// There is nothing to take out of use.
    #[error("no pack named {0} was activated")]
    NotActivated(String),
    /// The rules that judge now cannot be found out.
    #[error(transparent)]
    Active(#[from] ActiveError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// A pack that was taken into use.
#[derive(Clone, Debug, PartialEq)]
pub struct Activated {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: Digest,
    /// What vouches for it.
    pub origin: PackOrigin,
    /// The version and digest that judged before.
    pub before: Option<(String, Digest)>,
}

/// Makes a pack the one of its name that judges from the next evaluation on, in every process on this database.
pub async fn activate(
    postern: &Postern,
    component: &[u8],
    signature: Option<&str>,
    trust: &Trust,
    reason: &str,
) -> Result<Activated, ActivateError> {
    postern.require(Permission::Configure)?;
    let origin = trust.check(component, signature)?;
    let pack = load(postern, component.to_vec()).await?.map_err(ActivateError::Refused)?;
    let manifest = pack.manifest();
    register_packs(postern, std::slice::from_ref(&pack)).await?;
    let mut transaction = begin(postern).await?;
    let now = active(postern).await?;
    for other in now.packs.iter().filter(|other| other.manifest().name != manifest.name) {
        let mut theirs = other.manifest().rules.iter().map(|rule| &rule.id);
        if let Some(rule) = theirs.find(|id| manifest.rules.iter().any(|rule| rule.id == **id)) {
            return Err(ActivateError::SameRule {
                rule: rule.to_string(),
                other: other.manifest().name.clone(),
            });
        }
    }
    if let Some(problem) = pack.check_settings(now.settings.of(&manifest.name)).into_iter().next() {
        return Err(ActivateError::Settings { pack: manifest.name.clone(), problem });
    }
    let before = now.packs.iter().find(|other| other.manifest().name == manifest.name);
    let before = before.map(|pack| (pack.manifest().version.clone(), pack.digest()));
    let at = postern.clock.now();
    rules::register_origin(&mut transaction, pack.digest(), &origin, at).await?;
    rules::activate(&mut transaction, &manifest.name, Some(pack.digest()), reason, at).await?;
    let version = |version: &str, digest: Digest| json!({"version": version, "digest": digest});
    let decided = Decided {
        action: "pack.activate",
        subject: Some(manifest.name.clone()),
        reason: Some(reason.to_owned()),
        before: before.as_ref().map(|(text, digest)| version(text, *digest)),
        after: Some(version(&manifest.version, pack.digest())),
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    tracing::info!(pack.name = %manifest.name, pack.digest = %pack.digest(), "rule pack activated");
    let activated = Activated {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        digest: pack.digest(),
        origin,
        before,
    };
    postern.rules.keep(pack);
    active(postern).await?;
    Ok(activated)
}

/// Takes an activated pack out of use: the one that the binary carries judges again, or none of that name.
pub async fn deactivate(postern: &Postern, name: &str, reason: &str) -> Result<(), ActivateError> {
    postern.require(Permission::Configure)?;
    let mut transaction = begin(postern).await?;
    let Some(before) = rules::activated(&mut transaction).await?.remove(name) else {
        return Err(ActivateError::NotActivated(name.to_owned()));
    };
    let settings = rules::settings(&mut transaction).await?;
    if let Some(pack) = postern.rules.built_in(name)
        && let Some(problem) = pack.check_settings(settings.of(name)).into_iter().next()
    {
        return Err(ActivateError::Settings { pack: name.to_owned(), problem });
    }
    rules::activate(&mut transaction, name, None, reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "pack.deactivate",
        subject: Some(name.to_owned()),
        reason: Some(reason.to_owned()),
        before: Some(json!({"digest": before})),
        after: None,
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    active(postern).await?;
    Ok(())
}
