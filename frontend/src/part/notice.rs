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
