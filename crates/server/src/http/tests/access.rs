//! Who gets what: every route there is, for everybody there can be.

mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use postern_domain::clock::Clock;
use postern_domain::digest::Digest;
use postern_domain::person::{Actor, Claims, Grant, GrantRules, Role};
use postern_domain::team::Routing;
use postern_frontend::{Installation, SiteAssets};
use postern_service::Postern;
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::exception::{Filing, file_exception};
use postern_service::import::import_snapshot;
use postern_service::live::LiveScans;
use postern_service::session::{Identity, Vouched, begin_session, end_session};
use postern_service::team::set_routing;
use postern_service::token::{NewToken, PREFIX, create_token, revoke_token};
use postern_test_support::sample::{open_account, snapshot};
use postern_test_support::{NOW, TestDatabase, built_packs};
use serde_json::json;
use time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::Variables;
use crate::http::{Open, State, router};
use crate::sign_in::{LIMITS, Provider, SignIn, SignInSettings};

pub(super) use table::Who;
use table::Who::{
    Administrator, Anonymous, Approver, Auditor, Contributor, EndedToken, Engineer, EngineerToken,
    Expired, ForgedToken, OtherContributor, RevokedToken, SignedOut, TeamToken, TeamViewer, Viewer,
    WithoutRole,
};
use table::{EVERYBODY, OPEN, Row, TABLE};

/// How many secrets were made.
static SECRETS: AtomicU32 = AtomicU32::new(0);

/// What the form of a route says.
const FORM: &str = "connection=sample&scan=S-1&person=auditor";

pub(super) struct World {
    router: Router,
    routes: Vec<(String, Open)>,
    pub(super) postern: Postern,
    rules: GrantRules,
    _database: TestDatabase,
}

impl World {
    pub(super) async fn new() -> Self {
        let database = TestDatabase::create().await;
        let clock = Clock::fixed(NOW);
        let postern = Postern::open(database.pool().clone(), &built_packs(), clock).await.unwrap();
        let routing: Routing = serde_json::from_value(json!({
            "teams": [{"id": "nlp", "name": "NLP"}, {"id": "vision", "name": "Vision"}],
            "otherwise": "nlp",
        }))
        .unwrap();
        set_routing(&postern, &routing, "a test").await.unwrap();
        let new = NewConnection {
            slug: "sample".to_owned(),
            name: "Sample".to_owned(),
            kind: ConnectionKind::Azure,
            settings: json!({}),
            schedule: None,
        };
        let connection = ensure_connection(&postern, new).await.unwrap();
        let reading = snapshot(NOW, &[open_account("oai-1")]);
        import_snapshot(&postern, connection, reading.snapshot, reading.assets.into_values())
            .await
            .unwrap();
        file_request(&postern).await;
        let (sign_in, rules) = sign_in();
        let site = SiteAssets {
            css: "/assets/a.css".to_owned(),
            js: "/assets/a.js".to_owned(),
            copy: "/assets/b.js".to_owned(),
            wasm: "/assets/a.wasm".to_owned(),
            is_demo: false,
        };
        let installation = Arc::new(Installation {
            grants: Some(rules.clone()),
            channels: None,
            azure: Arc::new(|_| Err("a test".to_owned())),
            new_secret: || Some(SECRETS.fetch_add(1, Ordering::Relaxed).to_string()),
        });
        let state = State { postern: postern.clone(), site, sign_in, installation };
        let live = LiveScans::start(&postern, CancellationToken::new());
        let (router, list) = router(state, live);
        let name = |route: &postern_frontend::Route| format!("{} {}", route.method, route.path);
        let named = list.iter().map(|(route, open)| (name(route), *open)).collect();
        Self { router, routes: named, postern, rules, _database: database }
    }

    /// The cookie of somebody; `None` for who has none.
    pub(super) async fn session(&self, who: Who) -> Option<String> {
        if who == Anonymous {
            return None;
        }
        if [TeamToken, EngineerToken, RevokedToken, EndedToken, ForgedToken].contains(&who) {
            return Some(self.token(who).await);
        }
        let token = Digest::of(format!("{who:?}").as_bytes()).to_string();
        let at = if who == Expired { NOW - Duration::hours(25) } else { NOW };
        let postern = self.postern.with_clock(Clock::fixed(at));
        let vouched = Vouched {
            identity: Identity {
                issuer: "https://login.example".to_owned(),
                subject: format!("{who:?}"),
                name: format!("{who:?}"),
                email: None,
            },
            claims: Claims::from([("groups".to_owned(), [format!("{who:?}")].into())]),
        };
        begin_session(&postern, &token, vouched, &self.rules, LIMITS).await.unwrap();
        if who == SignedOut {
            end_session(&postern, &token).await.unwrap();
        }
        Some(format!("__Host-postern={token}"))
    }

