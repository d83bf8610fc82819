//! What approvers said, and the form for saying it.

use leptos::prelude::*;
use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::status::ExceptionStatus;
use postern_service::view::{ApprovalView, ExceptionView};
use time::Date;

use crate::address::{exception_act_href, value};
use crate::page::exceptions::last_day_before;
use crate::page::problem::sentence;
use crate::part::{FieldMistake, Mistake, Moment, TextArea, counted, end};

/// The names of the fields, which are their ids too.
const DECISION: &str = "decision";
const UNTIL: &str = "until";
const CONDITIONS: &str = "conditions";
const COMMENT: &str = "comment";
const LATER: &str = "later";
const VERSION: &str = "version";
const STATE: &str = "state";

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

/// What an approver entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionEntered {
    /// Yes or no, where they chose.
    pub verdict: Option<Verdict>,
    /// The last day; `None` where the form was not sent.
    pub until: Option<String>,
    /// Under which conditions.
    pub conditions: String,
    /// Why not.
    pub comment: String,
    /// Whether assets that appear later are covered.
    pub later: bool,
    /// The version of the request that they read.
    pub version: String,
    /// The digest of the state that they saw.
    pub state: String,
}

impl DecisionEntered {
    /// What a form sent.
    pub fn read(fields: &[(String, String)]) -> Self {
        let text = |name: &str| value(fields, name).unwrap_or_default().to_owned();
        Self {
            verdict: match value(fields, DECISION) {
                Some("approve") => Some(Verdict::Approve),
                Some("reject") => Some(Verdict::Reject),
                _ => None,
            },
            until: value(fields, UNTIL).map(str::to_owned),
            conditions: text(CONDITIONS),
            comment: text(COMMENT),
            later: value(fields, LATER).is_some(),
            version: text(VERSION),
            state: text(STATE),
        }
    }

    /// That no decision was chosen.
    pub fn nothing_chosen() -> Mistake {
        Mistake::at(DECISION, "Choose whether you approve or reject it.")
    }

    /// The ids of the fields for the end, the conditions and the comment.
    pub const FIELDS: [&str; 3] = [UNTIL, CONDITIONS, COMMENT];
}

/// The last day that an approval can have: the one asked for, or an earlier one where the policy has changed since.
pub fn latest_day(view: &ExceptionView) -> Option<Date> {
    last_day_before(view.request.until).map(|asked| asked.min(view.last_day))
}

/// The approvals, and the form where whoever reads it may decide.
#[component]
pub fn DecisionPanel(
    /// The exception.
    view: ExceptionView,
    /// What was entered.
    entered: DecisionEntered,
    /// What is wrong with that.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let approvals: Vec<_> = view.approvals.iter().map(|it| approval(it, &view)).collect();
    let has_approvals = !approvals.is_empty();
    let why_not = view.may.why_not_decide.as_ref().map(|why| view! { <p>{sentence(why)}</p> });
    let needed = (view.row.status == ExceptionStatus::Requested && view.approvers_needed > 1).then(|| {
        let (have, need) = (view.row.approvals, view.approvers_needed);
        view! { <p>{format!("{have} of {need} approvals, by different people, none of whom wrote on the request.")}</p> }
    });
    let form = view.may.decide.then(|| decision_form(&view, &entered, &mistakes));
    if !has_approvals && why_not.is_none() && form.is_none() {
        return ().into_any();
    }
    let title = if view.may.decide { "Your decision" } else { "Decision" };
    let list = has_approvals.then(|| view! { <ul class="plain">{approvals}</ul> });
    view! {
        <section class="panel" aria-labelledby="decision-heading">
            <h2 id="decision-heading">{title}</h2>
            {needed}
            {list}
            {why_not}
            {form}
        </section>
    }
    .into_any()
}

