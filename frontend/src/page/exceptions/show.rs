//! An exception: what was asked, what was decided, and how it stands now.

mod asked;
mod covered;
mod decision;
mod history;
mod thread;

pub use asked::Evidence;
pub use decision::{DecisionEntered, Verdict, latest_day};
pub use thread::{FILE, FORM_KEY, SAID};

use leptos::prelude::*;
use postern_domain::exception::status::{EffectiveStatus, ExceptionStatus};
use postern_domain::id::ExceptionId;
use postern_service::view::{ExceptionRowView, ExceptionView};

use super::{Crumbs, StatusBadge};
use crate::address::{EXCEPTIONS, exception_act_href, exception_href};
use crate::part::{
    Mistake, MistakeSummary, Moment, Notice, NoticeKind, SeverityBadge, count, counted, end,
};

use asked::Asked;
use covered::CoveredFindings;
use decision::DecisionPanel;
use history::History;
use thread::Thread;

/// What was just done, as the address says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was filed.
    Filed,
    /// It was kept as a draft.
    Drafted,
    /// What it says was changed.
    Changed,
    /// It was approved, perhaps as the first of two.
    Approved,
    /// It was rejected.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// It was ended.
    Revoked,
    /// Somebody said something.
    Commented,
    /// A file was added.
    Attached,
}

impl Done {
    const ALL: &'static [Self] = &[
        Self::Filed,
        Self::Drafted,
        Self::Changed,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Revoked,
        Self::Commented,
        Self::Attached,
    ];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Drafted => "drafted",
            Self::Changed => "changed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Commented => "commented",
            Self::Attached => "attached",
        }
    }

    /// What an address says was done.
    pub fn read(word: Option<&str>) -> Option<Self> {
        Self::ALL.iter().copied().find(|done| Some(done.as_str()) == word)
    }

    /// What to say of it; nothing where the exception does not stand so.
    fn sentence(self, row: &ExceptionRowView) -> Option<String> {
        use ExceptionStatus::{Approved, Draft, Rejected, Requested, Revoked, Withdrawn};
        let id = row.id;
        let sentence = match (self, row.status) {
            (Self::Filed, Requested) => {
                format!("{id} is filed and waits for somebody else\u{2019}s decision.")
            }
            (Self::Drafted, Draft) => {
                format!("{id} is kept as a draft. Nobody decides on it before it is filed.")
            }
            (Self::Changed, Draft | Requested) => format!("The changes of {id} are saved."),
            (Self::Approved, Approved) => {
                format!("{id} is approved and in force until {}.", end(row.until))
            }
            (Self::Approved, Requested) if row.approvals > 0 => {
                format!("Your approval of {id} is recorded. It waits for that of somebody else.")
            }
            (Self::Rejected, Rejected) => format!("{id} is rejected."),
            (Self::Withdrawn, Withdrawn) => format!("{id} is withdrawn."),
            (Self::Revoked, Revoked) => format!("{id} is revoked. What it covered is open again."),
            (Self::Commented, _) => "Your comment is there.".to_owned(),
            (Self::Attached, _) => "The file is there.".to_owned(),
            _ => return None,
        };
        Some(sentence)
    }
}

/// What somebody entered into the forms of the page, which is shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The decision.
    pub decision: DecisionEntered,
    /// The comment.
    pub said: String,
}

impl Kept {
    /// A decision.
    pub fn of(decision: DecisionEntered) -> Self {
        Self { decision, ..Self::default() }
    }
}

/// The page of an exception.
#[component]
pub fn ExceptionPage(
    /// What to show.
    view: ExceptionView,
    /// What was just done.
    done: Option<Done>,
    /// What somebody entered into its forms.
    kept: Kept,
    /// What is wrong with that, or why nothing was recorded.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let row = view.row.clone();
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let done = done.and_then(|done| done.sentence(&row)).map(|sentence| {
        view! {
            <Notice kind=NoticeKind::Done>
                <p>{sentence} " " <a href=EXCEPTIONS>"See what waits for a decision"</a></p>
            </Notice>
        }
    });
    let severity = row.severity.map(|severity| view! { <SeverityBadge severity=severity /> });
    let filed = row.requester.clone().zip(row.filed_at).map(|(requester, filed)| {
        view! { <span>{format!("Filed by {requester} on ")}<Moment at=filed /></span> }
    });
    let extends = row.extends.map(|id| {
        view! { <span>"Extends "<a href=exception_href(id, as_of)>{id.to_string()}</a></span> }
    });
    let extensions = extensions(&view);
    view! {
        <Crumbs of=Some(row.id) here=None />
        <h1>{format!("Exception {}", row.id)}<span class="h1-more">{format!(" {}", row.title)}</span></h1>
        <p class="facts">
            <StatusBadge status=row.status />
            {severity}
            <span>{format!("{} {}", until_word(row.status), end(row.until))}</span>
            {filed}
            <span>{format!("Owner {}", row.owner)}</span>
            {extends}
            {extensions}
        </p>
        <MistakeSummary mistakes=mistakes.clone() />
        {done}
        <p class="summary">{effect(&view)}</p>
        {as_of.map(|_| view! {
            <p>"You cannot act on the past. "<a href=exception_href(row.id, None)>{format!("Open {} as of now", row.id)}</a></p>
        })}
        {actions(&view)}
        <DecisionPanel view=view.clone() entered=kept.decision mistakes=mistakes.clone() />
        <Asked view=view.clone() />
        <CoveredFindings view=view.clone() />
        <Thread view=view.clone() said=kept.said mistakes=mistakes />
        <History view=view />
    }
    .into_any()
}

