//! How long things are kept, and what keeping them for another time would remove.

use leptos::prelude::*;
use postern_domain::retention::{Retention, RetentionKind};
use postern_service::view::{KeptView, RemovalView, RetentionView};

use self::field::{ACT, FAILED_SCANS, HISTORY, REASON, TREND};
use super::storage::bytes;
use crate::address::{POLICY, PREVIEW_RETENTION};
use crate::page::admin::Crumbs;
use crate::page::admin::field::{Line, hidden};
use crate::page::problem::sentence;
use crate::part::{Day, FieldMistake, Mistake, MistakeSummary, Moment, TextArea, count, counted};

/// The names of the form's fields, which are their ids too.
pub mod field {
    /// The days of history.
    pub const HISTORY: &str = "history";
    /// The days of the points of trends.
    pub const TREND: &str = "trend";
    /// The days of scans that failed.
    pub const FAILED_SCANS: &str = "failed_scans";
    /// Why it is changed.
    pub const REASON: &str = "retention_reason";
    /// The buttons.
    pub const ACT: &str = "act";
}

/// What is kept how long, as it was entered; nothing for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredRetention {
    /// The days of history.
    pub history: String,
    /// The days of the points of trends.
    pub trend: String,
    /// The days of scans that failed.
    pub failed_scans: String,
    /// Why it is changed.
    pub reason: String,
}

impl EnteredRetention {
    /// What holds, to be changed.
    pub fn of(retention: &Retention) -> Self {
        let text = |days: Option<u16>| days.map(|days| days.to_string()).unwrap_or_default();
        Self {
            history: text(retention.history_days),
            trend: text(retention.trend_days),
            failed_scans: text(retention.failed_scans_days),
            reason: String::new(),
        }
    }

    /// What was entered, or all that is wrong with it.
    pub fn retention(&self) -> Result<Retention, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut days = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => text.parse().map_or_else(
                |_| {
                    let sentence = "Enter days, such as 365, or nothing to keep it for ever.";
                    mistakes.push(Mistake::at(field, sentence));
                    None
                },
                Some,
            ),
        };
        let retention = Retention {
            history_days: days(HISTORY, &self.history),
            trend_days: days(TREND, &self.trend),
            failed_scans_days: days(FAILED_SCANS, &self.failed_scans),
        };
        if mistakes.is_empty() {
            mistakes.extend(retention.complaints().iter().map(|complaint| {
                // Each begins with the word of the kind that it is about.
                let word = complaint.split_whitespace().next().unwrap_or_default();
                Mistake::at(word, sentence(complaint))
            }));
        }
        if mistakes.is_empty() { Ok(retention) } else { Err(mistakes) }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        vec![
            (HISTORY, self.history.clone()),
            (TREND, self.trend.clone()),
            (FAILED_SCANS, self.failed_scans.clone()),
        ]
    }
}

fn name(kind: RetentionKind) -> &'static str {
    match kind {
        RetentionKind::History => "History",
        RetentionKind::Trend => "Points of trends",
        RetentionKind::FailedScans => "Scans that failed",
    }
}

fn time(days: Option<u16>) -> String {
    days.map_or_else(|| "for ever".to_owned(), |days| counted(days, "day", "days"))
}

/// What is kept, and the form for it where somebody may change it.
pub(super) fn section(
    kept: &RetentionView,
    entered: Option<EnteredRetention>,
    mistakes: &[Mistake],
) -> AnyView {
    let rows: Vec<_> = RetentionKind::ALL
        .iter()
        .map(|kind| view! { <div><dt>{name(*kind)}</dt><dd>{time(kept.retention.days(*kind))}</dd></div> })
        .collect();
    let said = kept.change.clone().map(|(at, reason)| {
        view! { <p>"Said on " <Moment at=at /> {format!(": {reason}")}</p> }
    });
    let begins: Vec<_> = kept.kept.iter().map(begins).collect();
    view! {
        <section class="panel" aria-labelledby="kept-heading">
            <h2 id="kept-heading">"What is kept"</h2>
            <p class="prose">"Every moment that is kept looks as it did. What is due goes in whole months, within an hour."</p>
            <dl class="pairs answers">{rows}</dl>
            {said}
            <ul class="plain rows" aria-label="Where what is left begins">{begins}</ul>
            {entered.map(|entered| form(&entered, mistakes))}
        </section>
    }
    .into_any()
}

