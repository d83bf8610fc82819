use time::macros::date;

use super::*;

/// A request for something critical, filed by `REQUESTER`, that two have to approve.
fn critical() -> Exception {
    after(&draft(request()), [Deed::File { by: person(REQUESTER), severity: Severity::Critical }])
}

fn decide(
    exception: &Exception,
    agreement: Agreement,
    at: OffsetDateTime,
) -> Result<Exception, Refusal> {
    exception.apply(&Act { at, deed: Deed::Approve(agreement) }, &two_approvers())
}

fn grant(exception: &Exception) -> &Grant {
    match &exception.state {
        State::Approved { grant, .. } => grant,
        other => panic!("not approved: {other:?}"),
    }
}

fn waiting(exception: &Exception) -> Vec<i64> {
    match &exception.state {
        State::Requested { approvals, .. } => {
            approvals.iter().map(|it| it.approval.by.number()).collect()
        }
        other => panic!("not requested: {other:?}"),
    }
}

#[test]
fn who_wrote_on_a_request_does_not_decide_on_it() {
    let draft = after(&draft(request()), [edit(SECOND, request()), file(REQUESTER)]);
    let filed = after(&draft, [edit(APPROVER, request())]);
    for (by, expected) in [
        (REQUESTER, "you filed this request, so someone else decides"),
        (WRITER, "you worked on this request, so someone else decides"),
        (SECOND, "you worked on this request, so someone else decides"),
        (APPROVER, "you worked on this request, so someone else decides"),
    ] {
        assert_eq!(
            refusal(&filed, Deed::Approve(Agreement { version: 3, ..agreement(by) })),
            expected
        );
        assert_eq!(refusal(&filed, reject(by)), expected);
    }
    let agreement = Agreement { version: 3, ..agreement(5) };
    assert!(act(&filed, Deed::Approve(agreement), day(1)).is_ok());
    assert!(act(&filed, reject(5), day(1)).is_ok());
}

#[test]
fn an_approver_has_the_scope() {
    let missing = Agreement { scope: ApproverScope::Missing, ..agreement(APPROVER) };
    let by = person(APPROVER);
    let scope = ApproverScope::Missing;
    let sentence = "only approvers for everything that this exception covers can decide on it";
    assert_eq!(refusal(&requested(), Deed::Approve(missing)), sentence);
    assert_eq!(refusal(&requested(), Deed::Reject { by, scope, reason: reason() }), sentence);
    assert_eq!(refusal(&approved(), Deed::Revoke { by, scope, reason: reason() }), sentence);
}

#[test]
fn only_authors_withdraw() {
    for exception in [draft(request()), requested()] {
        assert_eq!(
            refusal(&exception, withdraw(APPROVER)),
            "only who wrote this request can withdraw it"
        );
        assert!(act(&exception, withdraw(WRITER), day(1)).is_ok());
    }
    assert!(act(&requested(), withdraw(REQUESTER), day(1)).is_ok());
}

#[test]
fn what_is_critical_takes_two_where_the_policy_says_so() {
    let exception = critical();
    let half = decide(&exception, agreement(APPROVER), day(1)).unwrap();
    assert_eq!(waiting(&half), [APPROVER]);
    assert_eq!(half.accepts(finding(1), day(1)), None, "one of two is none");
    assert_eq!(decide(&half, agreement(APPROVER), day(2)), Err(Refusal::AlreadyApproved));
    assert_eq!(decide(&half, agreement(REQUESTER), day(2)), Err(Refusal::OwnRequest));
    let conditions = Some("Two addresses only.".parse().unwrap());
    let second = Agreement { until: day(40), conditions, ..agreement(SECOND) };
    let both = decide(&half, second, day(2)).unwrap();
    let grant = grant(&both);
    let deciders: Vec<i64> = grant.approvals.iter().map(|it| it.by.number()).collect();
    assert_eq!(deciders, [APPROVER, SECOND]);
    assert_eq!((grant.from, grant.until), (day(2), day(40)), "the shorter end holds");
    assert_eq!(grant.severity, Severity::Critical);
    // One is enough for what is less, and where the policy does not ask for two.
    assert!(
        decide(&requested(), agreement(APPROVER), day(1))
            .unwrap()
            .accepts(finding(1), day(1))
            .is_some()
    );
    assert!(
        act(&critical(), approve(APPROVER), day(1)).unwrap().accepts(finding(1), day(1)).is_some()
    );
    // What turned critical since it was filed takes two as well.
    let turned = Agreement { accepted: states(&[(1, "critical", 1)]), ..agreement(APPROVER) };
    assert_eq!(waiting(&decide(&requested(), turned, day(1)).unwrap()), [APPROVER]);
    // So does what an edit made critical, whatever is accepted of it.
    let edit = Deed::Edit { by: person(WRITER), request: request(), severity: Severity::Critical };
    let edited = act(&requested(), edit, day(1)).unwrap();
    let agreement = Agreement { version: 2, ..agreement(APPROVER) };
    assert_eq!(waiting(&decide(&edited, agreement, day(1)).unwrap()), [APPROVER]);
}

