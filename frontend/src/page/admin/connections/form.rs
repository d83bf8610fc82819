//! The form of a schedule, and what it would do.

use leptos::prelude::*;
use postern_service::connection::Schedule;
use postern_service::view::{ConnectionView, ScheduleView};

use self::field::{ACT, CONNECTION, CRON, HOURS, HOW, SEEN, ZONE};
use super::next;
use crate::address::{CONNECTIONS, SCHEDULE};
use crate::page::admin::Crumbs;
use crate::page::admin::field::{Line, hidden};
use crate::page::scans::schedule_lead;
use crate::part::{FieldMistake, Mistake, MistakeSummary};

/// The names of the form's fields, which are their ids too.
pub mod field {
    /// The connection.
    pub const CONNECTION: &str = "connection";
    /// How it is scheduled: `every`, `cron` or `none`.
    pub const HOW: &str = "how";
    /// The hours of an interval.
    pub const HOURS: &str = "hours";
    /// A cron expression.
    pub const CRON: &str = "cron";
    /// Its time zone.
    pub const ZONE: &str = "zone";
    /// What holds, as it was when the form was opened.
    pub const SEEN: &str = "seen";
    /// The buttons.
    pub const ACT: &str = "act";
}

/// A schedule, as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredSchedule {
    /// `every`, `cron` or `none`.
    pub how: String,
    /// The hours of an interval.
    pub hours: String,
    /// A cron expression.
    pub cron: String,
    /// Its time zone.
    pub zone: String,
    /// What held when the form was opened, as [`EnteredSchedule::text`] says it.
    pub seen: String,
}

impl EnteredSchedule {
    /// What holds, to be changed.
    pub fn of(schedule: Option<&Schedule>) -> Self {
        let seen = Self::text(schedule);
        let zone = "UTC".to_owned();
        match schedule {
            None => Self { how: "none".to_owned(), zone, seen, ..Self::default() },
            Some(Schedule::Every { seconds }) => Self {
                how: "every".to_owned(),
                hours: hours(*seconds),
                zone,
                seen,
                ..Self::default()
            },
            Some(Schedule::Cron { expression, time_zone }) => Self {
                how: "cron".to_owned(),
                cron: expression.clone(),
                zone: time_zone.clone(),
                seen,
                ..Self::default()
            },
        }
    }

    /// A schedule in one line that tells it from any other.
    pub fn text(schedule: Option<&Schedule>) -> String {
        match schedule {
            None => "none".to_owned(),
            Some(Schedule::Every { seconds }) => format!("every {seconds}"),
            Some(Schedule::Cron { expression, time_zone }) => {
                format!("cron {time_zone} {expression}")
            }
        }
    }

    /// The schedule that was entered, or what is wrong with it.
    pub fn schedule(&self) -> Result<Option<Schedule>, Mistake> {
        match self.how.as_str() {
            "none" => Ok(None),
            "every" => match seconds(&self.hours) {
                Some(seconds) => Ok(Some(Schedule::Every { seconds })),
                None => Err(Mistake::at(
                    HOURS,
                    "Enter the hours between scans, such as 24 or 0.5, at most 8,760.",
                )),
            },
            "cron" => {
                let expression = self.cron.split_whitespace().collect::<Vec<_>>().join(" ");
                if expression.is_empty() {
                    let sentence = "Enter a cron expression, such as 0 2 * * mon-fri.";
                    return Err(Mistake::at(CRON, sentence));
                }
                let time_zone = self.zone.trim().to_owned();
                Ok(Some(Schedule::Cron { expression, time_zone }))
            }
            _ => Err(Mistake::at(HOW, "Choose when it is scanned.")),
        }
    }

    /// The fields that carry it from page to page.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        vec![
            (HOW, self.how.clone()),
            (HOURS, self.hours.clone()),
            (CRON, self.cron.clone()),
            (ZONE, self.zone.clone()),
            (SEEN, self.seen.clone()),
        ]
    }
}

/// Seconds as hours, without what is not needed.
fn hours(seconds: u32) -> String {
    if seconds.is_multiple_of(3_600) {
        (seconds / 3_600).to_string()
    } else {
        format!("{:.4}", f64::from(seconds) / 3_600.0).trim_end_matches('0').to_owned()
    }
}

/// Hours as whole seconds; `None` where it is no time, or more than a year.
fn seconds(hours: &str) -> Option<u32> {
    let hours: f64 = hours.trim().parse().ok()?;
    if !(0.0..=8_760.0).contains(&hours) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between nothing and a year"
    )]
    let seconds = (hours * 3_600.0).round() as u32;
    Some(seconds)
}

