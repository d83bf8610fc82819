//! What is done, by whom, and what is refused to whom.

use postern_domain::exception::status::{EffectiveStatus, ExceptionStatus};
use postern_domain::verdict::Severity;
use postern_service::decision::{list_decisions, verify_decisions};
use postern_service::exception::{
    decide_exception, edit_exception, exception_policy, file_draft, file_exception,
    list_exceptions, preview_exception, revoke_exception, set_exception_policy, show_exception,
    withdraw_exception,
};
use postern_service::view::{ExceptionQuery, ExceptionTab};

use super::*;

#[tokio::test]
async fn one_asks_another_decides_and_the_end_comes_by_itself() {
    let office = Office::new().await;
    let id = office.file(Nora, "oai-1").await.unwrap();
    assert_eq!(office.stands("oai-1", 1).await, EffectiveStatus::Pending { exception: id });
    assert_eq!(office.status(1, id).await, ExceptionStatus::Requested);
    let refused = decide_exception(&office.at(Nora, 1).await, id, yes()).await.unwrap_err();
    assert_eq!(refused.to_string(), "only approvers may decide on exceptions");
    // Also an approver who wrote it.
    let nora = office.person(Nora).await;
    let both = Actor::Person {
        id: nora,
        name: "Nora".to_owned(),
        grants: vec![Grant::of(Role::Approver)],
        address: None,
    };
    let refused = decide_exception(&office.at(Nora, 1).await.acting_as(both), id, yes()).await;
    let refused = refused.unwrap_err().to_string();
    assert_eq!(refused, "you filed this request, so someone else decides");

    decide_exception(&office.at(Amal, 2).await, id, yes()).await.unwrap();
    let until = day(60);
    let excepted = EffectiveStatus::Excepted { exception: id, until };
    assert_eq!(office.stands("oai-1", 2).await, excepted);
    assert_eq!(office.stands("oai-2", 2).await, EffectiveStatus::Open);
    // To the very moment, with nothing that runs.
    let before = until - Duration::MICROSECOND;
    assert_eq!(office.stands_at("oai-1", before).await, excepted);
    assert_eq!(office.stands_at("oai-1", until).await, EffectiveStatus::Open);
    assert_eq!(office.status(59, id).await, ExceptionStatus::Approved);
    assert_eq!(office.status(60, id).await, ExceptionStatus::Expired);
    assert_eq!(office.acts(id).await, ["drafted", "filed", "approved"]);

    // What was known then is said later.
    let later = office.at(Vera, 90).await;
    let then = async |days| {
        let finding = office.finding("oai-1").await;
        let view = show_finding(&later, finding, Some(day(days) + Duration::HOUR)).await;
        let of = show_exception(&later, id, Some(day(days) + Duration::HOUR)).await;
        let status = of.unwrap().map(|view| view.row.status);
        (view.unwrap().unwrap().row.effective, status)
    };
    assert_eq!(then(0).await, (EffectiveStatus::Open, None));
    let pending = EffectiveStatus::Pending { exception: id };
    assert_eq!(then(1).await, (pending, Some(ExceptionStatus::Requested)));
    assert_eq!(then(30).await, (excepted, Some(ExceptionStatus::Approved)));
    assert_eq!(then(61).await, (EffectiveStatus::Open, Some(ExceptionStatus::Expired)));
}

#[tokio::test]
async fn every_act_is_in_the_decision_log_with_what_it_left() {
    let office = Office::new().await;
    let id = office.except("oai-1").await;
    let bruno = office.at(Bruno, 3).await;
    revoke_exception(&bruno, id, "It leaked.".parse().unwrap()).await.unwrap();
    assert_eq!(office.stands("oai-1", 3).await, EffectiveStatus::Open);
    let log = list_decisions(&office.at(Vera, 4).await, None, 10).await.unwrap();
    let said: Vec<(&str, &str, Option<&str>)> = log
        .entries
        .iter()
        .rev()
        .filter(|entry| entry.subject.as_deref() == Some(&id.to_string()))
        .map(|entry| (entry.action.as_str(), entry.who.as_str(), entry.reason.as_deref()))
        .collect();
    let expected = [
        ("exception.file", "Nora", None),
        ("exception.approve", "Amal", None),
        ("exception.revoke", "Bruno", Some("It leaked.")),
    ];
    assert_eq!(said, expected);
    let after: Value = serde_json::from_str(log.entries[0].after.as_ref().unwrap()).unwrap();
    let view = office.show(Vera, 4, id).await;
    assert_eq!(after["sha256"], json!(view.digest), "what is kept is what the log names");
    assert_eq!(after["status"], "revoked");
    let approved: Value = serde_json::from_str(log.entries[1].after.as_ref().unwrap()).unwrap();
    let finding = office.finding("oai-1").await.to_string();
    let verdict = view.findings[0].accepted.as_ref().unwrap().verdict;
    assert_eq!(approved["act"]["accepted"][&finding], json!(verdict));
    let verification = verify_decisions(&office.at(Vera, 4).await, Vec::new()).await.unwrap();
    assert!(verification.faults.is_empty(), "{verification:?}");
}

