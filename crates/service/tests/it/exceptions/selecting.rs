//! All that match is what somebody saw, and nothing that came later; what cannot be asked for any more is named.

use std::collections::{BTreeMap, BTreeSet};

use postern_service::finding::{SelectionError, list_findings, select_findings};
use postern_service::view::{FindingQuery, FindingsView, Seen, SelectionView, SkipReason};
use postern_test_support::sample::{closed_account, search_service};

use super::*;

fn everything() -> FindingQuery {
    FindingQuery { limit: 200, ..FindingQuery::default() }
}

async fn list(postern: &Postern) -> FindingsView {
    list_findings(postern, everything()).await.unwrap().unwrap()
}

async fn select(postern: &Postern, seen: Seen) -> SelectionView {
    select_findings(postern, everything(), seen).await.unwrap().unwrap()
}

fn chosen(view: &SelectionView) -> BTreeSet<FindingId> {
    view.findings.iter().map(|row| row.id).collect()
}

fn skipped(view: &SelectionView) -> BTreeMap<FindingId, SkipReason> {
    view.skipped.iter().map(|(reason, row)| (row.id, *reason)).collect()
}

fn of_vision(name: &str) -> Value {
    let mut account = open_account(name);
    account["tags"] = json!({"team": "vision"});
    account
}

#[tokio::test]
async fn the_set_is_what_was_seen_whatever_comes_later() {
    let office = Office::new().await;
    let estate = [open_account("oai-1"), open_account("oai-2"), search_service("find-1")];
    office.world.take(snapshot(day(1), &estate)).await;
    let listed = list(&office.at(Nora, 1).await).await;
    let seen = listed.seen.unwrap();
    let all: BTreeSet<FindingId> = listed.rows.iter().map(|row| row.id).collect();
    assert!(all.len() > 5, "{}", all.len());

    let view = select(&office.at(Nora, 1).await, seen).await;
    assert_eq!((chosen(&view), view.matched), (all.clone(), listed.total));
    assert!(view.skipped.is_empty());

    // Somebody asks for one, and another is accepted.
    let (one, other) = (office.finding("oai-1").await, office.finding("oai-2").await);
    let at = office.at_moment(Nils, day(1) + Duration::hours(2)).await;
    let request = office.request(Nils, &[one], 60).await;
    file_exception(&at, filing(request)).await.unwrap();
    let request = office.request(Nils, &[other], 60).await;
    let accepted = file_exception(&at, filing(request)).await.unwrap();
    let amal = office.at_moment(Amal, day(1) + Duration::hours(3)).await;
    decide_exception(&amal, accepted, yes()).await.unwrap();
    let view = select(&office.at(Nora, 2).await, seen).await;
    let expected = BTreeMap::from([(one, SkipReason::Requested), (other, SkipReason::Excepted)]);
    assert_eq!((skipped(&view), view.matched), (expected, listed.total));

    // A later scan finds one account closed, one gone, and a new one.
    let estate = [closed_account("oai-1"), search_service("find-1"), open_account("oai-9")];
    office.world.take(snapshot(day(3), &estate)).await;
    let view = select(&office.at(Nora, 4).await, seen).await;
    let both: BTreeSet<FindingId> =
        chosen(&view).into_iter().chain(skipped(&view).into_keys()).collect();
    assert_eq!((both, view.matched), (all, listed.total), "nothing new, and nothing unsaid");
    let reasons: BTreeSet<SkipReason> = skipped(&view).into_values().collect();
    assert!(reasons.contains(&SkipReason::Resolved), "{reasons:?}");
    assert!(view.findings.iter().all(|row| row.asset.name != "oai-9"));
    assert!(view.findings.iter().all(|row| row.state.counts_as_open()));

    // What is left is what a request can be for.
    let ids: Vec<FindingId> = chosen(&view).into_iter().collect();
    let request = office.request(Nora, &ids, 60).await;
    file_exception(&office.at(Nora, 4).await, filing(request)).await.unwrap();

    // That scan was finished before this list was seen, and judged after: what was seen is not known any more.
    let missed = Seen { at: day(3) + Duration::HOUR, ..seen };
    let refused = select_findings(&office.at(Nora, 4).await, everything(), missed).await;
    assert!(matches!(refused, Err(SelectionError::JudgedAgain)), "{refused:?}");
    // Of the past and of what is to come nothing is chosen either.
    let begun = Seen { at: day(-400), ..seen };
    let refused = select_findings(&office.at(Nora, 4).await, everything(), begun).await;
    assert!(matches!(refused, Err(SelectionError::Exception(_))), "{refused:?}");
}

#[tokio::test]
async fn whoever_chooses_gets_what_is_theirs_to_ask_for() {
    let office = Office::new().await;
    let estate = [open_account("oai-1"), of_vision("oai-2")];
    office.world.take(snapshot(day(1), &estate)).await;
    let seen = list(&office.at(Kim, 1).await).await.seen.unwrap();
    let of = async |who: Who| {
        let view = select(&office.at(who, 1).await, seen).await;
        let names: BTreeSet<String> =
            view.findings.iter().map(|row| row.asset.name.clone()).collect();
        (names, view.matched, view.skipped.len())
    };
    let (names, matched, left_out) = of(Kim).await;
    assert_eq!((names.len(), left_out), (2, 0));
    let (names, noras, left_out) = of(Nora).await;
    assert_eq!((names, left_out), (BTreeSet::from(["oai-1".to_owned()]), 0));
    let (names, tomas, left_out) = of(Tomas).await;
    assert_eq!((names, left_out), (BTreeSet::from(["oai-2".to_owned()]), 0));
    assert_eq!(noras + tomas, matched);

    // Who sees all and works for a team is told what is left out.
    let grants = [Who::grants(Nora), vec![Grant::of(Role::Viewer)]].concat();
    let id = office.person(Nora).await;
    let both = Actor::Person { id, name: "Nora".to_owned(), grants, address: None };
    let view = select(&office.at(Kim, 1).await.acting_as(both), seen).await;
    assert_eq!((view.matched, chosen(&view).len()), (matched, usize::try_from(noras).unwrap()));
    assert!(skipped(&view).into_values().all(|reason| reason == SkipReason::OfOthers));

    let refused = select_findings(&office.at(Vera, 1).await, everything(), seen).await;
    assert!(matches!(refused, Err(SelectionError::Exception(ExceptionError::Read(_)))));
    let narrow = FindingQuery { rule: Some(EXPOSED_KEYS.parse().unwrap()), ..everything() };
    let view = select_findings(&office.at(Kim, 1).await, narrow, seen).await.unwrap().unwrap();
    assert_eq!((view.matched, view.findings.len()), (2, 2));
}