/// The form.
#[component]
pub fn ScheduleFormPage(
    /// The connection.
    connection: ConnectionView,
    /// What was entered.
    entered: EnteredSchedule,
    /// What is wrong with it.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let how = FieldMistake::of(&mistakes, HOW);
    let described = how.described_by(None);
    let option = |word: &'static str, label: &'static str| {
        let id = if word == "every" { HOW.to_owned() } else { format!("{HOW}-{word}") };
        view! {
            <label class="option" for=id.clone()>
                <input id=id.clone() type="radio" name=HOW value=word checked=entered.how == word />
                <span class="option-label">{label}</span>
            </label>
        }
    };
    let hours = Line {
        id: HOURS,
        name: HOURS,
        label: "Hours between scans",
        hint: "Such as 24 or 0.5.",
        value: &entered.hours,
    };
    let cron = Line {
        id: CRON,
        name: CRON,
        label: "Cron expression",
        hint: "Minute, hour, day of the month, month, day of the week, such as 0 2 * * mon-fri.",
        value: &entered.cron,
    };
    let zone = Line {
        id: ZONE,
        name: ZONE,
        label: "Time zone of its clocks",
        hint: "A name of the IANA database, such as Europe/Amsterdam or UTC.",
        value: &entered.zone,
    };
    let slug = connection.slug.clone();
    view! {
        <Crumbs of=(CONNECTIONS, "Connections") here="Schedule".to_owned() />
        <h1>{format!("Change the schedule of {}", connection.name)}</h1>
        <p class="lead">"Nothing is changed before you have seen the next scans."</p>
        <MistakeSummary mistakes=mistakes.clone() />
        <form class="request" method="post" action=SCHEDULE novalidate="">
            {hidden(vec![(CONNECTION, slug), (SEEN, entered.seen.clone())])}
            <fieldset aria-describedby=(!described.is_empty()).then_some(described)>
                <legend>"When it is scanned"</legend>
                {how.view()}
                {option("every", "So long after the last scan")}
                <div class="under">{hours.view(&mistakes)}</div>
                {option("cron", "At the times of a cron expression")}
                <div class="under">{cron.view(&mistakes)} {zone.view(&mistakes)}</div>
                {option("none", "Only when somebody asks")}
            </fieldset>
            {start_note()}
            <div class="form-actions">
                <button class="button primary" type="submit" name=ACT value="preview">"Preview the next scans"</button>
                <a href=CONNECTIONS>"Keep it as it is"</a>
            </div>
        </form>
    }
    .into_any()
}

/// That a process that starts with the settings of a connection sets its schedule again.
fn start_note() -> AnyView {
    view! {
        <p class="hint prose">
            "A process that starts with this connection\u{2019}s settings sets the schedule of its own arguments again. Give it the same there: "
            <code class="whole">"--azure-scan-every"</code> ", or " <code class="whole">"--azure-schedule"</code> " and " <code class="whole">"--azure-time-zone"</code> "."
        </p>
    }
    .into_any()
}

/// What a schedule that was entered does, before it holds.
#[component]
pub fn SchedulePreviewPage(
    /// The connection.
    connection: ConnectionView,
    /// What was entered.
    entered: EnteredSchedule,
    /// What it does; `None` where it is scanned only when somebody asks.
    preview: Option<ScheduleView>,
) -> impl IntoView {
    let flags = preview.as_ref().map(|preview| {
        let text = match &preview.schedule {
            Schedule::Every { seconds } => format!("--azure-scan-every {seconds}s"),
            Schedule::Cron { expression, time_zone } => {
                format!("--azure-schedule '{expression}' --azure-time-zone '{time_zone}'")
            }
        };
        view! { <pre class="code" tabindex="0" aria-label="Arguments">{text}</pre> }
    });
    let keep = || {
        let mut kept = entered.pairs();
        kept.push((CONNECTION, connection.slug.clone()));
        hidden(kept)
    };
    view! {
        <Crumbs of=(CONNECTIONS, "Connections") here="Schedule".to_owned() />
        <h1>{format!("The schedule of {}", connection.name)}</h1>
        <p class="summary">{schedule_lead(&connection, preview.as_ref())}</p>
        {preview.as_ref().map(next)}
        {start_note()}
        {flags}
        <div class="form-actions">
            <form method="post" action=SCHEDULE>
                {keep()}
                <button class="button primary" type="submit" name=ACT value="save">"Change the schedule"</button>
            </form>
            <form method="post" action=SCHEDULE>
                {keep()}
                <button class="button" type="submit" name=ACT value="back">"Go on editing"</button>
            </form>
            <a href=CONNECTIONS>"Keep it as it is"</a>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_whole_seconds_and_come_back() {
        let check =
            |text: &str, expected: Option<u32>| assert_eq!(seconds(text), expected, "{text}");
        check("24", Some(86_400));
        check(" 0.5 ", Some(1_800));
        check("8760", Some(31_536_000));
        for wrong in ["", "-1", "8761", "NaN", "inf", "1e99", "x", "1,5"] {
            check(wrong, None);
        }
        for text in ["24", "0.5", "1.25"] {
            assert_eq!(hours(seconds(text).unwrap()), text);
        }
        assert_eq!(seconds(&hours(61)), Some(61));
    }

    #[test]
    fn a_schedule_is_entered_as_it_is_shown() {
        let cron = |expression: &str| Schedule::Cron {
            expression: expression.to_owned(),
            time_zone: "Europe/Amsterdam".to_owned(),
        };
        for schedule in [None, Some(Schedule::DAILY), Some(cron("0 2 * * mon-fri"))] {
            let entered = EnteredSchedule::of(schedule.as_ref());
            assert_eq!(entered.schedule(), Ok(schedule.clone()));
            assert_eq!(entered.seen, EnteredSchedule::text(schedule.as_ref()));
        }
        let mut entered = EnteredSchedule::of(Some(&cron("0  2 *\n* *")));
        assert_eq!(entered.schedule(), Ok(Some(cron("0 2 * * *"))));
        entered.how = "never".to_owned();
        assert!(entered.schedule().is_err());
    }
}
