//! Policy: what is allowed of exceptions, how long things are kept, and the room that takes.

mod exceptions;
mod retention;
mod storage;

pub use exceptions::{EnteredPolicy, ExceptionPolicyFormPage, field as policy_field};
pub use retention::{EnteredRetention, RetentionPreviewPage, field as retention_field};
pub use storage::StoragePage;

use leptos::prelude::*;
use postern_domain::exception::policy::{Approvers, ExceptionPolicy};
use postern_domain::verdict::Severity;
use postern_service::view::RetentionView;

use crate::address::{EDIT_POLICY, STORAGE};
use crate::part::{Mistake, MistakeSummary, Notice, NoticeKind, counted};

/// What is allowed, and what is kept.
#[component]
pub fn PolicyPage(
    /// What is allowed of exceptions.
    policy: ExceptionPolicy,
    /// What is kept.
    kept: RetentionView,
    /// What was entered into the form for what is kept; `None` where whoever asks may not change it.
    entered: Option<EnteredRetention>,
    /// What is wrong with it.
    mistakes: Vec<Mistake>,
    /// What was just done, as a sentence.
    done: Option<&'static str>,
) -> impl IntoView {
    let notice = done.map(|done| view! { <Notice kind=NoticeKind::Done><p>{done}</p></Notice> });
    let may_change = entered.is_some();
    let change = if may_change {
        view! { <a class="button" href=EDIT_POLICY>"Change what is allowed"</a> }.into_any()
    } else {
        view! { <p class="hint">"Engineers change what is allowed and what is kept."</p> }
            .into_any()
    };
    let rows: Vec<_> = Severity::ALL
        .iter()
        .map(|severity| {
            let days = counted(policy.days(*severity), "day", "days");
            view! { <div><dt>{severity.label()}</dt><dd>{format!("at most {days}")}</dd></div> }
        })
        .collect();
    let approvers = match policy.critical_approvers {
        Approvers::One => "One, who is not the requester",
        Approvers::Two => "Two, neither of them the requester",
    };
    view! {
        <div class="page-head"><h1>"Policy"</h1></div>
        {notice}
        <MistakeSummary mistakes=mistakes.clone() />
        <section class="part" aria-labelledby="exceptions-heading">
            <h2 id="exceptions-heading">"Exceptions"</h2>
            <p class="prose">"For how long a finding can be accepted, by its severity. What was approved before a change stays approved."</p>
            <dl class="pairs answers">
                {rows}
                <div><dt>"Approvers of what is critical"</dt><dd>{approvers}</dd></div>
            </dl>
            {change}
        </section>
        {retention::section(&kept, entered, &mistakes)}
        <section class="panel" aria-labelledby="room-heading">
            <h2 id="room-heading">"Room"</h2>
            <p>"What the database takes, table by table, and where its growth leads. Rows are counted, which takes a moment."</p>
            <p><a href=STORAGE>"Measure the room that the database takes"</a></p>
        </section>
    }
    .into_any()
}
