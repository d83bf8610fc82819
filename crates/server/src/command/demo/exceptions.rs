//! What the simulated company's people asked for and decided on the days of the demo, by the same use cases as the pages.

use postern_domain::clock::Clock;
use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::request::{
    Covers, EvidenceLinks, ReasonCategory, Request, Selection,
};
use postern_domain::person::Actor;
use postern_service::Postern;
use postern_service::exception::{
    Decision, Filing, comment_on_exception, decide_exception, file_exception,
};
use postern_service::finding::list_findings;
use postern_service::person::introduce;
use postern_service::view::FindingQuery;
use time::{Date, Duration, OffsetDateTime, Time};

use super::SLUG;
use crate::sign_in::{DemoPeople, demo_person};

/// A request, and what became of it.
struct Story {
    /// How many days before today it was filed.
    days_ago: i64,
    /// Who filed it.
    requester: &'static str,
    /// How many findings, the worst that they see.
    findings: u32,
    reason: fn(Date) -> ReasonCategory,
    why: &'static str,
    meanwhile: Option<&'static str>,
    /// In how many days from today it ends; before today where it is below 0.
    ends_in: i64,
    /// What the approver said; nothing yet where there is none.
    approved: Option<Approval>,
}

struct Approval {
    conditions: Option<&'static str>,
    comment: Option<&'static str>,
}

const APPROVER: &str = "approver";

const STORIES: [Story; 3] = [
    Story {
        days_ago: 20,
        requester: "other-contributor",
        findings: 1,
        reason: |_| ReasonCategory::MitigatedOtherwise,
        why: "The campaign ends this month, and the agency reaches the service by its gateway only.",
        meanwhile: Some("The gateway takes requests of the agency's addresses alone."),
        ends_in: -4,
        approved: Some(Approval { conditions: None, comment: None }),
    },
    Story {
        days_ago: 15,
        requester: "contributor",
        findings: 12,
        reason: |_| ReasonCategory::RiskAccepted,
        why: "The insurer's system cannot sign in with Entra ID before its next release.",
        meanwhile: Some(
            "The keys are rotated each week, and an alert watches the number of calls.",
        ),
        ends_in: 25,
        approved: Some(Approval {
            conditions: Some("Rotate the keys when the release is in use, and tell me the day."),
            comment: Some("Please add the date of the release once the insurer confirms it."),
        }),
    },
    Story {
        days_ago: 1,
        requester: "contributor",
        findings: 1,
        reason: |today| ReasonCategory::FixPlanned { on: today.saturating_add(Duration::days(12)) },
        why: "The change is planned for the next maintenance window, because it restarts the service.",
        meanwhile: None,
        ends_in: 14,
        approved: None,
    },
];

/// Does what was done on the day of a scan that ended at `at`. Done once more, it is there already.
pub(super) async fn of_day(
    postern: &Postern,
    at: OffsetDateTime,
    today: Date,
) -> anyhow::Result<()> {
    for story in &STORIES {
        if at.date() == today - Duration::days(story.days_ago) {
            tell(postern, story, at, today).await?;
        }
    }
    Ok(())
}

async fn tell(
    postern: &Postern,
    story: &Story,
    at: OffsetDateTime,
    today: Date,
) -> anyhow::Result<()> {
    let requester = acting(postern, story.requester, at + Duration::hours(6)).await?;
    let query = FindingQuery {
        connection: Some(SLUG.to_owned()),
        limit: story.findings,
        ..FindingQuery::default()
    };
    let view = list_findings(&requester, query).await?;
    let findings = view.into_iter().flat_map(|view| view.rows).map(|row| row.id);
    // A company without a finding needs no exception.
    let Ok(selection) = Selection::of(findings) else { return Ok(()) };
    let Some(owner) = requester.actor().person() else { return Ok(()) };
    let ends = today.saturating_add(Duration::days(story.ends_in + 1));
    let request = Request {
        covers: Covers::Findings(selection),
        reason: (story.reason)(today),
        justification: story.why.parse()?,
        compensating_control: story.meanwhile.map(str::parse).transpose()?,
        evidence: EvidenceLinks::default(),
        owner,
        until: ends.with_time(Time::MIDNIGHT).assume_utc(),
    };
    let filing = Filing {
        form_key: format!("the demo, {}", at.date()),
        connection: None,
        request,
        extends: None,
        is_draft: false,
    };
    let id = file_exception(&requester, filing).await?;
    let Some(Approval { conditions, comment }) = &story.approved else { return Ok(()) };
    let approver = acting(postern, APPROVER, at + Duration::hours(9)).await?;
    let decision = Decision::Approve {
        version: 1,
        seen: None,
        until: None,
        conditions: conditions.map(str::parse).transpose()?,
        later_assets: LaterAssets::NotCovered,
    };
    decide_exception(&approver, id, decision).await?;
    if let Some(comment) = comment {
        comment_on_exception(&approver, id, "the demo", &comment.parse()?).await?;
    }
    Ok(())
}

/// Postern on behalf of somebody of the demo, at a moment.
async fn acting(postern: &Postern, id: &str, at: OffsetDateTime) -> anyhow::Result<Postern> {
    let somebody = demo_person(id).ok_or_else(|| anyhow::anyhow!("the demo has no {id}"))?;
    let then = postern.with_clock(Clock::fixed(at));
    let actor = Actor::Person {
        id: introduce(&then, &somebody.identity).await?,
        name: somebody.identity.name.clone(),
        grants: DemoPeople::new()?.grants(&somebody.claims),
        address: None,
    };
    Ok(then.acting_as(actor))
}
