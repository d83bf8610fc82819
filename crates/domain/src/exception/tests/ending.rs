use super::*;
use crate::exception::status::{EffectiveStatus, effective};
use crate::exception::warning::{self, Warning};
use crate::finding::FindingState;

const MOMENT: Duration = Duration::MICROSECOND;

#[test]
fn at_the_very_second_of_its_end_it_has_ended() {
    let exception = approved();
    let end = day(60);
    let check = |now, status, accepts: bool, effective_word: &str| {
        assert_eq!(exception.status(now), status, "{now}");
        assert_eq!(exception.accepts(finding(1), now).is_some(), accepts, "{now}");
        let effective = effective(finding(1), FindingState::Open, [&exception], now);
        assert_eq!(effective.as_str(), effective_word, "{now}");
    };
    check(end - MOMENT, ExceptionStatus::Approved, true, "excepted");
    check(end, ExceptionStatus::Expired, false, "open");
    check(end + MOMENT, ExceptionStatus::Expired, false, "open");
    // Nothing of it is stored.
    assert_eq!(serde_json::to_value(&exception).unwrap()["state"]["state"], "approved");
    assert!(act(&exception, void(&[1]), end - MOMENT).is_ok());
    assert!(act(&exception, void(&[1]), end).is_err());
}

#[test]
fn a_finding_is_effectively_what_its_state_and_the_decisions_make_it() {
    use EffectiveStatus as Status;
    let (approved, requested) = (approved(), requested());
    let rejected = after(&requested, [reject(APPROVER)]);
    let now = day(1);
    let excepted = Status::Excepted { exception: id(1), until: day(60) };
    let pending = Status::Pending { exception: id(1) };
    let ended: Vec<Exception> = vec![
        draft(request()),
        after(&requested, [withdraw(WRITER)]),
        after(&approved, [revoke(APPROVER)]),
        after(&approved, [void(&[1])]),
        rejected,
    ];
    for (state, plain, with_request, with_approval) in [
        (FindingState::Open, Status::Open, pending, excepted),
        (FindingState::NotRechecked, Status::NotRechecked, pending, excepted),
        (FindingState::Unknown, Status::Unknown, Status::Unknown, Status::Unknown),
        (FindingState::Resolved, Status::Resolved, Status::Resolved, Status::Resolved),
    ] {
        let check = |exceptions: &[&Exception], expected| {
            assert_eq!(effective(finding(1), state, exceptions.iter().copied(), now), expected);
        };
        check(&[], plain);
        check(&[&requested], with_request);
        check(&[&approved], with_approval);
        check(&[&requested, &approved], with_approval);
        check(&[&approved, &requested], with_approval);
        for exception in &ended {
            check(&[exception], plain);
        }
        let of_another = effective(finding(3), state, [&approved, &requested], now);
        assert_eq!(of_another, plain, "what names other findings does not concern it");
    }
    let asked = after(&draft(standing()), [file(REQUESTER)]);
    assert_eq!(effective(finding(3), FindingState::Open, [&asked], now), pending);
    let open: Vec<bool> =
        [Status::Open, pending, Status::NotRechecked, excepted, Status::Unknown, Status::Resolved]
            .into_iter()
            .map(EffectiveStatus::counts_as_open)
            .collect();
    assert_eq!(open, [true, true, true, false, false, false]);
}

#[test]
fn of_several_that_hold_the_one_that_ends_last_counts_and_then_the_lowest_number() {
    let until = |number, days| {
        let agreement = Agreement { until: day(days), ..agreement(APPROVER) };
        let exception = act(&requested(), Deed::Approve(agreement), day(1)).unwrap();
        Exception { id: id(number), ..exception }
    };
    let (short, long, twin) = (until(1, 10), until(3, 20), until(2, 20));
    let check = |exceptions: [&Exception; 3], now, number, days| {
        let expected = EffectiveStatus::Excepted { exception: id(number), until: day(days) };
        assert_eq!(effective(finding(1), FindingState::Open, exceptions, now), expected);
    };
    for order in [[&short, &long, &twin], [&twin, &short, &long], [&long, &twin, &short]] {
        check(order, day(2), 2, 20);
    }
    check([&short, &short, &long], day(2), 3, 20);
    check([&short, &long, &long], day(10), 3, 20);
    let filed = |number, hours| {
        let exception =
            act(&draft(request()), file(REQUESTER), START + Duration::hours(hours)).unwrap();
        Exception { id: id(number), ..exception }
    };
    let (late, early, twin) = (filed(1, 2), filed(3, 1), filed(2, 1));
    for order in [[&late, &early, &twin], [&twin, &early, &late], [&early, &late, &twin]] {
        let expected = EffectiveStatus::Pending { exception: id(2) };
        assert_eq!(effective(finding(1), FindingState::Open, order, day(2)), expected);
    }
}

#[test]
fn a_finding_that_ended_and_is_back_as_it_was_accepted_is_excepted_again() {
    let exception = approved();
    let status = |state, now| effective(finding(1), state, [&exception], now).as_str();
    assert_eq!(status(FindingState::Open, day(1)), "excepted");
    assert_eq!(status(FindingState::Resolved, day(2)), "resolved");
    assert_eq!(status(FindingState::Unknown, day(3)), "unknown");
    assert_eq!(status(FindingState::Open, day(4)), "excepted");
}

#[test]
fn warnings_come_due_thirty_seven_and_one_day_before_the_end() {
    use Warning::{OneDay, SevenDays, ThirtyDays};
    let exception = approved();
    let check = |now, expected: &[Warning]| assert_eq!(warning::due(&exception, now), expected);
    check(day(1), &[]);
    check(day(30) - MOMENT, &[]);
    check(day(30), &[ThirtyDays]);
    check(day(53) - MOMENT, &[ThirtyDays]);
    check(day(53), &[ThirtyDays, SevenDays]);
    check(day(59), &[ThirtyDays, SevenDays, OneDay]);
    check(day(60) - MOMENT, &[ThirtyDays, SevenDays, OneDay]);
    check(day(60), &[]);
    for exception in [requested(), after(&exception, [revoke(APPROVER)])] {
        assert_eq!(warning::due(&exception, day(59)), []);
    }
}

#[test]
fn a_short_exception_has_the_warnings_that_lie_after_its_approval() {
    let lasting = |duration: Duration| {
        let until = day(1) + duration;
        let agreement = Agreement { until, ..agreement(APPROVER) };
        let exception = act(&requested(), Deed::Approve(agreement), day(1)).unwrap();
        warning::due(&exception, until - MOMENT).len()
    };
    assert_eq!(lasting(Duration::days(30) + MOMENT), 3);
    assert_eq!(lasting(Duration::days(30)), 2);
    assert_eq!(lasting(Duration::days(7)), 1);
    assert_eq!(lasting(Duration::days(2)), 1);
    assert_eq!(lasting(Duration::DAY), 0);
    assert_eq!(lasting(Duration::HOUR), 0);
}
