//! What checking the decision log found.

use leptos::prelude::*;
use postern_domain::decision::{HeadCheck, HeadFound, Verification};

use super::DECISIONS;
use crate::part::{Moment, Tone, ToneBadge, count, counted};

/// The name of the field for heads that were written down before, which is its id too.
pub const HEADS: &str = "heads";

/// What was found.
#[component]
pub fn VerifiedPage(
    /// What was found.
    verification: Verification,
    /// Lines that were entered and are no heads.
    not_understood: Vec<String>,
) -> impl IntoView {
    let entries = counted(verification.count, "entry", "entries");
    let period = verification.first_at.zip(verification.last_at).map(|(first, last)| {
        view! { ", from " <Moment at=first /> " to " <Moment at=last /> }
    });
    let is_intact = verification.is_intact();
    let (tone, word) = if is_intact { (Tone::Pass, "Unbroken") } else { (Tone::Fail, "Broken") };
    let said = if is_intact {
        "The hash of each was computed anew: nothing was changed, left out or put in between."
    } else {
        "Somebody changed the log. Compare it with an export or a backup from before; the command below checks an export."
    };
    let faults: Vec<_> = verification
        .faults
        .iter()
        .map(|fault| view! { <li>{fault.kind.to_string()}</li> })
        .collect();
    let named = u64::try_from(faults.len()).unwrap_or(u64::MAX);
    let more = verification.fault_count.saturating_sub(named);
    let more = (more > 0).then(|| view! { <li>{format!("and {} more", count(more))}</li> });
    let faults = (!faults.is_empty())
        .then(|| view! { <ul class="plain rows" aria-label="What is broken">{faults} {more}</ul> });
    let wrong: Vec<_> = not_understood
        .into_iter()
        .map(|line| view! { <li class="name">{format!("\u{201c}{line}\u{201d} is no head, and was not looked for")}</li> })
        .collect();
    let heads: Vec<_> = verification.heads.iter().map(head).collect();
    let without = (heads.is_empty() && is_intact).then(|| {
        view! { <p class="hint">"Whether the end of the log was removed or rewritten shows only a head that was written down before."</p> }
    });
    let heads = (!heads.is_empty() || !wrong.is_empty())
        .then(|| view! { <ul class="plain rows" aria-label="Heads">{heads} {wrong}</ul> });
    let ends = verification.head.map(|head| {
        view! {
            <p>"The log ends here; write it down:"</p>
            <pre class="code" tabindex="0" aria-label="Head of the decision log">{head.to_string()}</pre>
        }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=DECISIONS>"Decision log"</a></li>
                <li aria-current="page">"Verify"</li>
            </ol>
        </nav>
        <h1>"Decision log verified"</h1>
        <p class="summary"><ToneBadge tone=tone word=word.to_owned() /> {format!(" Checked {entries}")} {period} ". " {said}</p>
        {faults}
        {heads}
        {without}
        {ends}
        <p><a href=DECISIONS>"Back to the log"</a></p>
    }
    .into_any()
}

fn head(check: &HeadCheck) -> AnyView {
    let found = match check.found {
        HeadFound::Last => "is where the log ends",
        HeadFound::Within => "is in the log, which went on since",
        HeadFound::Otherwise => {
            "is not in the log: the entry of that number has another hash, so that it or one before it was rewritten"
        }
        HeadFound::Nowhere => "is not in the log: it ends before, so that its end was removed",
    };
    view! { <li class="name"><code>{check.head.to_string()}</code> {format!(" {found}")}</li> }
        .into_any()
}