fn until_word(status: ExceptionStatus) -> &'static str {
    match status {
        ExceptionStatus::Draft
        | ExceptionStatus::Requested
        | ExceptionStatus::Rejected
        | ExceptionStatus::Withdrawn => "Asked until",
        ExceptionStatus::Approved => "Until",
        ExceptionStatus::Expired => "Ended at",
        ExceptionStatus::Revoked | ExceptionStatus::Superseded | ExceptionStatus::Void => {
            "Would have ended at"
        }
    }
}

fn extensions(view: &ExceptionView) -> Option<AnyView> {
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let links: Vec<_> = view
        .extensions
        .iter()
        .map(|id| view! { " " <a href=exception_href(*id, as_of)>{id.to_string()}</a> })
        .collect();
    (!links.is_empty()).then(|| view! { <span>"Extended by" {links}</span> }.into_any())
}

/// How many of the findings listed it accepts now.
pub fn accepted_now(view: &ExceptionView) -> u64 {
    let by_this = |status| matches!(status, EffectiveStatus::Excepted { exception, .. } if exception == view.row.id);
    let number = view.findings.iter().filter(|finding| by_this(finding.row.effective)).count();
    u64::try_from(number).unwrap_or_default()
}

/// What it does to the findings, in words.
fn effect(view: &ExceptionView) -> String {
    let all = counted(view.row.findings, "finding", "findings");
    match view.row.status {
        ExceptionStatus::Draft => format!("A draft for {all}. It changes nothing."),
        ExceptionStatus::Requested => format!(
            "It asks to accept {all}. {} open until {}.",
            if view.row.findings == 1 { "It stays" } else { "They stay" },
            if view.approvers_needed > 1 {
                "two other people approve"
            } else {
                "somebody else approves"
            }
        ),
        ExceptionStatus::Approved => {
            let rest = view.more_findings + view.unseen_findings;
            let of = if rest > 0 {
                format!(
                    " of the {} listed here",
                    count(u64::try_from(view.findings.len()).unwrap_or_default())
                )
            } else {
                String::new()
            };
            let kept = counted(accepted_now(view), "finding", "findings");
            let keeps =
                if view.as_of.is_some() { "Then this kept" } else { "As of now this keeps" };
            format!(
                "{keeps} {kept}{of} apart from those that are open. None of them counts as a pass."
            )
        }
        ExceptionStatus::Rejected => format!("It was refused: {all} stayed open."),
        ExceptionStatus::Withdrawn => "Its authors took it back. It changed nothing.".to_owned(),
        ExceptionStatus::Expired => {
            "Its end has come. What it covered is open again where it still fails.".to_owned()
        }
        ExceptionStatus::Revoked => {
            "An approver ended it. What it covered is open again where it still fails.".to_owned()
        }
        ExceptionStatus::Superseded => "An extension took its place.".to_owned(),
        ExceptionStatus::Void => {
            "Nothing of what was accepted is as it was, so that it holds no more.".to_owned()
        }
    }
}

/// What whoever reads it can do, beside deciding.
fn actions(view: &ExceptionView) -> Option<AnyView> {
    let (id, may) = (view.row.id, &view.may);
    let is_draft = view.row.status == ExceptionStatus::Draft;
    let file = (is_draft && may.edit).then(|| post(id, "file", "File request", true));
    let edit = may.edit.then(|| link(id, "edit", "Change"));
    let withdraw = may.withdraw.then(|| post(id, "withdraw", "Withdraw", false));
    let extend = may.extend.then(|| link(id, "extend", "Extend"));
    let revoke = may.revoke.then(|| link(id, "revoke", "Revoke"));
    if [&file, &edit, &withdraw, &extend, &revoke].into_iter().all(Option::is_none) {
        return None;
    }
    Some(view! { <div class="tools">{file} {edit} {withdraw} {extend} {revoke}</div> }.into_any())
}

fn link(id: ExceptionId, act: &'static str, word: &'static str) -> AnyView {
    let address = exception_act_href(id, act);
    view! { <a class="button" href=address>{word}<span class="unseen">{format!(" {id}")}</span></a> }
        .into_any()
}

fn post(id: ExceptionId, act: &'static str, word: &'static str, is_first: bool) -> AnyView {
    let class = if is_first { "button primary" } else { "button" };
    view! {
        <form method="post" action=exception_act_href(id, act)>
            <button class=class type="submit">{word}<span class="unseen">{format!(" {id}")}</span></button>
        </form>
    }
    .into_any()
}
