//! The rules that judge, and each of them with what it says of the assets.

use postern_domain::framework::{ControlReference, RuleState, Tally};
use postern_domain::id::RuleId;
use postern_domain::person::Sight;
use postern_domain::rule::RuleManifest;
use postern_domain::settings::PackSettings;
use postern_engine::Pack;
use postern_store::{PgConnection, read};

use super::active::{Active, ActiveError, active};
use crate::Postern;
use crate::framework::{Judged, Rulebook, judged};
use crate::postern::pack_view;
use crate::read::{ReadError, TeamNames, choose};
use crate::view::{
    OverriddenView, RuleControlView, RuleQuery, RuleRowView, RuleView, RulesView, SettingView,
};

/// Rules could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum RuleReadError {
    /// The rules that judge now cannot be found out.
    #[error(transparent)]
    Active(#[from] ActiveError),
    /// What they say could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The rules that judge and that `query` lets through, with their verdicts on the connection called `connection`, or on the
/// one shown by default; `None` where there is no such connection, or none yet.
pub async fn list_rules(
    postern: &Postern,
    connection: Option<&str>,
    query: RuleQuery,
) -> Result<Option<RulesView>, RuleReadError> {
    let active = active(postern).await?;
    let mut transaction = read::begin(&postern.pool).await.map_err(ReadError::from)?;
    let session = &mut *transaction;
    let Some(chosen) = choose(session, connection).await? else { return Ok(None) };
    let judged = judged(postern, session, &[chosen.id], None).await.map_err(ReadError::from)?;
    let names = TeamNames::load(session, None).await?;
    let read_at = read::evaluation::latest(session, chosen.id, None).await;
    let read_at = read_at.map_err(ReadError::from)?.map(|evaluation| evaluation.at);
    let all: Vec<&RuleManifest> =
        active.packs.iter().flat_map(|pack| &pack.manifest().rules).collect();
    let of = |wanted: &dyn Fn(&RuleManifest) -> bool| {
        u32::try_from(all.iter().filter(|rule| wanted(rule)).count()).unwrap_or(u32::MAX)
    };
    let any_severity = RuleQuery { severities: Vec::new(), ..query.clone() };
    let any_topic = RuleQuery { topics: Vec::new(), ..query.clone() };
    let mut rules: Vec<RuleRowView> = all
        .iter()
        .filter(|rule| lets_through(&query, rule))
        .map(|rule| row_view(rule, &judged))
        .collect();
    rules.sort_by(|one, other| (one.topic, &one.id).cmp(&(other.topic, &other.id)));
    Ok(Some(RulesView {
        limited_to: names.limits(postern.sight()),
        read_at,
        severity_counts: postern_domain::verdict::Severity::ALL
            .iter()
            .map(|severity| {
                let wanted = |rule: &RuleManifest| {
                    rule.severity == *severity && lets_through(&any_severity, rule)
                };
                (*severity, of(&wanted))
            })
            .collect(),
        topic_counts: postern_domain::verdict::Topic::ALL
            .iter()
            .map(|topic| {
                let wanted =
                    |rule: &RuleManifest| rule.topic == *topic && lets_through(&any_topic, rule);
                (*topic, of(&wanted))
            })
            .collect(),
        total: of(&|_| true),
        rules,
        query,
        connections: chosen.choice,
    }))
}

fn row_view(rule: &RuleManifest, judged: &Judged) -> RuleRowView {
    RuleRowView {
        id: rule.id.clone(),
        title: rule.title.clone(),
        topic: rule.topic,
        severity: rule.severity,
        asset_types: rule.asset_types.clone(),
        tally: tally(&rule.id, judged),
    }
}

fn tally(rule: &RuleId, judged: &Judged) -> Option<Tally> {
    match judged.states.of(rule) {
        RuleState::NotRun => None,
        RuleState::Ran(tally) => Some(tally),
    }
}

fn lets_through(query: &RuleQuery, rule: &RuleManifest) -> bool {
    let says = |text: &String| {
        let wanted = text.to_lowercase();
        let holds = |words: &str| words.to_lowercase().contains(&wanted);
        holds(rule.id.as_str())
            || holds(&rule.title)
            || rule.reads.iter().any(|read| holds(&read.path))
    };
    (query.severities.is_empty() || query.severities.contains(&rule.severity))
        && (query.topics.is_empty() || query.topics.contains(&rule.topic))
        && query.text.as_ref().is_none_or(says)
}

/// A rule; `None` where no pack ever had it, or there is no such connection.
pub async fn show_rule(
    postern: &Postern,
    connection: Option<&str>,
    id: &RuleId,
) -> Result<Option<RuleView>, RuleReadError> {
    let active = active(postern).await?;
    let mut transaction = read::begin(&postern.pool).await.map_err(ReadError::from)?;
    let session = &mut *transaction;
    let Some(chosen) = choose(session, connection).await? else { return Ok(None) };
    let found = active.packs.iter().find_map(|pack| {
        let rule = pack.manifest().rules.iter().find(|rule| rule.id == *id)?;
        Some((pack, rule.clone()))
    });
    let (pack, rule) = match found {
        Some((pack, rule)) => (Some(pack), rule),
        None => match retired(session, id).await? {
            Some(rule) => (None, rule),
            None => return Ok(None),
        },
    };
    let judged = judged(postern, session, &[chosen.id], None).await.map_err(ReadError::from)?;
    let evaluation = read::evaluation::latest(session, chosen.id, None).await;
    let read_at = evaluation.map_err(ReadError::from)?.map(|evaluation| evaluation.at);
    let names = TeamNames::load(session, None).await?;
    let digests = active.packs.iter().map(Pack::digest).collect();
    let book = Rulebook::of(postern, session, digests).await.map_err(ReadError::from)?;
    Ok(Some(RuleView {
        limited_to: names.limits(postern.sight()),
        read_at,
        tally: tally(id, &judged),
        is_newer_than_results: read_at.is_some()
            && pack.is_some_and(|pack| !judged.packs.contains(&pack.digest())),
        controls: controls(&book, id),
        settings: pack.map(|pack| settings(pack, &active, &rule, postern)).unwrap_or_default(),
        pack: pack.map(|pack| pack_view(pack, postern.rules.origin(pack.digest()))),
        rule,
        connections: chosen.choice,
    }))
}

/// What the last pack that had a rule said of it.
async fn retired(
    session: &mut PgConnection,
    id: &RuleId,
) -> Result<Option<RuleManifest>, ReadError> {
    Ok(read::rule::describe(session, std::slice::from_ref(id)).await?.pop())
}

/// The controls that a rule is evidence for, by its manifest or by their framework.
fn controls(book: &Rulebook, id: &RuleId) -> Vec<RuleControlView> {
    let of_framework = |framework: &postern_domain::framework::Framework| {
        let mapped = framework.controls().iter().filter(|control| {
            control.rules().binary_search_by(|mapped| mapped.rule.cmp(id)).is_ok()
        });
        let view = |control: &postern_domain::framework::Control| RuleControlView {
            control: ControlReference {
                framework: framework.id().clone(),
                control: control.id().clone(),
            },
            framework: framework.name(),
            title: control.title().map(str::to_owned),
        };
        mapped.map(view).collect::<Vec<_>>()
    };
    book.catalogue().frameworks().iter().flat_map(of_framework).collect()
}

/// What can be set that the rule reads, with what holds.
fn settings(
    pack: &Pack,
    active: &Active,
    rule: &RuleManifest,
    postern: &Postern,
) -> Vec<SettingView> {
    let manifest = pack.manifest();
    let set: &PackSettings = active.settings.of(&manifest.name);
    let read = manifest.settings.iter().filter(|setting| rule.settings.contains(&setting.name));
    let view = |setting: &postern_domain::rule::SettingManifest| {
        let name = &setting.name;
        let overridden: Vec<OverriddenView> = set
            .overrides
            .iter()
            .filter_map(|other| {
                Some(OverriddenView {
                    scope: other.scope.to_string(),
                    value: other.values.get(name)?.clone(),
                    reason: other.reason.clone(),
                })
            })
            .collect();
        SettingView {
            name: name.clone(),
            description: setting
                .schema
                .get("description")
                .and_then(|it| it.as_str())
                .map(str::to_owned),
            default: setting.default.clone(),
            value: set.values.get(name).unwrap_or(&setting.default).clone(),
            is_overridden: !overridden.is_empty(),
            // Scopes name what is others'.
            overridden: match postern.sight() {
                Sight::Everything => overridden,
                Sight::Teams(_) => Vec::new(),
            },
        }
    };
    read.map(view).collect()
}
