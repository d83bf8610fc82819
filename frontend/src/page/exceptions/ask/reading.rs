//! From what was entered to a request, or to all that is wrong with it.

use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::request::{EvidenceLink, EvidenceLinks, ReasonCategory, Request};
use postern_domain::exception::written::{HttpsAddress, WrittenText, WrittenTextError};
use postern_domain::moment;
use postern_domain::verdict::Severity;
use time::{Date, OffsetDateTime};

use super::Entered;
use super::entered::{FIX_ON, KIND, MEANWHILE, OWNER, UNTIL, WHY};
use crate::page::exceptions::end_of;
use crate::page::problem::sentence;
use crate::part::Mistake;

/// The id of the findings to choose from.
pub(super) const COVERED: &str = "covered";

/// The request that was entered, or all that is wrong with it, in the order of the fields.
pub fn read_request(entered: &Entered) -> Result<Request, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut note = |mistake: Mistake| mistakes.push(mistake);
    let covers = entered.subject.chosen();
    let covers = covers.map_err(|error| note(Mistake::at(COVERED, sentence(&error.to_string()))));
    let reason = reason(entered).map_err(&mut note);
    let justification = written(WHY, &entered.why, "Why").map_err(&mut note);
    let compensating_control = match entered.meanwhile.trim() {
        "" => Ok(None),
        text => written(MEANWHILE, text, "What protects meanwhile").map(Some),
    }
    .map_err(&mut note);
    let evidence = evidence(&entered.evidence, &mut note);
    let until = day(&entered.until).and_then(end_of).ok_or_else(|| {
        note(Mistake::at(
            UNTIL,
            "Enter the last day on which it is to be accepted, such as 2026-08-12.",
        ));
    });
    let owner = entered.owner.trim().parse().map_err(|_| {
        note(Mistake::at(OWNER, "Choose who answers for it until it ends."));
    });
    match (covers, reason, justification, compensating_control, evidence, until, owner) {
        (
            Ok(covers),
            Ok(reason),
            Ok(justification),
            Ok(compensating_control),
            Some(evidence),
            Ok(until),
            Ok(owner),
        ) => Ok(Request {
            covers,
            reason,
            justification,
            compensating_control,
            evidence,
            owner,
            until,
        }),
        _ => Err(mistakes),
    }
}

/// What is wrong with the days of a request, were it filed now.
pub fn check_dates(
    request: &Request,
    policy: &ExceptionPolicy,
    severity: Option<Severity>,
    now: OffsetDateTime,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut note = |field: &str, refusal: &Refusal| {
        mistakes.push(Mistake::at(field, sentence(&refusal.to_string())));
    };
    if let ReasonCategory::FixPlanned { on } = request.reason
        && on < now.to_utc().date()
    {
        note(FIX_ON, &Refusal::FixPassed { on });
    }
    let severity = severity.unwrap_or(Severity::Critical);
    if request.until <= now {
        note(UNTIL, &Refusal::EndPassed { now });
    } else if !policy.permits(severity, now, request.until) {
        let (days, last_day) = (policy.days(severity), policy.last_day(severity, now));
        note(UNTIL, &Refusal::EndTooLate { severity, days, last_day });
    }
    mistakes
}

/// A day of our times; Postgres knows others, which nobody means.
pub fn day(text: &str) -> Option<Date> {
    moment::parse_date(text.trim()).ok().filter(|day| (2000..=9998).contains(&day.year()))
}

fn reason(entered: &Entered) -> Result<ReasonCategory, Mistake> {
    match entered.kind.as_str() {
        "risk_accepted" => Ok(ReasonCategory::RiskAccepted),
        "mitigated_otherwise" => Ok(ReasonCategory::MitigatedOtherwise),
        "false_positive" => Ok(ReasonCategory::FalsePositive),
        "fix_planned" => {
            let on = day(&entered.fix_on);
            let missing = "Enter the day for which the fix is planned, such as 2026-08-12.";
            on.map(|on| ReasonCategory::FixPlanned { on })
                .ok_or_else(|| Mistake::at(FIX_ON, missing))
        }
        _ => Err(Mistake::at(KIND, "Choose which kind of reason there is.")),
    }
}

/// A text, or what is wrong with it: that there is none, or what keeps it from being taken.
pub fn written<const MOST: usize>(
    field: &str,
    text: &str,
    name: &str,
) -> Result<WrittenText<MOST>, Mistake> {
    text.parse().map_err(|error| {
        let words = match error {
            WrittenTextError::Empty => "write it in words",
            _ => return Mistake::at(field, format!("{name}: {error}.")),
        };
        Mistake::at(field, format!("{name}: {words}."))
    })
}

/// The id of a row of evidence.
pub(super) fn evidence_id(row: usize) -> String {
    format!("evidence-{}", row + 1)
}

