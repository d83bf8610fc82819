//! What exceptions do to findings at a moment, for lists, counts and trends.
//!
//! Nothing of it is stored: an exception ends because the moment is not before its end any more.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::person::Sight;
use postern_domain::trend::TrendPoint;
use postern_store::read::exception::{self, DecidedSpan};
use postern_store::read::tally::TalliesOf;
use postern_store::{PgConnection, StoreError};
use time::OffsetDateTime;

/// What exceptions do to one failing finding.
pub(crate) struct Effect {
    /// Excepted or pending.
    pub(crate) status: EffectiveStatus,
    /// The finding as it stood.
    pub(crate) finding: DecidedSpan,
}

/// What exceptions do to the findings of a connection at a moment: all others stand as they are.
pub(crate) struct Effects(BTreeMap<FindingId, Effect>);

impl Effects {
    /// As of a moment in the past, or of `now`.
    ///
    /// The day that it is can be asked for to its end, of which nobody knows yet what will have ended.
    pub(crate) async fn load(
        session: &mut PgConnection,
        of: ConnectionId,
        as_of: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<Self, StoreError> {
        let at = as_of.map_or(now, |as_of| as_of.min(now));
        let spans = exception::decided(session, of, (at, at)).await?;
        let mut by_finding: BTreeMap<FindingId, Vec<DecidedSpan>> = BTreeMap::new();
        for span in spans {
            by_finding.entry(span.finding).or_default().push(span);
        }
        let effect = |(finding, spans): (FindingId, Vec<DecidedSpan>)| {
            let (status, of) = prevailing(&spans)?;
            Some((finding, Effect { status, finding: of.clone() }))
        };
        Ok(Self(by_finding.into_iter().filter_map(effect).collect()))
    }

    /// How a finding in this state stands.
    pub(crate) fn status(&self, finding: FindingId, state: FindingState) -> EffectiveStatus {
        let plain = match state {
            FindingState::Open => EffectiveStatus::Open,
            FindingState::NotRechecked => EffectiveStatus::NotRechecked,
            FindingState::Unknown => return EffectiveStatus::Unknown,
            FindingState::Resolved => return EffectiveStatus::Resolved,
        };
        self.0.get(&finding).map_or(plain, |effect| effect.status)
    }

    /// What is accepted, by finding.
    pub(crate) fn excepted(&self) -> impl Iterator<Item = &Effect> {
        let is_excepted = |it: &&Effect| matches!(it.status, EffectiveStatus::Excepted { .. });
        self.0.values().filter(is_excepted)
    }

    /// Keeps what is accepted, of that which somebody sees, apart from what is open in a point.
    pub(crate) fn keep_apart(&self, point: &mut TrendPoint, sight: &Sight) {
        for effect in self.excepted_seen(sight) {
            let DecidedSpan { severity, state, .. } = effect.finding;
            for counts in point.severities.iter_mut().filter(|it| it.severity == severity) {
                counts.except(state);
            }
        }
    }

    /// What is accepted of that which somebody sees.
    pub(crate) fn excepted_seen(&self, sight: &Sight) -> impl Iterator<Item = &Effect> {
        self.excepted().filter(|effect| sight.holds(effect.finding.owner.as_ref()))
    }
}

/// Of the spans of one finding at one moment, what counts: as `postern_domain::exception::status::effective` has it.
fn prevailing(spans: &[DecidedSpan]) -> Option<(EffectiveStatus, &DecidedSpan)> {
    let accepted = spans
        .iter()
        .filter_map(|span| Some((span.granted_until?, Reverse(span.exception), span)))
        .max_by_key(|(until, exception, _)| (*until, *exception));
    if let Some((until, Reverse(exception), span)) = accepted {
        return Some((EffectiveStatus::Excepted { exception, until }, span));
    }
    let requested = spans.iter().min_by_key(|span| (span.filed_at, span.exception))?;
    Some((EffectiveStatus::Pending { exception: requested.exception }, requested))
}

/// Counts at each of these points, oldest first, what was accepted then, and keeps it apart from what was open.
pub(crate) async fn keep_apart(
    session: &mut PgConnection,
    of: ConnectionId,
    points: &mut [TrendPoint],
    whose: &TalliesOf,
    rules: Option<&[RuleId]>,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
    let mut spans = exception::decided(session, of, (first.at, last.at)).await?;
    spans.retain(|span| {
        let is_counted = match whose {
            TalliesOf::All => true,
            TalliesOf::Subscription(id) => span.subscription == *id,
            TalliesOf::Teams(teams) => span.owner.as_ref().is_some_and(|it| teams.contains(it)),
            TalliesOf::Nobody => span.owner.is_none(),
        };
        is_counted
            && span.granted_until.is_some()
            && rules.is_none_or(|rules| rules.contains(&span.rule))
    });
    for point in points {
        let holds = |span: &&DecidedSpan| {
            span.since <= point.at && span.until.is_none_or(|until| point.at < until)
        };
        let mut counted = None;
        for span in spans.iter().filter(holds) {
            // In the order of findings; of exceptions that overlap one counts.
            if counted.replace(span.finding) == Some(span.finding) {
                continue;
            }
            for counts in point.severities.iter_mut().filter(|it| it.severity == span.severity) {
                counts.except(span.state);
            }
        }
    }
    Ok(())
}
