//! Badges: a word, a shape and a colour, in that order of importance.

use leptos::prelude::*;
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::FindingState;
use postern_domain::verdict::Severity;

use super::end;
use crate::shape::{NEUTRAL, Shape};

/// How bad a failure is.
#[component]
pub fn SeverityBadge(
    /// The severity.
    severity: Severity,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=severity.as_str()>
            <Shape path=severity_shape(severity) />
            {severity.label()}
        </span>
    }
    .into_any()
}

/// The state of a finding.
#[component]
pub fn StateBadge(
    /// The state.
    state: FindingState,
) -> impl IntoView {
    let tone = match state {
        FindingState::Open => Tone::Fail,
        FindingState::NotRechecked => Tone::Warning,
        FindingState::Unknown => Tone::Unknown,
        FindingState::Resolved => Tone::Pass,
    };
    view! { <ToneBadge tone=tone word=state.label().to_owned() /> }
}

/// How a finding stands, with what was decided about it: until when it is accepted, or that a request waits.
#[component]
pub fn StandingBadge(
    /// Its state, as evaluations left it.
    state: FindingState,
    /// How it stands.
    effective: EffectiveStatus,
) -> impl IntoView {
    match effective {
        EffectiveStatus::Excepted { exception, until } => view! {
            <ToneBadge tone=Tone::Excepted word="Excepted".to_owned() />
            <span class="below">
                {format!("until {} · ", end(until))}
                <a href=format!("/exceptions/{exception}")>{exception.to_string()}</a>
            </span>
        }
        .into_any(),
        EffectiveStatus::Pending { exception } => view! {
            <StateBadge state=state />
            <span class="below">
                "request waits · "
                <a href=format!("/exceptions/{exception}")>{exception.to_string()}</a>
            </span>
        }
        .into_any(),
        EffectiveStatus::Open
        | EffectiveStatus::NotRechecked
        | EffectiveStatus::Unknown
        | EffectiveStatus::Resolved => view! { <StateBadge state=state /> }.into_any(),
    }
}

/// What a badge's colour and shape say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It could not be read.
    Unknown,
    /// It needs a look.
    Warning,
    /// It is not, and somebody accepted that until a moment.
    Excepted,
    /// It says nothing either way.
    Neutral,
}

/// A badge with any word.
#[component]
pub fn ToneBadge(
    /// Its colour and shape.
    tone: Tone,
    /// Its word.
    word: String,
) -> impl IntoView {
    let (name, path) = match tone {
        Tone::Pass => (
            "pass",
            "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm-1 11.4-3.2-3.2 1.3-1.3L9 10.8l4-4 1.3 1.3Z",
        ),
        Tone::Fail => (
            "fail",
            "M6.7 2h6.6L18 6.7v6.6L13.3 18H6.7L2 13.3V6.7Zm.4 3.8L5.8 7.1 8.7 10l-2.9 2.9 1.3 1.3L10 11.3l2.9 2.9 1.3-1.3L11.3 10l2.9-2.9-1.3-1.3L10 8.7Z",
        ),
        Tone::Unknown => (
            "unknown",
            "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm-.9 12.6v-1.8h1.8v1.8Zm0-3c0-2.6 2.3-2.5 2.3-4 0-.8-.6-1.2-1.4-1.2-.9 0-1.4.6-1.5 1.5H6.7C6.8 6 8 4.8 10 4.8c1.9 0 3.2 1 3.2 2.7 0 2.3-2.3 2.3-2.3 4.1Z",
        ),
        Tone::Warning => ("warning", "M10 2 19 18H1Zm-.9 5.5v5h1.8v-5Zm0 6.2v1.8h1.8v-1.8Z"),
        Tone::Excepted => (
            "excepted",
            "M10 1 17.5 4v5.5c0 4.6-3 8-7.5 9.5-4.5-1.5-7.5-4.9-7.5-9.5V4Zm0 2.1v13.8c3.4-1.4 5.5-4 5.5-7.4V5.3Z",
        ),
        Tone::Neutral => ("neutral", NEUTRAL),
    };
    view! {
        <span class="badge" data-tone=name>
            <Shape path=path />
            {word}
        </span>
    }
    .into_any()
}

fn severity_shape(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "M10 1 19 10 10 19 1 10Z",
        Severity::High => "M10 2 19 18H1Z",
        Severity::Medium => "M3 3h14v14H3Z",
        Severity::Low => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z",
    }
}