    /// What a program sends to say who it is.
    async fn token(&self, who: Who) -> String {
        let secret = format!("{who:?}");
        let grants = match who {
            TeamToken => vec![Grant::in_team(Role::Contributor, "nlp".parse().unwrap())],
            EngineerToken => vec![Grant::of(Role::Engineer)],
            _ => vec![Grant::of(Role::Engineer), Grant::of(Role::Administrator)],
        };
        let at = if who == EndedToken { NOW - Duration::days(10) } else { NOW };
        let postern = self.postern.with_clock(Clock::fixed(at));
        if who != ForgedToken {
            let new = NewToken { name: secret.clone(), grants, days: 10 };
            let id = create_token(&postern, &secret, new).await.unwrap();
            if who == RevokedToken {
                revoke_token(&postern, id).await.unwrap();
            }
        }
        format!("Bearer {PREFIX}{secret}")
    }

    async fn ask(&self, route: &str, address: &str, session: Option<&str>) -> StatusCode {
        let form = route.starts_with("POST").then_some(FORM);
        self.send(address, session, form).await.status()
    }

    /// What is answered to somebody who sends a form, or reads without one.
    pub(super) async fn send(
        &self,
        address: &str,
        session: Option<&str>,
        form: Option<&str>,
    ) -> Response {
        let form = form.map(|form| ("application/x-www-form-urlencoded", form.as_bytes().to_vec()));
        self.send_body(address, session, form).await
    }

    /// Sends a form of some media type, or asks for a page without one.
    pub(super) async fn send_body(
        &self,
        address: &str,
        session: Option<&str>,
        form: Option<(&str, Vec<u8>)>,
    ) -> Response {
        let mut request = Request::builder()
            .method(if form.is_some() { "POST" } else { "GET" })
            .uri(address)
            .header("host", "postern.example");
        if let Some((media_type, _)) = form {
            request = request.header("content-type", media_type);
        }
        if let Some(session) = session {
            let header = if session.starts_with("Bearer") { "authorization" } else { "cookie" };
            request = request.header(header, session);
        }
        let body = form.map_or_else(Body::empty, |(_, form)| Body::from(form));
        self.answer(request.body(body).unwrap()).await
    }

