//! A request for a page: who asks, and every way to answer.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use leptos::prelude::*;
use postern_domain::moment::{self, MomentError};
use postern_domain::person::{Denied, Permission};
use postern_service::Postern;
use postern_service::access::AccessError;
use postern_service::connection::{self, Connection};
use postern_service::live::LiveScans;
use postern_service::read::ReadError;
use postern_service::view::{AsOfView, ConnectionChoice, ConnectionView};
use time::OffsetDateTime;

use super::CONTENT_SECURITY_POLICY;
use crate::address::{AS_OF, href, pairs, value};
use crate::frame::{Frame, Islands, MenuEntry, PageAddress, PersonView, Place, SiteAssets, render};
use crate::installation::Installation;
use crate::page::problem::{Problem, ProblemPage, sentence};

/// What all requests share.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) live: LiveScans,
    pub(super) assets: SiteAssets,
    pub(super) installation: Arc<Installation>,
}

/// Who asks, as the server found out.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Acting on their behalf.
    pub postern: Postern,
}

/// A request for a page, with who asks.
pub(super) struct Visit {
    pub(super) postern: Postern,
    pub(super) live: LiveScans,
    pub(super) installation: Arc<Installation>,
    assets: SiteAssets,
}

impl FromRequestParts<Site> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, StatusCode> {
        // Without the server's word nobody is served, whatever was forgotten.
        let visitor = parts.extensions.get::<Visitor>().ok_or(StatusCode::UNAUTHORIZED)?;
        let Site { live, assets, installation } = site.clone();
        Ok(Self { postern: visitor.postern.clone(), live, installation, assets })
    }
}

/// A page that is not a problem.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) place: Place,
    pub(super) islands: Islands,
    pub(super) selected: Option<ConnectionView>,
    pub(super) connections: Vec<ConnectionView>,
    pub(super) as_of: Option<AsOfView>,
    pub(super) address: Option<PageAddress>,
}

impl Page {
    /// It can be shown as of a moment in the past, and is as of this one.
    pub(super) fn at_moment(self, as_of: Option<AsOfView>, address: PageAddress) -> Self {
        Self { as_of, address: Some(address), ..self }
    }

    /// Of no connection.
    pub(super) fn alone(title: String, place: Place) -> Self {
        Self {
            title,
            place,
            islands: Islands::None,
            selected: None,
            connections: Vec::new(),
            as_of: None,
            address: None,
        }
    }

    pub(super) fn of(title: String, place: Place, choice: &ConnectionChoice) -> Self {
        Self {
            title: format!("{title} · {}", choice.selected.name),
            place,
            islands: Islands::None,
            selected: Some(choice.selected.clone()),
            connections: choice.all.clone(),
            as_of: None,
            address: None,
        }
    }
}

/// The moment that an address asks for.
pub(super) fn as_of(query: Option<&str>) -> Result<Option<OffsetDateTime>, MomentError> {
    value(&pairs(query), AS_OF).map(moment::parse).transpose()
}

/// The address of a page without its moment, and without what another moment does not have: a place in a list, or what
/// was just done.
pub(super) fn address_of(path: &str, query: Option<&str>) -> PageAddress {
    let mut pairs = pairs(query);
    let passing = [AS_OF, "after", "queued", "cancelled", "schedule", "done", "tick"];
    pairs.retain(|(name, _)| !passing.contains(&name.as_str()));
    PageAddress { path: path.to_owned(), pairs }
}

impl Visit {
    /// What is written down of who did something.
    pub(super) fn by(&self) -> &str {
        self.postern.actor().name()
    }

    /// Whether whoever asks can file exceptions, which takes somebody who signed in.
    pub(super) fn may_ask(&self) -> bool {
        let actor = self.postern.actor();
        actor.person().is_some() && actor.require(Permission::AskForExceptions).is_ok()
    }