fn approval(approval: &ApprovalView, view: &ExceptionView) -> AnyView {
    let later = view.row.scope.as_ref().map(|_| match approval.later_assets {
        LaterAssets::Covered => " Assets that appear later are covered too.",
        LaterAssets::NotCovered => " Assets that appear later are not covered.",
    });
    let conditions = approval.conditions.clone().map_or_else(
        || view! { <p class="hint">"Without conditions."</p> }.into_any(),
        |text| {
            view! { <p class="hint">"Under these conditions:"</p><p class="said">{text}</p> }
                .into_any()
        },
    );
    view! {
        <li>
            <p>
                <strong>{approval.by.clone()}</strong>
                " approved on "<Moment at=approval.at />
                {format!(", until {}.", end(approval.until))}
                {later}
            </p>
            {conditions}
        </li>
    }
    .into_any()
}

fn decision_form(view: &ExceptionView, entered: &DecisionEntered, mistakes: &[Mistake]) -> AnyView {
    let of = |field: &str| FieldMistake::of(mistakes, field);
    let later = view.row.scope.as_ref().map(|scope| {
        view! {
            <label class="option">
                <input type="checkbox" name=LATER value="covered" checked=entered.later />
                <span class="option-label">{format!("Assets that appear later are covered too, in {scope}")}</span>
            </label>
        }
    });
    view! {
        <p>{consequence(view)}</p>
        <form class="request" method="post" action=exception_act_href(view.row.id, "decide") novalidate="" aria-label="Your decision">
            <input type="hidden" name=VERSION value=view.version.to_string() />
            <input type="hidden" name=STATE value=view.state.to_string() />
            {choice(entered, &of(DECISION))}
            {until(view, entered, &of(UNTIL))}
            {later}
            {text(CONDITIONS, "Conditions (optional)", "For an approval: what has to hold, or be done until when. The requester reads it.", &entered.conditions, &of(CONDITIONS))}
            {text(COMMENT, "Reason", "For a rejection: why. The requester reads it.", &entered.comment, &of(COMMENT))}
            <div class="form-actions">
                <button class="button primary" type="submit">"Record decision"</button>
                <p class="hint">"It is recorded with your name and cannot be undone."</p>
            </div>
        </form>
    }
    .into_any()
}

/// What an approval would do.
fn consequence(view: &ExceptionView) -> String {
    let failing = view.findings.iter().filter(|it| it.row.state.counts_as_open()).count();
    let failing = u64::try_from(failing).unwrap_or_default();
    if view.more_findings > 0 {
        return "An approval accepts all that fails of it, in the state that it is in now."
            .to_owned();
    }
    format!(
        "An approval accepts {} in the state listed below. Where what a rule reads changes for the worse, the finding is open again.",
        counted(failing, "failing finding", "failing findings")
    )
}

fn choice(entered: &DecisionEntered, mistake: &FieldMistake) -> AnyView {
    let described = mistake.described_by(None);
    let is = |verdict| entered.verdict == Some(verdict);
    view! {
        <fieldset aria-describedby=(!described.is_empty()).then_some(described)>
            <legend>"Decision"</legend>
            {mistake.view()}
            <label class="option">
                <input id=DECISION type="radio" name=DECISION value="approve" checked=is(Verdict::Approve) />
                <span class="option-label">"Approve"</span>
            </label>
            <label class="option">
                <input type="radio" name=DECISION value="reject" checked=is(Verdict::Reject) />
                <span class="option-label">"Reject"</span>
            </label>
        </fieldset>
    }
    .into_any()
}

fn until(view: &ExceptionView, entered: &DecisionEntered, mistake: &FieldMistake) -> AnyView {
    let latest = latest_day(view).map(|day| day.to_string()).unwrap_or_default();
    let hint =
        format!("For an approval: on or before {latest}. That day counts to its end, in UTC.");
    let shown = entered.until.clone().unwrap_or(latest);
    view! {
        <div class="field narrow">
            <label for=UNTIL>"Until"</label>
            <p class="hint" id="until-hint">{hint}</p>
            {mistake.view()}
            <input id=UNTIL type="date" name=UNTIL value=shown
                aria-describedby=mistake.described_by(Some("until-hint")) aria-invalid=mistake.invalid() />
        </div>
    }
    .into_any()
}

fn text(
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
            <TextArea id=id text=text.to_owned() rows=3 described_by=mistake.described_by(Some(&hint_id)) is_wrong=mistake.is_there() />
        </div>
    }
    .into_any()
}