    /// What is answered to a request.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// Files `X-1` for the one finding there is, as somebody who asks for nothing else.
async fn file_request(postern: &Postern) {
    let vouched = Vouched {
        identity: Identity {
            issuer: "https://login.example".to_owned(),
            subject: "Requester".to_owned(),
            name: "Requester".to_owned(),
            email: None,
        },
        claims: Claims::default(),
    };
    let (token, rules) = ("1".repeat(64), GrantRules::default());
    let id = begin_session(postern, &token, vouched, &rules, LIMITS).await.unwrap();
    let requester = Actor::Person {
        id,
        name: "Requester".to_owned(),
        grants: vec![Grant::of(Role::Engineer)],
        address: None,
    };
    let request = json!({
        "covers": {"findings": ["F-1"]},
        "reason": "risk_accepted",
        "justification": "The gateway comes in May.",
        "owner": id.to_string(),
        "until": "2026-04-01T00:00:00Z",
    });
    let filing = Filing {
        form_key: "1".to_owned(),
        connection: None,
        request: serde_json::from_value(request).unwrap(),
        extends: None,
        is_draft: false,
    };
    let id = file_exception(&postern.acting_as(requester), filing).await.unwrap();
    assert_eq!(id.to_string(), "X-1");
}

/// A provider that is never asked, and who has which role there.
fn sign_in() -> (SignIn, GrantRules) {
    let grant = |who: Who, role: &str, team: Option<&str>| {
        let mut grant = json!({"claim": "groups", "value": format!("{who:?}"), "role": role});
        if let Some(team) = team {
            grant["team"] = json!(team);
        }
        grant
    };
    let grants = json!([
        grant(Contributor, "contributor", Some("nlp")),
        grant(OtherContributor, "contributor", Some("vision")),
        grant(TeamViewer, "viewer", Some("nlp")),
        grant(Viewer, "viewer", None),
        grant(Expired, "administrator", None),
        grant(SignedOut, "administrator", None),
        grant(Approver, "approver", None),
        grant(Auditor, "auditor", None),
        grant(Engineer, "engineer", None),
        grant(Administrator, "administrator", None),
    ]);
    let settings = json!({
        "public_url": "https://postern.example",
        "provider": {"issuer": "http://127.0.0.1:1", "client_id": "a"},
        "grants": grants,
        "proxies": 0,
    });
    let settings: SignInSettings = serde_json::from_value(settings).unwrap();
    let provider = Provider::new(settings, &Variables::new(|_| None), &Clock::fixed(NOW)).unwrap();
    (SignIn::Provider(Arc::new(provider)), serde_json::from_value(grants).unwrap())
}

#[tokio::test]
async fn everybody_gets_what_the_table_says_of_every_route() {
    let world = World::new().await;
    // What was given out is in the table, and what is in the table is given out.
    let mut known: Vec<&str> = TABLE.iter().copied().flatten().map(|row| row.route).collect();
    let mut open: Vec<&str> = OPEN.iter().map(|row| row.0).collect();
    let of = |wanted: Open| -> Vec<&str> {
        let of_kind = world.routes.iter().filter(|(_, open)| *open == wanted);
        let mut names: Vec<&str> = of_kind.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    };
    known.sort_unstable();
    open.sort_unstable();
    assert_eq!(of(Open::ToKnown), known, "a route needs a row in the table");
    assert_eq!(of(Open::ToAll), open, "a route needs a row in the table");

    for who in EVERYBODY {
        let session = world.session(who).await;
        let session = session.as_deref();
        for Row { route, address, may, but, others } in TABLE.iter().copied().flatten() {
            let expected = match who {
                Anonymous | Expired | SignedOut | RevokedToken | EndedToken | ForgedToken => 401,
                WithoutRole => 403,
                who if may.0.contains(&who) => may.1,
                who if but.0.contains(&who) => but.1,
                _ => *others,
            };
            let got = world.ask(route, address, session).await;
            assert_eq!(got, expected, "{who:?}: {route}");
        }
        for (route, address, expected) in OPEN {
            if route == "POST /sign-out" {
                continue;
            }
            assert_eq!(world.ask(route, address, session).await, expected, "{who:?}: {route}");
        }
    }
}

#[tokio::test]
async fn a_session_ends_with_signing_out_and_not_with_somebody_elses() {
    let world = World::new().await;
    let mine = world.session(Auditor).await;
    let another = world.session(Engineer).await;
    let (mine, another) = (mine.as_deref(), another.as_deref());
    assert_eq!(world.ask("GET /overview", "/overview", mine).await, 200);
    assert_eq!(world.ask("POST /sign-out", "/sign-out", mine).await, 200);
    assert_eq!(world.ask("GET /overview", "/overview", mine).await, 401);
    assert_eq!(world.ask("GET /overview", "/overview", another).await, 200);
}

#[tokio::test]
async fn a_token_in_an_address_is_no_session() {
    let world = World::new().await;
    let session = world.session(Auditor).await.unwrap();
    assert_eq!(world.ask("GET /overview", "/overview", Some(&session)).await, 200);
    let token = session.split('=').next_back().unwrap();
    for name in ["__Host-postern", "token", "access_token"] {
        let address = format!("/overview?{name}={token}");
        assert_eq!(world.ask("GET /overview", &address, None).await, 401, "{address}");
    }
    let twice = format!("{session}; {session}");
    let plain = format!("postern={token}");
    let nobody = format!("__Host-postern={}", "0".repeat(64));
    for cookie in [plain.as_str(), "__Host-postern=", &twice, &nobody] {
        assert_eq!(world.ask("GET /overview", "/overview", Some(cookie)).await, 401, "{cookie}");
    }
}

#[tokio::test]
async fn whoever_reads_with_a_browser_is_sent_to_sign_in_and_back() {
    let world = World::new().await;
    let request = Request::get("/findings?sev=critical&q=a%26b")
        .header("host", "postern.example")
        .header("accept", "text/html,application/xhtml+xml")
        .body(Body::empty())
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 303);
    let to = "/sign-in?to=%2Ffindings%3Fsev%3Dcritical%26q%3Da%2526b";
    assert_eq!(answer.headers()["location"], to);
}