#[test]
fn somebody_can_still_refuse_or_withdraw_after_the_first_of_two_approvals() {
    let half = decide(&critical(), agreement(APPROVER), day(1)).unwrap();
    for deed in [reject(SECOND), reject(APPROVER), withdraw(REQUESTER)] {
        let after = act(&half, deed, day(2)).unwrap();
        assert!(!matches!(after.state, State::Requested { .. } | State::Approved { .. }));
    }
}

#[test]
fn an_edit_drops_the_first_of_two_approvals() {
    let half = decide(&critical(), agreement(APPROVER), day(1)).unwrap();
    let critical =
        |by| Deed::Edit { by: person(by), request: request(), severity: Severity::Critical };
    let edited = act(&half, critical(WRITER), day(2)).unwrap();
    assert_eq!(waiting(&edited), Vec::<i64>::new());
    assert_eq!(edited.version, 2);
    assert_eq!(
        decide(&edited, agreement(SECOND), day(3)).unwrap_err().to_string(),
        "the request was changed after you opened it: read it again"
    );
    let again = |by| Agreement { version: 2, ..agreement(by) };
    let half = decide(&edited, again(SECOND), day(3)).unwrap();
    assert_eq!(waiting(&half), [SECOND], "the approval from before the edit is no longer one");
    assert!(decide(&half, again(APPROVER), day(4)).unwrap().accepts(finding(1), day(4)).is_some());
    // An approver who edits is one no longer.
    let edited = act(&half, critical(APPROVER), day(4)).unwrap();
    let again = Agreement { version: 3, ..agreement(APPROVER) };
    assert_eq!(decide(&edited, again, day(5)), Err(Refusal::OwnWork));
}

#[test]
fn two_approvers_accept_the_same_state() {
    let half = decide(&critical(), agreement(APPROVER), day(1)).unwrap();
    let worse = || states(&[(1, "high", 2), (2, "high", 1)]);
    let second = Agreement { accepted: worse(), ..agreement(SECOND) };
    let changed = decide(&half, second, day(2)).unwrap();
    assert_eq!(waiting(&changed), [SECOND], "the first accepted something else");
    let first = Agreement { accepted: worse(), ..agreement(APPROVER) };
    let both = decide(&changed, first, day(3)).unwrap();
    assert_eq!(grant(&both).covered[&finding(1)].accepted, state("high", 2));
    // Who sees it worse than they accepted it agrees anew, and counts once.
    let again = Agreement { accepted: worse(), ..agreement(APPROVER) };
    assert_eq!(waiting(&decide(&half, again, day(2)).unwrap()), [APPROVER]);
    // Milder is what the first accepted too; what holds is what the second saw.
    let milder = Agreement { accepted: states(&[(1, "medium", 1)]), ..agreement(SECOND) };
    let both = decide(&half, milder, day(2)).unwrap();
    let covered: Vec<_> = grant(&both).covered.iter().map(|(id, it)| (*id, &it.accepted)).collect();
    assert_eq!(covered, [(finding(1), &state("medium", 1))]);
}

#[test]
fn an_approval_that_has_ended_does_not_count_beside_a_second() {
    let first = Agreement { until: day(5), ..agreement(APPROVER) };
    let half = decide(&critical(), first, day(1)).unwrap();
    assert_eq!(waiting(&decide(&half, agreement(SECOND), day(5)).unwrap()), [SECOND]);
    let both = decide(&half, agreement(SECOND), day(5) - Duration::MICROSECOND).unwrap();
    assert_eq!(grant(&both).until, day(5));
}

#[test]
fn an_end_is_shorter_than_asked_and_never_longer() {
    let until = |until| Deed::Approve(Agreement { until, ..agreement(APPROVER) });
    let shorter = act(&requested(), until(day(10)), day(1)).unwrap();
    assert_eq!(shorter.accepts(finding(1), day(1)), Some(day(10)));
    let longer = act(&requested(), until(day(60) + Duration::MICROSECOND), day(1)).unwrap_err();
    assert_eq!(
        longer.to_string(),
        "the request asks for an end at 2026-07-11T08:00:00Z: approve it until then or earlier"
    );
    for end in [day(1), day(0)] {
        assert_eq!(act(&requested(), until(end), day(1)), Err(Refusal::EndPassed { now: day(1) }));
    }
    assert!(act(&requested(), until(day(1) + Duration::MICROSECOND), day(1)).is_ok());
}

