use super::*;
use crate::exception::status::ExceptionStatus::{
    Approved, Draft, Expired, Rejected, Requested, Revoked, Superseded, Void, Withdrawn,
};

/// An exception in each state, as it is at day 1, of the expired one at day 100.
fn in_every_state() -> Vec<(ExceptionStatus, Exception)> {
    let supersede = supersede();
    vec![
        (Draft, draft(request())),
        (Requested, requested()),
        (Approved, approved()),
        (Rejected, after(&requested(), [reject(APPROVER)])),
        (Withdrawn, after(&requested(), [withdraw(WRITER)])),
        (Expired, approved()),
        (Revoked, after(&approved(), [revoke(APPROVER)])),
        (Superseded, after(&approved(), [supersede])),
        (Void, after(&approved(), [void(&[1, 2])])),
    ]
}

fn supersede() -> Deed {
    let extension = approved().extend(id(2), request(), person(WRITER), START).unwrap();
    let extension = after(&extension, [file(REQUESTER), approve(APPROVER)]);
    let extension = Supersession::by(&extension).unwrap();
    Deed::Supersede { by: person(APPROVER), extension }
}

/// Every deed, such that nothing but the state can be against it.
fn every_deed() -> Vec<Deed> {
    vec![
        edit(WRITER, request()),
        file(REQUESTER),
        approve(APPROVER),
        reject(APPROVER),
        withdraw(WRITER),
        revoke(APPROVER),
        supersede(),
        void(&[1, 2]),
        cover(&[(3, "high", 1)]),
    ]
}

const LISTED: [(ExceptionStatus, &str, ExceptionStatus); 10] = [
    (Draft, "edit", Draft),
    (Draft, "file", Requested),
    (Draft, "withdraw", Withdrawn),
    (Requested, "edit", Requested),
    (Requested, "approve", Approved),
    (Requested, "reject", Rejected),
    (Requested, "withdraw", Withdrawn),
    (Approved, "revoke", Revoked),
    (Approved, "supersede", Superseded),
    (Approved, "void", Void),
];

#[test]
fn a_state_and_a_deed_are_listed_or_refused() {
    let mut seen = 0;
    for (status, exception) in in_every_state() {
        let at = if status == Expired { day(100) } else { day(1) };
        assert_eq!(exception.status(at), status);
        for deed in every_deed() {
            let name = deed.as_str();
            let listed = LISTED.iter().find(|(from, by, _)| (*from, *by) == (status, name));
            let before = exception.clone();
            let outcome = act(&exception, deed.clone(), at);
            assert_eq!(exception, before, "{status:?} {name}");
            match (listed, outcome) {
                (Some((_, _, to)), Ok(next)) => {
                    assert_eq!(next.status(at), *to, "{status:?} {name}");
                    assert_eq!(next.changed_at, at);
                    seen += 1;
                }
                // It is a selection, whose later assets nobody can cover.
                (None, Err(Refusal::LaterAssetsNotCovered)) if name == "cover" => {
                    assert_eq!(status, Approved);
                }
                (None, Err(refusal)) => {
                    let expected = Refusal::NotPossible { status, deed: deed.participle() };
                    assert_eq!(refusal, expected);
                }
                (listed, outcome) => panic!("{status:?} {name}: {listed:?} {outcome:?}"),
            }
        }
    }
    assert_eq!(seen, LISTED.len(), "each listed transition was tried");
    let names: BTreeSet<&str> = every_deed().iter().map(Deed::as_str).collect();
    assert_eq!(names.len(), 9, "each deed was tried");
}

#[test]
fn only_a_standing_exception_stays_approved_by_covering_more() {
    let exception = approved_standing(LaterAssets::Covered);
    let after = act(&exception, cover(&[(3, "high", 1)]), day(1)).unwrap();
    assert_eq!(after.status(day(1)), Approved);
}