#[tokio::test]
async fn nobody_asks_for_or_decides_on_what_is_not_theirs() {
    let office = Office::new().await;
    let finding = office.finding("oai-1").await;
    let said = async |who| office.file(who, "oai-1").await.unwrap_err().to_string();
    assert_eq!(said(Tomas).await, format!("there is no finding {finding} that you can ask for"));
    for who in [Amal, Vera] {
        assert_eq!(said(who).await, "only contributors and engineers may ask for exceptions");
    }
    let operator = office.world.postern.clone();
    let request = office.request(Nora, &[finding], 60).await;
    let nobody = file_exception(&operator, filing(request.clone())).await.unwrap_err();
    assert!(matches!(nobody, ExceptionError::Nobody), "{nobody}");
    // Somebody of another team is told nothing, not even whether it is there.
    let id = office.file(Nora, "oai-1").await.unwrap();
    let tomas = office.at(Tomas, 2).await;
    assert!(show_exception(&tomas, id, None).await.unwrap().is_none());
    let refused = edit_exception(&tomas, id, 1, request.clone()).await.unwrap_err();
    assert!(matches!(refused, ExceptionError::NotThere(_)), "{refused}");
    let withdrawn = withdraw_exception(&tomas, id).await.unwrap_err();
    assert!(matches!(withdrawn, ExceptionError::NotThere(_)), "{withdrawn}");
    let everything = ExceptionQuery { tab: ExceptionTab::All, ..ExceptionQuery::default() };
    let count = async |who| {
        let view = list_exceptions(&office.at(who, 2).await, everything.clone()).await;
        view.unwrap().unwrap().rows.len()
    };
    assert_eq!((count(Tomas).await, count(Nils).await, count(Vera).await), (0, 1, 1));
    // An approver of something else.
    let elsewhere = office.at(Elsewhere, 2).await;
    for decision in [yes(), no()] {
        let refused = decide_exception(&elsewhere, id, decision).await.unwrap_err().to_string();
        let expected = "only approvers for everything that this exception covers can decide on it";
        assert_eq!(refused, expected);
    }
    let view = office.show(Elsewhere, 2, id).await;
    assert!(!view.may.decide && view.may.why_not_decide.is_some());
    assert!(office.show(Amal, 2, id).await.may.decide);
    // A colleague changes it, and is an author from then on.
    let longer = office.request(Nils, &[finding], 70).await;
    edit_exception(&office.at(Nils, 2).await, id, 1, longer.clone()).await.unwrap();
    let stale = decide_exception(&office.at(Amal, 2).await, id, yes()).await.unwrap_err();
    assert_eq!(stale.to_string(), "the request was changed after you opened it: read it again");
    let stale = edit_exception(&office.at(Nora, 2).await, id, 1, request).await.unwrap_err();
    assert_eq!(stale.to_string(), "the request was changed after you opened it: read it again");
    withdraw_exception(&office.at(Nils, 3).await, id).await.unwrap();
    assert_eq!(office.stands("oai-1", 3).await, EffectiveStatus::Open);
    // Nothing that was refused was written.
    assert_eq!(office.acts(id).await, ["drafted", "filed", "changed", "withdrawn"]);
}

#[tokio::test]
async fn a_draft_is_for_who_wrote_it() {
    let office = Office::new().await;
    let finding = office.finding("oai-1").await;
    let draft = Filing { is_draft: true, ..filing(office.request(Nora, &[finding], 60).await) };
    let id = file_exception(&office.at(Nora, 1).await, draft).await.unwrap();
    assert_eq!(office.stands("oai-1", 1).await, EffectiveStatus::Open);
    for who in [Nils, Amal, Vera] {
        let view = show_exception(&office.at(who, 1).await, id, None).await.unwrap();
        assert!(view.is_none(), "{who:?}");
    }
    let mine = office.show(Nora, 1, id).await;
    assert!(mine.may.edit && mine.may.withdraw && !mine.may.decide);
    file_draft(&office.at(Nora, 2).await, id).await.unwrap();
    assert_eq!(office.stands("oai-1", 2).await, EffectiveStatus::Pending { exception: id });
    // It counts from when it was filed.
    assert_eq!(office.show(Vera, 3, id).await.row.filed_at, Some(day(2) + Duration::HOUR));
}

