//! Two at the same moment, and one who sends twice: one outcome, one event.

use postern_domain::exception::status::ExceptionStatus;
use postern_service::exception::{
    decide_exception, edit_exception, file_exception, revoke_exception, withdraw_exception,
};

use super::*;

/// How often each pair is let loose: which comes first is chance.
const ROUNDS: usize = 12;

/// Entries of the decision log about exceptions.
async fn logged(office: &Office) -> i64 {
    office.world.count("SELECT count(*) FROM decisions WHERE action LIKE 'exception.%'").await
}

#[tokio::test]
async fn of_two_approvers_at_the_same_moment_one_approves() {
    let office = Office::new().await;
    let (amal, bruno) = (office.at(Amal, 2).await, office.at(Bruno, 2).await);
    for _ in 0..ROUNDS {
        let id = office.file(Nora, "oai-1").await.unwrap();
        let before = logged(&office).await;
        let (one, other) =
            tokio::join!(decide_exception(&amal, id, yes()), decide_exception(&bruno, id, yes()));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let lost = [one, other].into_iter().find_map(Result::err).unwrap().to_string();
        assert_eq!(lost, "this exception is approved, so it cannot be approved");
        assert_eq!(office.acts(id).await, ["drafted", "filed", "approved"]);
        assert_eq!(logged(&office).await, before + 1);
        revoke_exception(&amal, id, "Next round.".parse().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn approving_against_withdrawing_and_rejecting_has_one_outcome() {
    let office = Office::new().await;
    let (nora, amal, bruno) =
        (office.at(Nora, 2).await, office.at(Amal, 2).await, office.at(Bruno, 2).await);
    for round in 0..ROUNDS {
        let id = office.file(Nora, "oai-1").await.unwrap();
        let before = logged(&office).await;
        let (approved, withdrawn, rejected) = tokio::join!(
            decide_exception(&amal, id, yes()),
            withdraw_exception(&nora, id),
            decide_exception(&bruno, id, no()),
        );
        let outcomes = [approved.is_ok(), withdrawn.is_ok(), rejected.is_ok()];
        assert_eq!(outcomes.iter().filter(|it| **it).count(), 1, "{round}: {outcomes:?}");
        let status = office.status(2, id).await;
        let expected = match outcomes {
            [true, _, _] => ExceptionStatus::Approved,
            [_, true, _] => ExceptionStatus::Withdrawn,
            _ => ExceptionStatus::Rejected,
        };
        assert_eq!(status, expected);
        assert_eq!(is_excepted(office.stands("oai-1", 2).await), outcomes[0]);
        assert_eq!(office.acts(id).await.len(), 3);
        assert_eq!(logged(&office).await, before + 1);
        if outcomes[0] {
            revoke_exception(&amal, id, "Next round.".parse().unwrap()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_has_the_outcome_of_the_first() {
    let office = Office::new().await;
    let finding = office.finding("oai-1").await;
    let filing = filing(office.request(Nora, &[finding], 60).await);
    let nora = office.at(Nora, 1).await;
    let (one, two) =
        tokio::join!(file_exception(&nora, filing.clone()), file_exception(&nora, filing.clone()));
    let (id, again) = (one.unwrap(), two.unwrap());
    assert_eq!(id, again);
    assert_eq!(file_exception(&office.at(Nora, 2).await, filing.clone()).await.unwrap(), id);
    // The same key in somebody else's form is another form.
    let other = file_exception(&office.at(Nils, 2).await, filing.clone()).await.unwrap();
    assert_ne!(other, id);

    let longer = office.request(Nora, &[finding], 70).await;
    for _ in 0..2 {
        edit_exception(&office.at(Nora, 3).await, id, 1, longer.clone()).await.unwrap();
    }
    let second = Decision::Approve {
        version: 2,
        seen: None,
        until: None,
        conditions: None,
        later_assets: LaterAssets::NotCovered,
    };
    let amal = office.at(Amal, 4).await;
    let (one, two) = tokio::join!(
        decide_exception(&amal, id, second.clone()),
        decide_exception(&amal, id, second.clone())
    );
    assert_eq!(one.unwrap(), ExceptionStatus::Approved);
    assert_eq!(two.unwrap(), ExceptionStatus::Approved);
    for _ in 0..2 {
        revoke_exception(&amal, id, "It leaked.".parse().unwrap()).await.unwrap();
    }
    for _ in 0..2 {
        withdraw_exception(&office.at(Nils, 4).await, other).await.unwrap();
    }
    assert_eq!(office.acts(id).await, ["drafted", "filed", "changed", "approved", "revoked"]);
    assert_eq!(office.acts(other).await, ["drafted", "filed", "withdrawn"]);
    assert_eq!(logged(&office).await, 6);
}

#[tokio::test]
async fn what_is_approved_while_an_evaluation_is_written_is_compared_with_what_it_found() {
    let office = Office::new().await;
    for round in 0..ROUNDS {
        let number = i64::try_from(round).unwrap();
        let name = "oai-1";
        let at = |hour: i64| day(number + 1) + Duration::hours(hour);
        let reading = |at, address: &str| {
            let mut account = open_account(name);
            account["properties"]["networkAcls"]["ipRules"] = json!([{"value": address}]);
            snapshot(at, &[account])
        };
        office.world.take(reading(at(1), "192.0.2.1")).await;
        let finding = office.finding(name).await;
        let request = office.request(Nora, &[finding], 60).await;
        let nora = office.at_moment(Nora, at(2)).await;
        let id = file_exception(&nora, filing(request)).await.unwrap();
        let amal = office.at_moment(Amal, at(3)).await;
        let (decided, _) = tokio::join!(
            decide_exception(&amal, id, yes()),
            office.world.take(reading(at(3), &format!("203.0.113.{round}"))),
        );
        decided.unwrap();
        // Either it was approved as it was before, and is void, or what was accepted is what is there.
        office.world.take(reading(at(4), &format!("203.0.113.{round}"))).await;
        let view = show_exception(&office.at_moment(Vera, at(5)).await, id, None).await;
        let view = view.unwrap().unwrap();
        let status = office.stands_at(name, at(5)).await;
        let acts: Vec<_> = view.acts.iter().map(|act| act.deed).collect();
        match view.row.status {
            ExceptionStatus::Approved => {
                assert_eq!(acts, ["drafted", "filed", "approved"]);
                assert!(is_excepted(status));
                let late = office.at_moment(Amal, at(5)).await;
                revoke_exception(&late, id, "Next round.".parse().unwrap()).await.unwrap();
            }
            void => {
                assert_eq!(void, ExceptionStatus::Void);
                assert_eq!(acts, ["drafted", "filed", "approved", "void"]);
                let at_void = view.acts[3].at;
                assert_eq!(at_void, at(3), "by the evaluation that found it, and no later one");
                assert!(!is_excepted(status));
            }
        }
    }
}
