//! The form of a request, on one page.

use leptos::prelude::*;
use postern_domain::exception::request::EvidenceLinks;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::PersonId;
use postern_domain::verdict::Severity;
use postern_service::view::RequestPreview;

use super::covered::{CoveredFields, shown, wider};
use super::entered::{
    EVIDENCE_ADDRESS, EVIDENCE_TITLE, FIX_ON, KIND, MEANWHILE, OWNER, UNTIL, WHY,
};
use super::reading::{COVERED, evidence_id};
use super::{Asking, Entered, Subject};
use crate::address::{CHECK_EXCEPTION, exception_act_href, exception_href};
use crate::page::exceptions::Crumbs;
use crate::page::problem::sentence;
use crate::part::{FieldMistake, Mistake, MistakeSummary, Notice, NoticeKind, TextArea};

/// The kinds of reasons: word, label and what it means.
const KINDS: [(&str, &str, &str); 4] = [
    ("risk_accepted", "Risk accepted", "It is known and borne until then."),
    (
        "mitigated_otherwise",
        "Mitigated another way",
        "Something that the rule does not see protects as well.",
    ),
    ("false_positive", "False positive", "The rule is wrong about the asset."),
    ("fix_planned", "Fix planned", "It will be put right by a day."),
];

/// The form of a request, with what was entered.
#[component]
pub fn RequestFormPage(
    /// What was entered.
    entered: Entered,
    /// What the form is for.
    asking: Asking,
    /// What it would cover.
    preview: RequestPreview,
    /// What is wrong with what was entered.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let of = |field: &str| FieldMistake::of(&mistakes, field);
    let (action, about) = match asking {
        Asking::New => (CHECK_EXCEPTION.to_owned(), None),
        Asking::Extension(id) => (CHECK_EXCEPTION.to_owned(), Some((id, "Extend"))),
        Asking::Change { id, .. } => (exception_act_href(id, "edit"), Some((id, "Change"))),
    };
    let shown = shown(&preview);
    let kept = hidden(entered.kept(asking, &shown));
    // Among mistakes it stands in the summary already.
    let complaint = preview.complaint.as_deref().filter(|_| mistakes.is_empty()).map(|complaint| {
        let complaint = sentence(complaint);
        view! { <Notice kind=NoticeKind::Failure><p>{complaint}</p></Notice> }
    });
    let buttons = match asking {
        Asking::Change { id, .. } => view! {
            <button class="button primary" type="submit">"Save changes"</button>
            <a href=exception_href(id, None)>"Keep it as it is"</a>
        }
        .into_any(),
        _ => {
            view! { <button class="button primary" type="submit">"Check before you send"</button> }
                .into_any()
        }
    };
    view! {
        <Crumbs of=about.map(|(id, _)| id) here=Some(about.map_or("File", |(_, here)| here)) />
        <h1>{asking.title()}</h1>
        <p class="lead">{lead(asking)}</p>
        <MistakeSummary mistakes=mistakes.clone() />
        {complaint}
        {wider(asking, &entered.subject, &preview)}
        <form class="request" method="post" action=action novalidate="">
            {kept}
            <CoveredFields subject=entered.subject.clone() preview=preview.clone() mistake=of(COVERED) />
            {kinds(&entered, &of(KIND), &of(FIX_ON))}
            <section class="panel" aria-labelledby="reasons-heading">
                <h2 id="reasons-heading">"3. Reasons"</h2>
                {text_field(WHY, "Why it should be accepted", "What keeps you from fixing it in time, and what that means. Others read this after you are gone.", &entered.why, &of(WHY))}
                {text_field(MEANWHILE, "What protects meanwhile (optional)", "Anything in place until it is fixed: a firewall, an alert, a process.", &entered.meanwhile, &of(MEANWHILE))}
            </section>
            {evidence(&entered.evidence, &mistakes)}
            {end_and_owner(&entered, &preview, (&of(UNTIL), &of(OWNER)))}
            <div class="form-actions">{buttons}</div>
        </form>
    }
    .into_any()
}

