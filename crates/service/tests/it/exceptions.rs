//! Exceptions: who may do what, what is written, and what that means for findings, lists and counts.

mod acts;
mod binding;
mod counts;
mod exemptions;
mod files;
mod notifications;
mod races;
mod random;
mod reports;
mod selecting;
mod standing;
mod threads;

use std::sync::atomic::{AtomicU32, Ordering};

use postern_domain::clock::Clock;
use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::request::Request;
use postern_domain::exception::status::{EffectiveStatus, ExceptionStatus};
use postern_domain::id::{ExceptionId, FindingId, PersonId};
use postern_domain::moment;
use postern_domain::person::{Actor, Claims, Grant, GrantRules, Role};
use postern_service::Postern;
use postern_service::exception::{
    Decision, ExceptionError, Filing, decide_exception, file_exception, show_exception,
};
use postern_service::finding::show_finding;
use postern_service::session::{Identity, SessionLimits, Vouched, begin_session};
use postern_service::team::set_routing;
use postern_service::view::ExceptionView;
use postern_test_support::NOW;
use postern_test_support::sample::{open_account, snapshot};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::world::{World, day};

/// A critical rule that fails on open accounts, and reads their network rules.
const EXPOSED_KEYS: &str = "NET-37";

/// An estate of two teams, and the people who work with it.
struct Office {
    world: World,
}

/// Somebody of the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// A contributor of `nlp`, whose the accounts are.
    Nora,
    /// Another one.
    Nils,
    /// A contributor of `vision`, which has nothing.
    Tomas,
    /// An approver of everything.
    Amal,
    /// Another one.
    Bruno,
    /// An approver of a subscription that there is none of.
    Elsewhere,
    Kim,
    Vera,
}

use Who::{Amal, Bruno, Elsewhere, Kim, Nils, Nora, Tomas, Vera};

impl Who {
    fn grants(self) -> Vec<Grant> {
        let team = |id: &str| Grant::in_team(Role::Contributor, id.parse().unwrap());
        match self {
            Nora | Nils => vec![team("nlp")],
            Tomas => vec![team("vision")],
            Amal | Bruno => vec![Grant::of(Role::Approver)],
            Elsewhere => {
                let grant = json!({"role": "approver", "scope": {"subscription": "elsewhere"}});
                vec![serde_json::from_value(grant).unwrap()]
            }
            Kim => vec![Grant::of(Role::Engineer)],
            Vera => vec![Grant::of(Role::Auditor)],
        }
    }
}

impl Office {
    /// With two open accounts, judged on day 0.
    async fn new() -> Self {
        let world = World::new().await;
        let routing = serde_json::from_value(json!({
            "teams": [{"id": "nlp", "name": "NLP"}, {"id": "vision", "name": "Vision"}],
            "rules": [{"scope": {"tag": "team=vision"}, "team": "vision"}],
            "otherwise": "nlp",
        }))
        .unwrap();
        set_routing(&world.postern, &routing, "a test").await.unwrap();
        world.take(snapshot(day(0), &[open_account("oai-1"), open_account("oai-2")])).await;
        Self { world }
    }

    /// Postern on behalf of somebody, some days and an hour after the first.
    async fn at(&self, who: Who, days: i64) -> Postern {
        self.at_moment(who, day(days) + Duration::HOUR).await
    }

    async fn at_moment(&self, who: Who, at: OffsetDateTime) -> Postern {
        let id = self.person(who).await;
        let actor =
            Actor::Person { id, name: format!("{who:?}"), grants: who.grants(), address: None };
        self.world.postern.with_clock(Clock::fixed(at)).acting_as(actor)
    }

    async fn person(&self, who: Who) -> PersonId {
        let vouched = Vouched {
            identity: Identity {
                issuer: "https://login.example".to_owned(),
                subject: format!("{who:?}"),
                name: format!("{who:?}"),
                email: Some(format!("{who:?}@contoso.example").to_lowercase()),
            },
            claims: Claims::default(),
        };
        let limits = SessionLimits { idle: Duration::HOUR, longest: Duration::HOUR };
        let token = format!("{who:?} {}", number());
        let rules = GrantRules::default();
        begin_session(&self.world.postern, &token, vouched, &rules, limits).await.unwrap()
    }

    async fn finding(&self, name: &str) -> FindingId {
        self.world.finding(name, EXPOSED_KEYS).await.unwrap().id
    }

    /// A request for findings until a day.
    async fn request(&self, of: Who, findings: &[FindingId], until: i64) -> Request {
        self.request_for(of, &json!({"findings": findings}), until).await
    }

    async fn request_for(&self, of: Who, covers: &Value, until: i64) -> Request {
        serde_json::from_value(json!({
            "covers": covers,
            "reason": "risk_accepted",
            "justification": "The gateway in front of it comes later.",
            "owner": self.person(of).await,
            "until": moment::text(day(until)),
        }))
        .unwrap()
    }

    /// Files a request for the account's exposed keys, on day 1 until day 60.
    async fn file(&self, who: Who, account: &str) -> Result<ExceptionId, ExceptionError> {
        let findings = [self.finding(account).await];
        let request = self.request(who, &findings, 60).await;
        file_exception(&self.at(who, 1).await, filing(request)).await
    }

    /// Files and approves, on day 1, until day 60.
    async fn except(&self, account: &str) -> ExceptionId {
        let id = self.file(Nora, account).await.unwrap();
        let status = decide_exception(&self.at(Amal, 1).await, id, yes()).await.unwrap();
        assert_eq!(status, ExceptionStatus::Approved);
        id
    }

    async fn show(&self, who: Who, days: i64, id: ExceptionId) -> ExceptionView {
        show_exception(&self.at(who, days).await, id, None).await.unwrap().unwrap()
    }

    async fn status(&self, days: i64, id: ExceptionId) -> ExceptionStatus {
        self.show(Vera, days, id).await.row.status
    }

    /// How the finding on the account's exposed keys stands.
    async fn stands(&self, account: &str, days: i64) -> EffectiveStatus {
        self.stands_at(account, day(days) + Duration::HOUR).await
    }

    async fn stands_at(&self, account: &str, at: OffsetDateTime) -> EffectiveStatus {
        let postern = self.at_moment(Vera, at).await;
        let finding = self.finding(account).await;
        show_finding(&postern, finding, None).await.unwrap().unwrap().row.effective
    }

    async fn acts(&self, id: ExceptionId) -> Vec<&'static str> {
        self.show(Vera, 400, id).await.acts.iter().map(|act| act.deed).collect()
    }
}

/// Another number each time.
fn number() -> u32 {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// A form that nobody sent before.
fn filing(request: Request) -> Filing {
    Filing {
        form_key: number().to_string(),
        connection: None,
        request,
        extends: None,
        is_draft: false,
    }
}

/// Approves the first version of a request as it is asked for.
fn yes() -> Decision {
    Decision::Approve {
        version: 1,
        seen: None,
        until: None,
        conditions: None,
        later_assets: LaterAssets::NotCovered,
    }
}

fn no() -> Decision {
    Decision::Reject { reason: "It is too much.".parse().unwrap() }
}

fn is_excepted(status: EffectiveStatus) -> bool {
    matches!(status, EffectiveStatus::Excepted { .. })
}