fn begins(kept: &KeptView) -> AnyView {
    let history = match kept.history_from {
        None => "from its first scan on".into_any(),
        Some(at) => view! { "from " <Day at=at /> " on" }.into_any(),
    };
    view! { <li>{format!("{}: ", kept.connection)} {history}</li> }.into_any()
}

fn form(entered: &EnteredRetention, mistakes: &[Mistake]) -> AnyView {
    let line = |id: &'static str, label: &'static str, value: &str| {
        Line { id, name: id, label, hint: "", value }.view(mistakes)
    };
    view! {
        <form class="request" method="post" action=PREVIEW_RETENTION novalidate="" aria-label="What is kept how long">
            <p class="hint">"Days; nothing keeps it for ever."</p>
            <div class="form-row">
                {line(HISTORY, "History", &entered.history)}
                {line(TREND, "Points of trends", &entered.trend)}
                {line(FAILED_SCANS, "Scans that failed", &entered.failed_scans)}
            </div>
            <div class="form-actions">
                <button class="button" type="submit" name=ACT value="preview">"Preview what would go"</button>
                <p class="hint">"Nothing is changed; scans wait while it is worked out."</p>
            </div>
        </form>
    }
    .into_any()
}

/// What keeping things for so long would remove, before it is said.
#[component]
pub fn RetentionPreviewPage(
    /// What was entered.
    entered: EnteredRetention,
    /// What that is.
    wanted: Retention,
    /// What it would remove.
    removals: Vec<RemovalView>,
    /// What is wrong with what was entered.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let all: u64 = removals.iter().map(|removal| u64::try_from(removal.rows()).unwrap_or(0)).sum();
    let room: i64 = removals.iter().map(RemovalView::bytes).sum();
    let summary = if all == 0 {
        "Nothing would go now.".to_owned()
    } else {
        format!("{} would go, which take about {}.", counted(all, "row", "rows"), bytes(room))
    };
    let rows: Vec<_> = RetentionKind::ALL
        .iter()
        .map(|kind| view! { <div><dt>{name(*kind)}</dt><dd>{time(wanted.days(*kind))}</dd></div> })
        .collect();
    let gone: Vec<_> = removals
        .iter()
        .map(|removal| {
            let what =
                format!("{}, {}: before ", removal.connection, name(removal.kind).to_lowercase());
            let rows = count(u64::try_from(removal.rows()).unwrap_or(0));
            view! { <li>{what} <Moment at=removal.before /> {format!(", {rows} rows")}</li> }
        })
        .collect();
    let reason = FieldMistake::of(&mistakes, REASON);
    view! {
        <Crumbs of=(POLICY, "Policy") here="What is kept".to_owned() />
        <h1>"What would go"</h1>
        <MistakeSummary mistakes=mistakes.clone() />
        <p class="summary">{summary}</p>
        <dl class="pairs answers">{rows}</dl>
        <ul class="plain rows" aria-label="What would go">{gone}</ul>
        <p class="prose">"What has gone cannot be had back, but from a backup. Reports that were downloaded stay as they are."</p>
        <form class="request" method="post" action=PREVIEW_RETENTION novalidate="">
            {hidden(entered.pairs())}
            <div class="field">
                <label for=REASON>"Reason"</label>
                <p class="hint" id="reason-hint">"It stands in the decision log beside your name."</p>
                {reason.view()}
                <TextArea id=REASON text=entered.reason.clone() rows=3 described_by=reason.described_by(Some("reason-hint")) is_wrong=reason.is_there() />
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit" name=ACT value="save">"Keep things so long from now on"</button>
                <a href=POLICY>"Keep them as long as now"</a>
            </div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let entered = |history: &str, trend: &str| EnteredRetention {
            history: history.to_owned(),
            trend: trend.to_owned(),
            ..EnteredRetention::default()
        };
        assert_eq!(entered("", " ").retention(), Ok(Retention::default()));
        assert_eq!(entered("30", "365").retention().unwrap().trend_days, Some(365));
        for (history, trend, field) in [
            ("x", "", HISTORY),
            ("0", "", HISTORY),
            ("", "-3", TREND),
            ("30", "29", TREND),
            ("99999", "", HISTORY),
        ] {
            let mistakes = entered(history, trend).retention().unwrap_err();
            let named: Vec<_> = mistakes.iter().filter_map(|it| it.field.as_deref()).collect();
            assert_eq!(named, [field], "{mistakes:?}");
        }
    }
}
