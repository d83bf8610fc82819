//! Notices: what a page has to say before its content.

use leptos::prelude::*;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was done.
    Done,
    /// Something to know.
    Information,
    /// Something is incomplete.
    Warning,
    /// Something failed.
    Failure,
}

/// A notice; it stays until the next page.
#[component]
pub fn Notice(
    /// What it is about.
    kind: NoticeKind,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let (word, name, role) = match kind {
        NoticeKind::Done => ("Done", "done", "status"),
        NoticeKind::Information => ("Note", "information", "status"),
        NoticeKind::Warning => ("Incomplete", "warning", "status"),
        NoticeKind::Failure => ("Error", "failure", "alert"),
    };
    view! {
        <div class="notice" data-kind=name role=role>
            <strong class="notice-word">{word}</strong>
            <div class="notice-text">{children()}</div>
        </div>
    }
    .into_any()
}

/// What in an address was not understood, which is never fatal; nothing where all was.
#[component]
pub fn Ignored(
    /// The parts, as the address says them.
    parts: Vec<String>,
) -> impl IntoView {
    (!parts.is_empty()).then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>{format!("Not understood, and left out: {}.", parts.join(", "))}</p>
            </Notice>
        }
    })
}

/// That this is the first page, because the one asked for is of another list.
#[component]
pub fn FirstInstead(
    /// Whether it is.
    is_first_instead: bool,
) -> impl IntoView {
    is_first_instead.then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>"The address named a page of another list, so this is the first page."</p>
            </Notice>
        }
    })
}