/// What a form keeps.
pub(super) fn hidden(kept: Vec<(&'static str, String)>) -> Vec<AnyView> {
    let field = |(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any();
    kept.into_iter().map(field).collect()
}

fn lead(asking: Asking) -> String {
    match asking {
        Asking::New => {
            "Somebody else decides on it. Until then, the findings stay open.".to_owned()
        }
        Asking::Extension(id) => {
            format!(
                "Somebody else decides on it again. {id} holds until its end, or until this takes its place."
            )
        }
        Asking::Change { status: ExceptionStatus::Draft, .. } => {
            "It is a draft: nobody decides on it before it is filed.".to_owned()
        }
        Asking::Change { .. } => {
            "Whoever decides reads the new version; an approval of the old one counts no more. \
             Who changes a request cannot decide on it."
                .to_owned()
        }
    }
}

fn kinds(entered: &Entered, mistake: &FieldMistake, of_day: &FieldMistake) -> AnyView {
    let options: Vec<_> = KINDS
        .iter()
        .enumerate()
        .map(|(place, (word, label, meaning))| {
            // The first has the field's own id, to which the summary links.
            let id = if place == 0 { KIND.to_owned() } else { format!("{KIND}-{word}") };
            let described = format!("{id}-meaning");
            let is_chosen = entered.kind == *word;
            view! {
                <div class="choice-row">
                    <label class="option" for=id.clone()>
                        <input id=id.clone() type="radio" name=KIND value=*word checked=is_chosen aria-describedby=described.clone() />
                        <span class="option-label">{*label}</span>
                    </label>
                    <p class="hint" id=described>{*meaning}</p>
                </div>
            }
        })
        .collect();
    let described = mistake.described_by(None);
    view! {
        <section class="panel" aria-labelledby="kind-heading">
            <h2 id="kind-heading">"2. Kind"</h2>
            <fieldset aria-describedby=(!described.is_empty()).then_some(described)>
                <legend>"Which kind of reason there is"</legend>
                {mistake.view()}
                {options}
            </fieldset>
            <div class="field narrow">
                <label for=FIX_ON>"Day for which the fix is planned"</label>
                <p class="hint" id="fix-hint">"For \u{201c}Fix planned\u{201d} alone."</p>
                {of_day.view()}
                <input id=FIX_ON type="date" name=FIX_ON value=entered.fix_on.clone()
                    aria-describedby=of_day.described_by(Some("fix-hint")) aria-invalid=of_day.invalid() />
            </div>
        </section>
    }
    .into_any()
}

fn text_field(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    text: &str,
    mistake: &FieldMistake,
) -> AnyView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <p class="hint" id=hint_id.clone()>{hint}</p>
            {mistake.view()}
            <TextArea id=id text=text.to_owned() rows=5 described_by=mistake.described_by(Some(&hint_id)) is_wrong=mistake.is_there() />
        </div>
    }
    .into_any()
}

fn evidence(rows: &[(String, String)], mistakes: &[Mistake]) -> AnyView {
    let rows: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(place, (address, title))| {
            let (id, number) = (evidence_id(place), place + 1);
            let mistake = FieldMistake::of(mistakes, &id);
            let title_id = format!("{id}-title");
            view! {
                <li>
                    {mistake.view()}
                    <div class="field">
                        <label for=id.clone()>{format!("Address {number}")}</label>
                        <input id=id.clone() type="text" inputmode="url" name=EVIDENCE_ADDRESS value=address.clone() autocomplete="off"
                            aria-describedby=mistake.described_by(Some("evidence-hint")) aria-invalid=mistake.invalid() />
                    </div>
                    <div class="field">
                        <label for=title_id.clone()>{format!("Title {number}")}</label>
                        <input id=title_id type="text" name=EVIDENCE_TITLE value=title.clone() autocomplete="off" />
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="evidence-heading">
            <h2 id="evidence-heading">"4. Evidence (optional)"</h2>
            <p class="hint" id="evidence-hint">
                {format!("Links that begin with https://, at most {}. Who decides opens them: give them access.", EvidenceLinks::MOST)}
            </p>
            <ol class="evidence-rows">{rows}</ol>
        </section>
    }
    .into_any()
}

/// The worst of what is chosen and fails.
fn severity(subject: &Subject, preview: &RequestPreview) -> Option<Severity> {
    let Subject::Findings { .. } = subject else { return preview.severity };
    let chosen = preview.findings.iter().filter(|row| subject.chooses(row.id));
    let listed = chosen.filter(|row| row.state.counts_as_open()).map(|row| row.severity).min();
    // Those that are not listed are no worse than the last that is.
    listed.or(preview.severity)
}

fn end_and_owner(
    entered: &Entered,
    preview: &RequestPreview,
    (until, owner): (&FieldMistake, &FieldMistake),
) -> AnyView {
    let severity = severity(&entered.subject, preview);
    let worst = severity.unwrap_or(Severity::Critical);
    let hint = format!(
        "At most {} days by policy for {worst} findings: on or before {}. That day counts to its end, in UTC.",
        preview.policy.days(worst),
        preview.policy.last_day(worst, preview.now),
    );
    let mine = preview.person.to_string();
    let chosen = if entered.owner.is_empty() { &mine } else { &entered.owner };
    // Without an entry of their own, somebody else would be chosen in their place.
    let is_listed = preview.people.iter().any(|(id, _)| id.to_string() == *chosen);
    let other = (!is_listed).then(|| match chosen.parse::<PersonId>() {
        Ok(id) => view! { <option value=id.to_string() selected=true>{id.to_string()}</option> }
            .into_any(),
        Err(_) => view! { <option value="" selected=true>"Choose somebody"</option> }.into_any(),
    });
    let people: Vec<_> = preview
        .people
        .iter()
        .map(|(id, name)| {
            let id = id.to_string();
            let (is_chosen, me) = (id == *chosen, if id == mine { " (you)" } else { "" });
            view! { <option value=id selected=is_chosen>{format!("{name}{me}")}</option> }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="end-heading">
            <h2 id="end-heading">"5. End and owner"</h2>
            <div class="field narrow">
                <label for=UNTIL>"Until"</label>
                <p class="hint" id="until-hint">{hint}</p>
                {until.view()}
                <input id=UNTIL type="date" name=UNTIL value=entered.until.clone()
                    aria-describedby=until.described_by(Some("until-hint")) aria-invalid=until.invalid() />
            </div>
            <div class="field narrow">
                <label for=OWNER>"Owner"</label>
                <p class="hint" id="owner-hint">"Who answers for it until it ends; anybody who signed in here."</p>
                {owner.view()}
                <select id=OWNER name=OWNER aria-describedby=owner.described_by(Some("owner-hint")) aria-invalid=owner.invalid()>{other}{people}</select>
            </div>
        </section>
    }
    .into_any()
}
