//! The packs that judge, those that did, and what was changed.

use postern_domain::person::Permission;
use postern_domain::settings::PackSettings;
use postern_engine::Pack;
use postern_store::{StoreError, read, rules};

use super::active::active_view;
use super::show::RuleReadError;
use crate::Postern;
use crate::postern::pack_view;
use crate::read::ReadError;
use crate::view::{ActivePackView, KnownPackView, PackProblemOf, PacksView};

/// Changes on the page at most: the command line has all.
const CHANGES: u32 = 100;

/// Packs on the page at most.
pub(super) const KNOWN: u32 = 200;

/// The packs, for those who read what is of no single team: what goes wrong names whatever asset it was about.
pub async fn list_packs(postern: &Postern) -> Result<PacksView, RuleReadError> {
    postern.require(Permission::ReadEverything).map_err(ReadError::from)?;
    let now = active_view(postern).await?;
    let mut transaction = read::begin(&postern.pool).await.map_err(ReadError::from)?;
    let session = &mut *transaction;
    let mut problems = Vec::new();
    for connection in read::connection::list(session).await.map_err(ReadError::from)? {
        let latest = read::evaluation::latest(session, connection.id, None).await;
        let Some(latest) = latest.map_err(ReadError::from)? else { continue };
        let packs = read::evaluation::packs(session, latest.id).await.map_err(ReadError::from)?;
        problems.extend(packs.into_iter().filter_map(|pack| {
            Some(PackProblemOf {
                connection: connection.name.clone(),
                pack: format!("{} {}", pack.name, pack.version),
                problem: pack.problem?,
            })
        }));
    }
    let known = rules::known(session, KNOWN).await.map_err(ReadError::from)?;
    let changes = rules::changes(session, CHANGES).await.map_err(ReadError::from)?;
    let is_active = |digest| now.packs.iter().any(|(pack, _)| pack.digest() == digest);
    let known: Vec<KnownPackView> = known
        .into_iter()
        .map(|pack| KnownPackView {
            is_active: is_active(pack.digest),
            name: pack.name,
            version: pack.version,
            digest: pack.digest,
            first_used_at: pack.first_used_at,
        })
        .collect();
    let view = |pack: &Pack, origin| {
        let manifest = pack.manifest();
        ActivePackView {
            pack: pack_view(pack, Some(origin)),
            description: manifest.description.clone(),
            rules: u32::try_from(manifest.rules.len()).unwrap_or(u32::MAX),
            has_settings: *now.settings.of(&manifest.name) != PackSettings::default(),
            is_built_in: postern.rules.is_built_in(pack.digest()),
        }
    };
    let active = now.packs.iter().map(|(pack, origin)| view(pack, origin.clone())).collect();
    Ok(PacksView { active, problems, known, changes })
}

impl From<StoreError> for RuleReadError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}
