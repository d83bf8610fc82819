//! The frameworks that Postern brings, beside the rules that it brings, and what pages say of their controls.

use std::collections::BTreeSet;

use postern_domain::clock::Clock;
use postern_domain::framework::{
    ControlId, ControlKind, ControlStatus, FrameworkId, RuleState, StatusCounts, Tally,
};
use postern_domain::id::{PersonId, RuleId};
use postern_domain::person::{Actor, Grant, Role};
use postern_domain::rule::RuleManifest;
use postern_engine::{Engine, Limits};
use postern_service::Postern;
use postern_service::finding::list_findings;
use postern_service::framework::{catalogue, list_frameworks, show_control, show_framework};
use postern_service::read::ReadError;
use postern_service::view::{
    ControlNode, ControlQuery, ControlRowView, FindingQuery, FrameworkView, GroupView,
};
use postern_test_support::built_packs;
use time::OffsetDateTime;

use crate::retention::{NOW, half_a_year};
use crate::world::{World, day};

fn rules() -> Vec<RuleManifest> {
    let engine = Engine::new(Limits::default()).unwrap();
    let rules = |pack: Vec<u8>| engine.load(&pack).unwrap().manifest().rules.clone();
    built_packs().into_iter().flat_map(rules).collect()
}

#[test]
fn every_control_that_a_rule_names_is_there() {
    let rules = rules();
    let catalogue = catalogue(Vec::new(), &rules).unwrap();
    let named = rules
        .iter()
        .flat_map(|rule| rule.controls.iter().map(|control| (&rule.id, control.as_str())));
    let unknown: Vec<String> =
        catalogue.unknown_controls(named).iter().map(|one| format!("{one:?}")).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_control_that_rules_are_to_assess_has_rules_that_exist() {
    let rules = rules();
    let catalogue = catalogue(Vec::new(), &rules).unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut missing: Vec<String> =
        catalogue.controls_without_rules().iter().map(|one| format!("{one:?}")).collect();
    for framework in catalogue.frameworks() {
        for control in framework.controls() {
            let unknown =
                control.rules().iter().filter(|mapped| !ids.contains(mapped.rule.as_str()));
            missing.extend(
                unknown
                    .map(|mapped| format!("{} {}: {}", framework.id(), control.id(), mapped.rule)),
            );
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn whatever_became_of_rules_every_control_has_one_status_and_one_kind() {
    let rules = rules();
    let catalogue = catalogue(Vec::new(), &rules).unwrap();
    // What a rule says is made of its place, so that many mixtures meet in the controls.
    let states = |seed: u64| {
        let rules = &rules;
        move |rule: &RuleId| {
            let place = rules.iter().position(|other| other.id == *rule).unwrap_or_default();
            let number = (u64::try_from(place).unwrap() * 7 + seed) % 11;
            match number {
                0 => RuleState::NotRun,
                _ => RuleState::Ran(Tally {
                    pass: number % 3,
                    fail: number % 2,
                    excepted: (number % 4) / 3,
                    unknown: u64::from(number == 5),
                    not_applicable: number % 5,
                    unread: u64::from(number == 7),
                }),
            }
        }
    };
    for framework in catalogue.frameworks() {
        let controls = u32::try_from(framework.controls().len()).unwrap();
        let kinds = framework.kinds();
        assert_eq!(kinds.total(), controls, "{}", framework.id());
        let by_kind: u32 = ControlKind::ALL.iter().map(|kind| kinds.of(*kind)).sum();
        assert_eq!(by_kind, controls, "{}", framework.id());
        for seed in 0..11 {
            let assessed = framework.assess(states(seed));
            let counts: StatusCounts = assessed.iter().map(|one| one.status).collect();
            assert_eq!(counts.total(), controls, "{}", framework.id());
            assert_eq!(counts.of(ControlStatus::Manual), kinds.manual, "{}", framework.id());
            assert_eq!(counts.of(ControlStatus::NotAssessable), kinds.not_assessable);
            for one in assessed.iter().filter(|one| one.control.kind() == ControlKind::WithoutRules)
            {
                assert_eq!(one.status, ControlStatus::NotChecked, "nothing looks at it");
            }
        }
    }
}

fn nodes(view: &FrameworkView) -> Vec<&ControlRowView> {
    fn of_group<'a>(group: &'a GroupView, all: &mut Vec<&'a ControlNode>) {
        group.groups.iter().for_each(|inner| of_group(inner, all));
        group.controls.iter().for_each(|node| of_node(node, all));
    }
    fn of_node<'a>(node: &'a ControlNode, all: &mut Vec<&'a ControlNode>) {
        all.push(node);
        node.parts.iter().for_each(|part| of_node(part, all));
    }
    let mut all = Vec::new();
    view.groups.iter().for_each(|group| of_group(group, &mut all));
    view.controls.iter().for_each(|node| of_node(node, &mut all));
    all.into_iter().filter(|node| node.is_matching).map(|node| &node.control).collect()
}

async fn tree(
    postern: &Postern,
    id: &FrameworkId,
    query: ControlQuery,
    as_of: Option<OffsetDateTime>,
) -> FrameworkView {
    show_framework(postern, None, id, query, as_of).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_tree_has_every_control_once_and_its_branches_add_up() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let list = list_frameworks(&postern, None, None).await.unwrap().unwrap();
    assert_eq!(list.frameworks.len(), 11);
    assert!(list.assessed.read_at.is_some());
    for framework in &list.frameworks {
        let view = tree(&postern, &framework.id, ControlQuery::default(), None).await;
        assert_eq!(view.framework, *framework, "the list says what the page says");
        let all = nodes(&view);
        let ids: BTreeSet<&ControlId> = all.iter().map(|control| &control.id).collect();
        let total = usize::try_from(framework.statuses.total()).unwrap();
        assert_eq!((all.len(), ids.len()), (total, total), "{}", framework.id);
        assert_eq!(view.matching, framework.statuses.total());
        let counted: StatusCounts = all.iter().map(|control| control.status).collect();
        assert_eq!(counted, framework.statuses, "{}", framework.id);
        for status in ControlStatus::ALL {
            let query = ControlQuery { statuses: vec![status], ..ControlQuery::default() };
            let some = tree(&postern, &framework.id, query, None).await;
            assert_eq!(some.matching, framework.statuses.of(status), "{} {status:?}", framework.id);
            assert_eq!(some.framework, *framework, "the bar is of all controls");
            assert!(nodes(&some).iter().all(|control| control.status == status));
        }
        for kind in ControlKind::ALL {
            let query = ControlQuery { kinds: vec![kind], ..ControlQuery::default() };
            let some = tree(&postern, &framework.id, query, None).await;
            assert_eq!(some.matching, framework.kinds.of(kind), "{} {kind:?}", framework.id);
        }
    }
    let nothing =
        ControlQuery { text: Some("no such words".to_owned()), ..ControlQuery::default() };
    let view = tree(&postern, &list.frameworks[0].id, nothing, None).await;
    assert!(view.matching == 0 && view.groups.is_empty() && view.controls.is_empty());
    let words = ControlQuery { text: Some("ns-2".to_owned()), ..ControlQuery::default() };
    let view = tree(&postern, &"mcsb-v2".parse().unwrap(), words, None).await;
    assert!(nodes(&view).iter().any(|control| control.id.as_str() == "NS-2"), "in any case");
}

#[tokio::test]
async fn a_team_is_told_of_its_own_assets_and_of_no_others() {
    let world = half_a_year().await;
    let all = world.postern.with_clock(Clock::fixed(day(NOW)));
    let team = "nlp".parse().unwrap();
    let nlp = all.acting_as(Actor::Person {
        id: PersonId::from_number(7),
        name: "Nora Klein".to_owned(),
        grants: vec![Grant::in_team(Role::Contributor, "nlp".parse().unwrap())],
        address: None,
    });
    let framework: FrameworkId = "mcsb-v2".parse().unwrap();
    let mut seen = 0;
    for as_of in [Some(day(20)), Some(day(90)), None] {
        let whole = tree(&all, &framework, ControlQuery::default(), as_of).await;
        let part = tree(&nlp, &framework, ControlQuery::default(), as_of).await;
        assert_eq!(whole.assessed.limited_to, None);
        let limited = part.assessed.limited_to.as_ref().unwrap();
        assert_eq!(limited.iter().map(|it| &it.id).collect::<Vec<_>>(), [&team]);
        for (mine, everybodys) in nodes(&part).into_iter().zip(nodes(&whole)) {
            assert_eq!(mine.id, everybodys.id);
            let (mine, everybodys) = (mine.tally, everybodys.tally);
            assert!(mine.fail <= everybodys.fail && mine.pass <= everybodys.pass);
            assert!(mine.unknown <= everybodys.unknown);
            assert_eq!(mine.unread, everybodys.unread, "what is not read may be anybody's");
        }
        for id in ["NS-2", "IM-1", "LT-3"] {
            let of = (&framework, &id.parse().unwrap());
            let mine = show_control(&nlp, None, of, as_of).await.unwrap().unwrap();
            let mut expected = 0;
            for rule in &mine.rules {
                let query = FindingQuery {
                    owners: vec![Some(team.clone())],
                    rule: Some(rule.rule.clone()),
                    limit: 200,
                    as_of,
                    ..FindingQuery::default()
                };
                expected += list_findings(&all, query).await.unwrap().unwrap().total;
            }
            assert_eq!(mine.open_total, expected, "{id} as of {as_of:?}");
            assert!(mine.open.iter().all(|row| row.owner.as_ref().unwrap().id == team));
            assert_eq!(mine.open.len() as u64, expected.min(20));
            seen += expected;
        }
    }
    assert!(seen > 0, "there is something to see");
}

#[tokio::test]
async fn before_anything_is_judged_no_control_is_green_and_what_is_not_there_is_missing() {
    let world = World::new().await;
    let list = list_frameworks(&world.postern, None, None).await.unwrap().unwrap();
    assert_eq!(list.assessed.read_at, None);
    for framework in list.frameworks {
        let statuses = framework.statuses;
        let judged = framework.kinds.judged() + framework.kinds.without_rules;
        assert_eq!(statuses.of(ControlStatus::NotChecked), judged, "{}", framework.id);
    }
    let id = |text: &str| text.parse::<FrameworkId>().unwrap();
    let query = ControlQuery::default();
    let missing = show_framework(&world.postern, None, &id("house"), query, None).await;
    assert_eq!(missing.unwrap(), None);
    let control = (&id("mcsb-v2"), &"NS-99".parse().unwrap());
    assert_eq!(show_control(&world.postern, None, control, None).await.unwrap(), None);
    assert_eq!(list_frameworks(&world.postern, Some("nowhere"), None).await.unwrap(), None);
    let early = list_frameworks(&world.postern, None, Some(day(-1))).await;
    assert!(matches!(early, Err(ReadError::NothingEvaluated(_))), "{early:?}");
}