#[test]
fn a_refusal_of_a_state_is_a_sentence() {
    let rejected = after(&requested(), [reject(APPROVER)]);
    assert_eq!(
        refusal(&rejected, approve(SECOND)),
        "this exception is rejected, so it cannot be approved"
    );
    assert_eq!(
        refusal(&requested(), revoke(APPROVER)),
        "this exception is waiting for a decision, so it cannot be revoked"
    );
    let over = act(&approved(), revoke(APPROVER), day(60)).unwrap_err();
    assert_eq!(over.to_string(), "this exception is expired, so it cannot be revoked");
}

#[test]
fn acts_come_in_the_order_of_time() {
    let exception = requested();
    let just_before = exception.changed_at - Duration::MICROSECOND;
    assert_eq!(
        act(&exception, approve(APPROVER), just_before).unwrap_err(),
        Refusal::OutOfOrder { last: exception.changed_at }
    );
    assert!(act(&exception, approve(APPROVER), exception.changed_at).is_ok());
}

#[test]
fn an_extension_is_a_request_of_its_own() {
    let before = approved();
    let extend = |exception: &Exception, at| exception.extend(id(2), request(), person(SECOND), at);
    let extension = extend(&before, day(1)).unwrap();
    assert_eq!((extension.extends, extension.version), (Some(before.id), 1));
    assert_eq!(extension.status(day(1)), Draft);
    assert_eq!(Supersession::by(&extension), None, "not approved");
    assert_eq!(Supersession::by(&before), None, "no extension");
    // Who filed the one before may decide on this one, and who decided on that one not on what they filed.
    let filed = after(&extension, [file(APPROVER)]);
    assert_eq!(act(&filed, approve(APPROVER), day(2)), Err(Refusal::OwnRequest));
    assert_eq!(act(&filed, approve(SECOND), day(2)), Err(Refusal::OwnWork));
    let extension = act(&filed, approve(REQUESTER), day(2)).unwrap();
    let supersession = Supersession::by(&extension).unwrap();
    let supersede = || Deed::Supersede { by: person(REQUESTER), extension: supersession };
    let superseded = act(&before, supersede(), day(2)).unwrap();
    assert_eq!(superseded.status(day(2)), Superseded);
    assert_eq!(superseded.accepts(finding(1), day(2)), None);
    assert_eq!(extension.accepts(finding(1), day(2)), Some(day(60)));
    let other = Exception { id: id(7), ..before.clone() };
    assert_eq!(
        act(&other, supersede(), day(2)).unwrap_err().to_string(),
        "X-2 extends another exception"
    );
    // What ended by itself stays so.
    assert!(extend(&before, day(60)).is_ok());
    assert!(act(&before, supersede(), day(60)).is_err());
    for (status, exception) in in_every_state() {
        let can = matches!(status, Approved | Expired);
        assert_eq!(extend(&exception, day(1)).is_ok(), can, "{status:?}");
    }
}

#[test]
fn exceptions_and_acts_are_written_and_read_alike() {
    let covering = approved_standing(LaterAssets::Covered);
    let partly = after(&covering, [cover(&[(3, "high", 2)]), void(&[1])]);
    let half = half_approved();
    for exception in in_every_state().into_iter().map(|(_, it)| it).chain([partly, half]) {
        let text = serde_json::to_string(&exception).unwrap();
        assert_eq!(serde_json::from_str::<Exception>(&text).unwrap(), exception, "{text}");
    }
    for deed in every_deed() {
        let name = deed.as_str();
        let act = Act { at: START, deed };
        let value = serde_json::to_value(&act).unwrap();
        assert_eq!(value["deed"], name);
        assert_eq!(serde_json::from_value::<Act>(value).unwrap(), act);
    }
    let act = Act { at: START, deed: withdraw(7) };
    assert_eq!(
        serde_json::to_value(&act).unwrap(),
        json!({"at": "2026-05-12T08:00:00Z", "deed": "withdraw", "by": "P-7"})
    );
}

fn half_approved() -> Exception {
    let critical = Agreement { accepted: states(&[(1, "critical", 1)]), ..agreement(APPROVER) };
    let act = Act { at: day(1), deed: Deed::Approve(critical) };
    let half = requested().apply(&act, &two_approvers()).unwrap();
    assert_eq!(half.status(day(1)), Requested);
    half
}
