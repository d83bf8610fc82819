//! Pages for those who are not known, or may not.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use leptos::prelude::*;

use postern_domain::person::{Actor, Denied};

use super::{CONTENT_SECURITY_POLICY, Visitor};
use crate::frame::{Frame, Islands, PersonView, Place, SiteAssets, render};
use crate::page::problem::{Problem, ProblemPage};
use crate::page::sign_in::{SignInNotice, SignInPage, SignInWay};

/// The page for signing in; `return_to` is where to go afterwards.
pub fn show_sign_in(
    site: &SiteAssets,
    way: SignInWay,
    return_to: String,
    notice: Option<SignInNotice>,
) -> Response {
    let status = match notice {
        Some(SignInNotice::Failed(_)) => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    };
    show(site, status, ("Sign in", None), || {
        view! { <SignInPage way=way return_to=return_to notice=notice /> }.into_any()
    })
}

/// The page for somebody who is known and has no role.
pub fn show_no_role(site: &SiteAssets, actor: &Actor) -> Response {
    let problem = Problem::NoRole;
    let about = (problem.title(), PersonView::of(actor));
    show(site, StatusCode::FORBIDDEN, about, || {
        view! { <ProblemPage problem=problem /> }.into_any()
    })
}

/// The page for somebody who may not do what they asked for.
pub fn show_denied(site: &SiteAssets, visitor: &Visitor, denied: Denied) -> Response {
    let actor = visitor.postern.actor();
    let problem = Problem::denied(denied, actor);
    let about = (problem.title(), PersonView::of(actor));
    show(site, StatusCode::FORBIDDEN, about, || {
        view! { <ProblemPage problem=problem /> }.into_any()
    })
}

fn show(
    site: &SiteAssets,
    status: StatusCode,
    (title, person): (&str, Option<PersonView>),
    content: impl FnOnce() -> AnyView,
) -> Response {
    let frame = Frame {
        title: title.to_owned(),
        place: Place::Elsewhere,
        islands: Islands::None,
        selected: None,
        connections: Vec::new(),
        site: site.clone(),
        person,
        menu: Vec::new(),
        packs: Vec::new(),
        has_filters: false,
        as_of: None,
        address: None,
    };
    let html = render(frame, content);
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