#[tokio::test]
async fn an_extension_takes_the_place_of_what_it_extends() {
    let office = Office::new().await;
    let id = office.except("oai-1").await;
    let finding = office.finding("oai-1").await;
    let request = office.request(Nora, &[finding], 120).await;
    let extension = Filing { extends: Some(id), ..filing(request) };
    let extension = file_exception(&office.at(Nora, 50).await, extension).await.unwrap();
    let first = EffectiveStatus::Excepted { exception: id, until: day(60) };
    assert_eq!(office.stands("oai-1", 51).await, first, "asking changes nothing");
    decide_exception(&office.at(Bruno, 52).await, extension, yes()).await.unwrap();
    let second = EffectiveStatus::Excepted { exception: extension, until: day(120) };
    assert_eq!(office.stands("oai-1", 52).await, second);
    assert_eq!(office.status(52, id).await, ExceptionStatus::Superseded);
    let view = office.show(Vera, 52, id).await;
    assert_eq!(view.extensions, [extension]);
    assert_eq!(office.show(Vera, 52, extension).await.row.extends, Some(id));
    assert_eq!(office.stands("oai-1", 120).await, EffectiveStatus::Open);
}

#[tokio::test]
async fn a_policy_bounds_the_end_and_wants_two_for_what_is_critical() {
    let office = Office::new().await;
    let kim = office.at(Kim, 1).await;
    let policy = |value: Value| serde_json::from_value(value).unwrap();
    let refused = set_exception_policy(&kim, &policy(json!({"most_days": {"low": 0}})), "").await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("low findings are accepted for no day at all"), "{refused}");
    let days = json!({"critical": 30, "high": 30});
    let two = policy(json!({"most_days": days, "critical_approvers": "two"}));
    assert!(set_exception_policy(&office.at(Nora, 1).await, &two, "").await.is_err());
    set_exception_policy(&kim, &two, "as we agreed").await.unwrap();
    assert_eq!(exception_policy(&kim).await.unwrap(), two);
    let too_long = office.file(Nora, "oai-1").await.unwrap_err().to_string();
    let expected = "can be excepted for at most 30 days: enter an end on or before 2026-04-02";
    assert!(too_long.ends_with(expected), "{too_long}");
    let finding = office.finding("oai-1").await;
    let request = office.request(Nora, &[finding], 20).await;
    let preview = preview_exception(&office.at(Nora, 1).await, None, &request.covers).await;
    let preview = preview.unwrap();
    assert_eq!(preview.last_day.to_string(), "2026-04-02");
    assert_eq!(preview.complaint, None);
    let id = file_exception(&office.at(Nora, 1).await, filing(request)).await.unwrap();
    assert_eq!(preview.severity, Some(Severity::Critical));
    let first = decide_exception(&office.at(Amal, 2).await, id, yes()).await.unwrap();
    assert_eq!(first, ExceptionStatus::Requested, "one of two");
    let view = office.show(Amal, 2, id).await;
    assert_eq!((view.row.approvals, view.approvers_needed), (1, 2));
    let said = "you approved this request already, so someone else gives the second approval";
    assert_eq!(view.may.why_not_decide.as_deref(), Some(said));
    let second = decide_exception(&office.at(Bruno, 3).await, id, yes()).await.unwrap();
    assert_eq!(second, ExceptionStatus::Approved);
}

#[tokio::test]
async fn a_wrong_request_is_refused_in_words() {
    let office = Office::new().await;
    let finding = office.finding("oai-1").await;
    let nora = office.at(Nora, 1).await;
    let good = office.request(Nora, &[finding], 60).await;
    let refused = async |request: Request| {
        file_exception(&nora, filing(request)).await.unwrap_err().to_string()
    };
    let missing = office.request(Nora, &[FindingId::from_number(999)], 60).await;
    assert_eq!(refused(missing).await, "there is no finding F-999 that you can ask for");
    let owner = PersonId::from_number(999);
    let stranger = Request { owner, ..good.clone() };
    let said = "P-999 is nobody who signed in here: the owner has to sign in once";
    assert_eq!(refused(stranger).await, said);
    let past = Request { until: day(0), ..good.clone() };
    assert!(refused(past).await.starts_with("an exception has to end later than now"));
    assert_eq!(office.world.count("SELECT count(*) FROM exceptions").await, 0);
    assert_eq!(office.world.count("SELECT count(*) FROM exception_acts").await, 0);
    assert_eq!(NOW, day(0), "days are counted from there");
}