    pub(super) fn page(
        &self,
        status: StatusCode,
        page: Page,
        content: impl FnOnce() -> AnyView,
    ) -> Response {
        let frame = Frame {
            title: page.title,
            has_filters: matches!(page.place, Place::Findings | Place::Resources)
                && status == StatusCode::OK,
            place: page.place,
            islands: page.islands,
            selected: page.selected,
            connections: page.connections,
            site: self.assets.clone(),
            person: PersonView::of(self.postern.actor()),
            menu: MenuEntry::open_to(self.postern.actor()),
            packs: self.postern.packs(),
            as_of: page.as_of,
            address: page.address,
        };
        let mut response = (status, Html(render(frame, content))).into_response();
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        // The styles are asked for before the document is read, so that a slow machine paints sooner.
        let styles = format!("<{}>; rel=preload; as=style", self.assets.css);
        if let Ok(styles) = HeaderValue::from_str(&styles) {
            response.headers_mut().insert(header::LINK, styles);
        }
        response
    }

    pub(super) fn problem(&self, problem: Problem) -> Response {
        let status = match problem {
            Problem::NotFound { .. } => StatusCode::NOT_FOUND,
            Problem::NoConnection => StatusCode::OK,
            Problem::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Problem::Denied { .. } | Problem::NoRole => StatusCode::FORBIDDEN,
            Problem::Refused { .. } | Problem::NotExcepted { .. } | Problem::NotThen { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        let page = Page::alone(problem.title().to_owned(), Place::Elsewhere);
        self.page(status, page, || view! { <ProblemPage problem=problem /> }.into_any())
    }

    /// There is no view: an unknown connection was asked for, or there is none at all.
    pub(super) fn no_view(&self, asked: Option<&str>) -> Response {
        self.problem(match asked {
            Some(slug) => Problem::NotFound { what: format!("connection \u{201c}{slug}\u{201d}") },
            None => Problem::NoConnection,
        })
    }

    /// The connection that a form names, or the page that says why there is none.
    pub(super) async fn connection(
        &self,
        fields: &[(String, String)],
    ) -> Result<Connection, Response> {
        let Some(slug) = value(fields, "connection") else {
            let reason = "The form names no connection.".to_owned();
            return Err(self.problem(Problem::Refused { reason }));
        };
        match connection::find_connection(&self.postern, slug).await {
            Err(error) => Err(self.failed(&error)),
            Ok(found) => found.ok_or_else(|| self.no_view(Some(slug))),
        }
    }

    /// A page could not be read: because of the moment that it asks for, or because reading failed.
    pub(super) fn unread(&self, error: &ReadError, address: &PageAddress) -> Response {
        match error {
            ReadError::Denied(denied) => self.denied(*denied),
            ReadError::TooEarly { .. }
            | ReadError::NotKept { .. }
            | ReadError::Future { .. }
            | ReadError::NothingEvaluated(_) => self.not_then(error.to_string(), address),
            error => self.failed(error),
        }
    }

    /// Whoever asks may not.
    pub(super) fn denied(&self, denied: Denied) -> Response {
        self.problem(Problem::denied(denied, self.postern.actor()))
    }

    /// What a form asked for was not done.
    pub(super) fn not_done(&self, error: &AccessError) -> Response {
        match error {
            AccessError::Denied(denied) => self.denied(*denied),
            error @ AccessError::Store(_) => self.failed(error),
        }
    }

    pub(super) fn not_then(
        &self,
        reason: String,
        PageAddress { path, pairs }: &PageAddress,
    ) -> Response {
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.problem(Problem::NotThen { reason: sentence(&reason), now: href(path, &pairs) })
    }

    pub(super) fn failed(&self, error: &dyn std::error::Error) -> Response {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            causes = format!("{causes}: {cause}");
            source = cause.source();
        }
        tracing::error!(error = causes, "a page could not be read");
        self.problem(Problem::Failed)
    }
}
