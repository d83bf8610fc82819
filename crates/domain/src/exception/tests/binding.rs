use super::*;

const NOW: OffsetDateTime = datetime!(2026-05-20 8:00 UTC);

fn accepted_now(exception: &Exception) -> Vec<i64> {
    (1..6).filter(|number| exception.accepts(finding(*number), NOW).is_some()).collect()
}

#[test]
fn what_is_worse_is_void_for_itself_and_all_of_it_for_the_exception() {
    let exception = approved();
    let (same, worse) = (state("high", 1), state("high", 2));
    let present = [(finding(1), Present::Failing(&worse)), (finding(2), Present::Failing(&same))];
    let worsened = exception.worsened(present, NOW);
    let change = Worsening::Properties {
        changes: vec![crate::change::PropertyChange {
            path: "properties.opened".to_owned(),
            before: Some(json!(1)),
            after: Some(json!(2)),
        }],
        more: 0,
    };
    assert_eq!(worsened, BTreeMap::from([(finding(1), change.clone())]));
    let by = EvaluationId::from_number(903);
    let partly = act(&exception, Deed::Void { by, findings: worsened }, NOW).unwrap();
    assert_eq!(partly.status(NOW), ExceptionStatus::Approved);
    assert_eq!(accepted_now(&partly), [2]);
    let State::Approved { grant, .. } = &partly.state else { panic!("still approved") };
    let voided = Voided { by, at: NOW, worsening: change };
    assert_eq!(grant.covered[&finding(1)].void, Some(voided));
    // It stays void, also when the state is as it was again, and is not found worse once more.
    let present = [(finding(1), Present::Failing(&worse)), (finding(2), Present::Gone)];
    assert_eq!(partly.worsened(present, NOW), BTreeMap::new());
    assert_eq!(refusal(&partly, void(&[1])), "F-1 is not covered by this exception");
    let whole = act(&partly, void(&[2]), NOW).unwrap();
    assert_eq!(whole.status(NOW), ExceptionStatus::Void);
    assert_eq!(accepted_now(&whole), [0; 0]);
}

#[test]
fn what_is_the_same_better_unread_or_gone_is_not_worse() {
    let exception = approved();
    let (same, milder, worse) = (state("high", 1), state("low", 1), state("critical", 1));
    let check = |present: Present<'_>, count: usize| {
        let found = exception.worsened([(finding(1), present)], NOW).len();
        assert_eq!(found, count, "{present:?}");
    };
    check(Present::Failing(&same), 0);
    check(Present::Failing(&milder), 0);
    check(Present::Unread, 0);
    check(Present::Gone, 0);
    check(Present::Failing(&worse), 1);
    // Neither what is not covered nor what has ended.
    let elsewhere = [(finding(3), Present::Failing(&worse))];
    assert_eq!(exception.worsened(elsewhere, NOW), BTreeMap::new());
    let present = || [(finding(1), Present::Failing(&worse))];
    assert_eq!(exception.worsened(present(), day(60)), BTreeMap::new());
    assert_eq!(requested().worsened(present(), NOW), BTreeMap::new());
}

#[test]
fn only_what_is_covered_is_made_void() {
    assert_eq!(refusal(&approved(), void(&[3])), "F-3 is not covered by this exception");
    assert_eq!(refusal(&approved(), void(&[])), "no finding is named");
    let before = approved();
    assert!(act(&before, void(&[1, 3]), NOW).is_err());
    assert_eq!(accepted_now(&before), [1, 2], "all or nothing");
}

#[test]
fn later_assets_are_covered_where_the_approver_says_so() {
    let not = approved_standing(LaterAssets::NotCovered);
    assert_eq!(accepted_now(&not), [1, 2]);
    assert_eq!(
        refusal(&not, cover(&[(3, "high", 1)])),
        "this exception was not approved for assets that appear later"
    );
    let exception = approved_standing(LaterAssets::Covered);
    assert_eq!(exception.accepts(finding(3), NOW), None, "until an evaluation has seen it");
    let more = act(&exception, cover(&[(3, "high", 9), (4, "low", 1)]), NOW).unwrap();
    assert_eq!(accepted_now(&more), [1, 2, 3, 4]);
    // It is bound to the state in which it was first seen.
    let (same, worse) = (state("high", 9), state("medium", 1));
    let worsened = |state| more.worsened([(finding(3), Present::Failing(state))], NOW).len();
    assert_eq!((worsened(&same), worsened(&worse)), (0, 1));
    assert_eq!(
        refusal(&exception, cover(&[(3, "critical", 1)])),
        "F-3 is critical, which is worse than what was accepted"
    );
    assert_eq!(refusal(&exception, cover(&[])), "no finding is named");
    let by = EvaluationId::from_number(904);
    let findings = BTreeMap::from([(finding(3), state_of("NET-02", "high", 1))]);
    assert_eq!(
        refusal(&exception, Deed::Cover { by, findings }),
        "F-3 is of another rule than NET-01, which the request is for"
    );
}

#[test]
fn what_was_made_void_is_not_covered_once_more() {
    let exception = after(&approved_standing(LaterAssets::Covered), [void(&[1, 2])]);
    assert_eq!(exception.status(NOW), ExceptionStatus::Approved, "it holds for what comes");
    assert_eq!(
        refusal(&exception, cover(&[(1, "high", 1)])),
        "F-1 is covered already, or was and changed for the worse"
    );
    assert_eq!(accepted_now(&after(&exception, [cover(&[(3, "high", 1)])])), [3]);
    let not = after(&approved_standing(LaterAssets::NotCovered), [void(&[1, 2])]);
    assert_eq!(not.status(NOW), ExceptionStatus::Void);
}

#[test]
fn of_a_standing_exception_two_approvers_grant_what_both_accept() {
    use LaterAssets::{Covered, NotCovered};

    let critical = Deed::File { by: person(REQUESTER), severity: Severity::Critical };
    let requested = after(&draft(standing()), [critical]);
    let both = |first: (LaterAssets, &[(i64, &str, u8)]),
                second: (LaterAssets, &[(i64, &str, u8)])| {
        let of = |by, (later_assets, accepted)| {
            let accepted = states(accepted);
            let deed = Deed::Approve(Agreement { later_assets, accepted, ..agreement(by) });
            Act { at: day(1), deed }
        };
        let half = requested.apply(&of(APPROVER, first), &two_approvers()).unwrap();
        half.apply(&of(SECOND, second), &two_approvers())
    };
    let (one, two): (&[_], &[_]) = (&[(1, "high", 1)], &[(1, "high", 1), (2, "high", 1)]);
    let accepted = |first, second| accepted_now(&both(first, second).unwrap());
    assert_eq!(accepted((NotCovered, one), (NotCovered, two)), [1], "the first did not see 2");
    assert_eq!(accepted((Covered, one), (NotCovered, two)), [1, 2], "the first accepts later ones");
    let cover_later = |first, second| {
        let exception = both((first, one), (second, one)).unwrap();
        act(&exception, cover(&[(3, "high", 1)]), NOW).is_ok()
    };
    assert!(cover_later(Covered, Covered));
    assert!(!cover_later(Covered, NotCovered));
    assert!(!cover_later(NotCovered, Covered));
    let other: &[_] = &[(2, "high", 1)];
    assert_eq!(both((NotCovered, one), (NotCovered, other)), Err(Refusal::NothingToAccept));
}
