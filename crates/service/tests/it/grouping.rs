//! Findings summed up: what groups say is what the list holds, whoever asks, as of any moment.

use std::collections::BTreeMap;

use postern_domain::clock::Clock;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Grant, Role};
use postern_domain::verdict::Severity;
use postern_service::Postern;
use postern_service::finding::list_findings;
use postern_service::view::{
    FindingGroupView, FindingGrouping, FindingQuery, FindingRowView, FindingStatus, FindingsView,
    GroupOf,
};

use crate::retention::{NOW, half_a_year};
use crate::world::day;

async fn list(postern: &Postern, query: FindingQuery) -> FindingsView {
    list_findings(postern, query).await.unwrap().unwrap()
}

/// Every page of a list.
async fn pages(postern: &Postern, query: &FindingQuery) -> Vec<FindingsView> {
    let mut pages = vec![list(postern, query.clone()).await];
    while let Some(after) = pages.last().unwrap().next.clone() {
        pages.push(list(postern, FindingQuery { after: Some(after), ..query.clone() }).await);
    }
    pages
}

/// The word that tells a group from the others.
fn word(of: &GroupOf) -> String {
    match of {
        GroupOf::Rule { rule, .. } => rule.to_string(),
        GroupOf::Resource { number, .. } => number.to_string(),
        GroupOf::Owner(team) => team.as_ref().map_or("none".to_owned(), |team| team.id.to_string()),
    }
}

fn group_of(row: &FindingRowView, by: FindingGrouping) -> String {
    match by {
        FindingGrouping::Rule => row.rule.to_string(),
        FindingGrouping::Resource => row.resource.to_string(),
        FindingGrouping::Owner => {
            row.owner.as_ref().map_or("none".to_owned(), |team| team.id.to_string())
        }
    }
}

/// The list that a group leads to.
fn of_group(query: &FindingQuery, of: &GroupOf) -> FindingQuery {
    let mut those = FindingQuery { group: None, ..query.clone() };
    match of {
        GroupOf::Rule { rule, .. } => those.rule = Some(rule.clone()),
        GroupOf::Resource { number, .. } => those.resource = Some(*number),
        GroupOf::Owner(team) => {
            those.owners = vec![team.as_ref().map(|team| team.id.clone())];
        }
    }
    those
}

/// Every group of a list, page by page, after checking what pages say of themselves.
async fn groups(postern: &Postern, query: &FindingQuery) -> Vec<FindingGroupView> {
    let mut all: Vec<FindingGroupView> = Vec::new();
    for page in pages(postern, query).await {
        assert!(page.rows.is_empty(), "{query:?}");
        assert_eq!(page.offset, u64::try_from(all.len()).unwrap(), "{query:?}");
        all.extend(page.groups);
    }
    let first = list(postern, query.clone()).await;
    assert_eq!(first.group_total, u64::try_from(all.len()).unwrap(), "{query:?}");
    let sum: u64 = all.iter().map(|group| group.total).sum();
    assert_eq!(sum, first.total, "groups add up to the list: {query:?}");
    all
}

/// Holds the groups of a query against the findings of it.
async fn check(postern: &Postern, query: &FindingQuery) -> usize {
    let flat = FindingQuery { group: None, limit: 200, ..query.clone() };
    let rows: Vec<FindingRowView> =
        pages(postern, &flat).await.into_iter().flat_map(|page| page.rows).collect();
    for by in FindingGrouping::ALL {
        let query = FindingQuery { group: Some(*by), limit: 2, ..query.clone() };
        let groups = groups(postern, &query).await;
        let mut expected: BTreeMap<String, BTreeMap<Severity, u64>> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        for row in &rows {
            let group = group_of(row, *by);
            if !order.contains(&group) {
                order.push(group.clone());
            }
            *expected.entry(group).or_default().entry(row.severity).or_default() += 1;
        }
        let found: BTreeMap<String, BTreeMap<Severity, u64>> = groups
            .iter()
            .map(|group| {
                let some = group.severities.iter().copied().filter(|(_, count)| *count > 0);
                (word(&group.of), some.collect())
            })
            .collect();
        assert_eq!(found, expected, "{query:?}");
        if *by == FindingGrouping::Resource {
            let found: Vec<String> = groups.iter().map(|group| word(&group.of)).collect();
            assert_eq!(
                found, order,
                "each resource stands where its first finding does: {query:?}"
            );
        } else {
            let numbers = |group: &FindingGroupView| -> Vec<u64> {
                group.severities.iter().map(|(_, count)| *count).collect()
            };
            let not_last: Vec<_> = groups
                .iter()
                .filter(|group| group.of != GroupOf::Owner(None))
                .map(numbers)
                .collect();
            assert!(not_last.is_sorted_by(|a, b| a >= b), "the worst first: {query:?}");
        }
        for group in groups.iter().take(3) {
            let those = list(postern, of_group(&query, &group.of)).await;
            assert_eq!(those.total, group.total, "a group leads to its findings: {query:?}");
        }
    }
    rows.len()
}

#[tokio::test]
async fn groups_are_the_list_summed_up_whoever_asks_and_whenever() {
    let world = half_a_year().await;
    let all = world.postern.with_clock(Clock::fixed(day(NOW)));
    let nlp = all.acting_as(Actor::Person {
        id: PersonId::from_number(7),
        name: "Nora Klein".to_owned(),
        grants: vec![Grant::in_team(Role::Contributor, "nlp".parse().unwrap())],
        address: None,
    });
    let mut seen = 0;
    for as_of in [None, Some(day(20)), Some(day(90))] {
        for postern in [&all, &nlp] {
            for status in FindingStatus::ALL {
                let query = FindingQuery { as_of, status: *status, ..FindingQuery::default() };
                let narrow = FindingQuery {
                    severities: vec![Severity::High, Severity::Low],
                    text: Some("OAI".to_owned()),
                    ..query.clone()
                };
                seen += check(postern, &query).await + check(postern, &narrow).await;
            }
        }
        // Of another team not even a name is told.
        let query = FindingQuery {
            as_of,
            status: FindingStatus::All,
            group: Some(FindingGrouping::Owner),
            limit: 50,
            ..FindingQuery::default()
        };
        let owners: Vec<_> =
            groups(&nlp, &query).await.into_iter().map(|it| word(&it.of)).collect();
        assert!(owners.iter().all(|owner| owner == "nlp"), "{owners:?}");
    }
    assert!(seen > 100, "there is something to sum up: {seen}");
}

#[tokio::test]
async fn a_cursor_of_another_list_gives_the_first_page() {
    let world = half_a_year().await;
    let all = world.postern.with_clock(Clock::fixed(day(NOW)));
    for by in FindingGrouping::ALL {
        let query = FindingQuery {
            status: FindingStatus::All,
            group: Some(*by),
            limit: 1,
            ..FindingQuery::default()
        };
        let first = list(&all, query.clone()).await;
        let next = first.next.expect("more than one group");
        let others = FindingQuery { severities: vec![Severity::High], ..query.clone() };
        for (asked, after) in
            [(&others, next.as_str()), (&query, "nonsense"), (&query, "a-b-c-\u{e9}")]
        {
            let page =
                list(&all, FindingQuery { after: Some(after.to_owned()), ..asked.clone() }).await;
            assert_eq!((page.offset, page.query.after), (0, None), "{after}");
        }
        let second = list(&all, FindingQuery { after: Some(next.clone()), ..query }).await;
        assert_eq!((second.offset, second.query.after), (1, Some(next)));
        assert_ne!(second.groups, first.groups);
    }
}