fn evidence(rows: &[(String, String)], note: &mut impl FnMut(Mistake)) -> Option<EvidenceLinks> {
    let mut links = Vec::new();
    let mut is_whole = true;
    for (row, (address, title)) in rows.iter().enumerate() {
        if address.trim().is_empty() && title.trim().is_empty() {
            continue;
        }
        let link = evidence_link(&evidence_id(row), row + 1, (address, title));
        match link {
            Ok(link) => links.push(link),
            Err(mistake) => {
                note(mistake);
                is_whole = false;
            }
        }
    }
    match EvidenceLinks::try_from(links) {
        Ok(links) => is_whole.then_some(links),
        Err(error) => {
            note(Mistake::at(evidence_id(0), sentence(&format!("evidence: {error}"))));
            None
        }
    }
}

fn evidence_link(
    field: &str,
    number: usize,
    (address, title): (&str, &str),
) -> Result<EvidenceLink, Mistake> {
    if address.trim().is_empty() {
        return Err(Mistake::at(field, format!("Enter the address of evidence {number}.")));
    }
    let address: HttpsAddress = address
        .parse()
        .map_err(|error| Mistake::at(field, format!("Evidence {number}: {error}.")))?;
    let title = match title.trim() {
        "" => None,
        title => Some(written(field, title, &format!("Title of evidence {number}"))?),
    };
    Ok(EvidenceLink { address, title })
}

#[cfg(test)]
mod tests {
    use postern_domain::exception::request::Covers;
    use time::macros::{date, datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-03 9:00 UTC);

    fn entered(changes: &[(&str, &str)]) -> Entered {
        let mut fields = vec![
            ("finding", "F-1"),
            ("kind", "risk_accepted"),
            ("why", "The gateway comes in May."),
            ("until", "2026-05-31"),
            ("owner", "P-3"),
        ];
        fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        fields.extend(changes);
        let fields: Vec<(String, String)> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Entered::read(&fields).unwrap()
    }

    #[test]
    fn a_form_becomes_a_request() {
        let request = read_request(&entered(&[
            ("kind", "fix_planned"),
            ("fix_on", "2026-05-01"),
            ("evidence_address", "https://contoso.com/1"),
            ("evidence_title", "The plan"),
            ("evidence_address", ""),
            ("evidence_title", ""),
        ]))
        .unwrap();
        assert!(matches!(&request.covers, Covers::Findings(it) if it.iter().count() == 1));
        assert_eq!(request.reason, ReasonCategory::FixPlanned { on: date!(2026 - 05 - 01) });
        assert_eq!(request.until, datetime!(2026-06-01 0:00 UTC));
        assert_eq!(request.evidence.as_slice().len(), 1);
        assert_eq!(request.compensating_control, None);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_its_field() {
        let check = |changes: &[(&str, &str)], expected: &[&str]| {
            let mistakes = read_request(&entered(changes)).unwrap_err();
            let fields: Vec<_> = mistakes.iter().filter_map(|it| it.field.as_deref()).collect();
            assert_eq!(fields, expected, "{mistakes:?}");
        };
        check(&[("finding", "F-1"), ("kind", "")], &["kind"]);
        check(&[("kind", "fix_planned"), ("fix_on", "May")], &["fix_on"]);
        check(
            &[("why", " "), ("until", "0001-01-01"), ("owner", "me")],
            &["why", "until", "owner"],
        );
        check(&[("meanwhile", "a\u{202e}b"), ("until", "9999-12-31")], &["meanwhile", "until"]);
        check(&[("evidence_address", ""), ("evidence_title", "x")], &["evidence-1"]);
        check(&[("evidence_address", "http://a"), ("evidence_title", "")], &["evidence-1"]);
        let mut unchosen = entered(&[]);
        unchosen.subject =
            crate::page::exceptions::ask::Subject::read(&[("offered".into(), "F-1".into())])
                .unwrap();
        assert_eq!(read_request(&unchosen).unwrap_err()[0].field.as_deref(), Some(COVERED));
    }

    #[test]
    fn days_are_checked_as_they_will_be_when_it_is_filed() {
        let check = |changes: &[(&str, &str)], expected: &[&str]| {
            let request = read_request(&entered(changes)).unwrap();
            let policy = ExceptionPolicy::default();
            let mistakes = check_dates(&request, &policy, Some(Severity::Critical), NOW);
            let fields: Vec<_> = mistakes.iter().filter_map(|it| it.field.as_deref()).collect();
            assert_eq!(fields, expected, "{mistakes:?}");
        };
        check(&[], &[]);
        check(&[("until", "2026-06-01")], &[]);
        check(&[("until", "2026-06-02")], &["until"]);
        check(&[("until", "2026-03-02")], &["until"]);
        check(&[("until", "2026-03-03")], &[]);
        check(&[("kind", "fix_planned"), ("fix_on", "2026-03-02")], &["fix_on"]);
    }
}