#[test]
fn nothing_is_filed_or_approved_past_the_policy() {
    let long = |days| Request { until: day(days), ..request() };
    let file = |severity| Deed::File { by: person(REQUESTER), severity };
    let check = |days, severity, fits: bool| {
        assert_eq!(
            act(&draft(long(days)), file(severity), START).is_ok(),
            fits,
            "{days} {severity}"
        );
    };
    check(90, Severity::Critical, true);
    check(91, Severity::Critical, false);
    check(180, Severity::High, true);
    check(181, Severity::High, false);
    check(365, Severity::Low, true);
    check(366, Severity::Low, false);
    let too_late = act(&draft(long(200)), file(Severity::High), START).unwrap_err();
    let last_day = date!(2026 - 11 - 08);
    assert_eq!(too_late, Refusal::EndTooLate { severity: Severity::High, days: 180, last_day });
    assert_eq!(
        too_late.to_string(),
        "high findings can be excepted for at most 180 days: enter an end on or before 2026-11-08"
    );
    // A draft may say anything; what waits for a decision may not.
    let edit =
        |days| Deed::Edit { by: person(WRITER), request: long(days), severity: Severity::High };
    assert!(act(&draft(request()), edit(200), START).is_ok());
    assert!(act(&requested(), edit(181), requested().changed_at).is_err());
    assert!(act(&requested(), edit(180), requested().changed_at).is_ok());
    // What turned critical since it was filed is measured as that, from the approval on.
    let filed = act(&draft(long(180)), file(Severity::High), START).unwrap();
    let agreed = |days| {
        let accepted = states(&[(1, "medium", 1), (2, "critical", 1)]);
        Deed::Approve(Agreement { until: day(days), accepted, ..agreement(APPROVER) })
    };
    assert!(matches!(
        act(&filed, agreed(101), day(10)),
        Err(Refusal::EndTooLate { severity: Severity::Critical, days: 90, .. })
    ));
    assert!(act(&filed, agreed(100), day(10)).is_ok());
    // What is milder now than when it was filed is still measured as what was filed.
    let filed = act(&draft(long(90)), file(Severity::Critical), START).unwrap();
    assert_eq!(
        grant(&act(&filed, approve(APPROVER), day(1)).unwrap()).severity,
        Severity::Critical
    );
}

#[test]
fn a_fix_is_planned_for_a_day_to_come() {
    let planned = |on| {
        let reason = ReasonCategory::FixPlanned { on };
        act(&draft(Request { reason, ..request() }), file(REQUESTER), START)
    };
    assert!(planned(date!(2026 - 05 - 12)).is_ok());
    assert_eq!(
        planned(date!(2026 - 05 - 11)).unwrap_err().to_string(),
        "the fix is planned for 2026-05-11, which has passed: enter a later day"
    );
}

#[test]
fn what_is_accepted_is_what_was_asked_for() {
    let check = |request: Request, agreement: Agreement, sentence: &str| {
        let requested = after(&draft(request), [file(REQUESTER)]);
        assert_eq!(refusal(&requested, Deed::Approve(agreement)), sentence);
    };
    let nothing = "nothing that this exception covers is failing, so there is nothing to accept";
    let later = || Agreement { later_assets: LaterAssets::Covered, ..agreement(APPROVER) };
    let of = |of| Agreement { accepted: states(of), ..agreement(APPROVER) };
    check(request(), of(&[]), nothing);
    check(standing(), of(&[]), nothing);
    assert_eq!(
        decide(&critical(), of(&[]), day(1)),
        Err(Refusal::NothingToAccept),
        "nor as one of two"
    );
    check(
        request(),
        of(&[(1, "high", 1), (3, "high", 1)]),
        "F-3 is not among the findings that the request is for",
    );
    check(
        request(),
        later(),
        "only an exception for a rule and a scope can cover assets that appear later",
    );
    let mut foreign = later();
    foreign.accepted.insert(finding(3), state_of("NET-02", "high", 1));
    check(standing(), foreign, "F-3 is of another rule than NET-01, which the request is for");
    // One of those selected is resolved by now; and for later assets, nothing has to fail yet.
    let one = act(&requested(), Deed::Approve(of(&[(2, "high", 1)])), day(1)).unwrap();
    assert_eq!(one.accepts(finding(1), day(1)), None);
    assert_eq!(one.accepts(finding(2), day(1)), Some(day(60)));
    let requested = after(&draft(standing()), [file(REQUESTER)]);
    let none_yet = Agreement { accepted: states(&[]), ..later() };
    assert!(act(&requested, Deed::Approve(none_yet), day(1)).is_ok());
}
