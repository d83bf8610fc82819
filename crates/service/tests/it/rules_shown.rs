//! The pages of rules and packs, and what if: who sees what, and that it is what was judged.

use postern_domain::clock::Clock;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Denied, Grant, Permission, Role};
use postern_domain::verdict::{Severity, Topic};
use postern_service::Postern;
use postern_service::finding::list_findings;
use postern_service::read::ReadError;
use postern_service::rules::{
    RuleReadError, Trust, WhatIf, WhatIfError, activate, compare_packs, list_packs, list_rules,
    packs_to_compare, set_settings, show_rule,
};
use postern_service::team::set_routing;
use postern_service::view::{FindingQuery, RuleQuery, WhatIfCounts};
use postern_test_support::sample::{search_service, snapshot};
use postern_test_support::test_pack;
use serde_json::json;

use crate::retention::{NOW, half_a_year};
use crate::setting::{PACK, RULE, parse, tagged};
use crate::world::{World, day};

fn acting(postern: &Postern, grants: Vec<Grant>) -> Postern {
    postern.acting_as(Actor::Person {
        id: PersonId::from_number(7),
        name: "Nora Klein".to_owned(),
        grants,
        address: None,
    })
}

fn of_nlp(postern: &Postern) -> Postern {
    acting(postern, vec![Grant::in_team(Role::Contributor, "nlp".parse().unwrap())])
}

#[tokio::test]
async fn rules_are_listed_by_filters_with_what_they_say_of_the_assets_that_one_sees() {
    let world = half_a_year().await;
    let all = world.postern.with_clock(Clock::fixed(day(NOW)));
    let nlp = of_nlp(&all);
    let list =
        async |postern: &Postern, query| list_rules(postern, None, query).await.unwrap().unwrap();
    let whole = list(&all, RuleQuery::default()).await;
    assert_eq!(usize::try_from(whole.total).unwrap(), whole.rules.len());
    let part = list(&nlp, RuleQuery::default()).await;
    assert_eq!(part.rules.len(), whole.rules.len(), "rules are nobody's secret");
    for (mine, everybodys) in part.rules.iter().zip(&whole.rules) {
        let (mine_of, all_of) = (mine.tally.unwrap(), everybodys.tally.unwrap());
        assert!(mine_of.fail <= all_of.fail && mine_of.pass <= all_of.pass, "{}", mine.id);
        if all_of.fail == 0 {
            continue;
        }
        let owned = FindingQuery {
            owners: vec![Some("nlp".parse().unwrap())],
            rule: Some(mine.id.clone()),
            ..FindingQuery::default()
        };
        let open = list_findings(&all, owned).await.unwrap().unwrap();
        // What could not be re-checked is open, and fails no check of the latest evaluation.
        assert!(mine_of.fail <= open.total, "{}", mine.id);
    }
    for severity in Severity::ALL {
        for topic in Topic::ALL {
            let query = RuleQuery {
                severities: vec![*severity],
                topics: vec![*topic],
                ..RuleQuery::default()
            };
            let some = list(&all, query).await;
            assert!(some.rules.iter().all(|it| (it.severity, it.topic) == (*severity, *topic)));
            let counted = |counts: u32| usize::try_from(counts).unwrap();
            let of_severity = some.severity_counts.iter().find(|(it, _)| it == severity).unwrap();
            let of_topic = some.topic_counts.iter().find(|(it, _)| it == topic).unwrap();
            assert_eq!(counted(of_severity.1), some.rules.len());
            assert_eq!(counted(of_topic.1), some.rules.len());
        }
    }
    let text = |text: &str| RuleQuery { text: Some(text.to_owned()), ..RuleQuery::default() };
    let found = list(&all, text("net-01")).await;
    assert!(found.rules.iter().any(|rule| rule.id.as_str() == "NET-01"));
    let found = list(&all, text("DISABLELOCALAUTH")).await;
    assert!(!found.rules.is_empty(), "what a rule reads is looked at too");
    assert!(list(&all, text("no such words")).await.rules.is_empty());
}

#[tokio::test]
async fn a_rule_says_what_holds_and_scopes_are_for_those_who_read_everything() {
    let world = World::new().await;
    let routing = serde_json::from_value(json!({
        "teams": [{"id": "nlp", "name": "NLP"}], "otherwise": "nlp",
    }));
    set_routing(&world.postern, &routing.unwrap(), "a test").await.unwrap();
    world.take(snapshot(day(0), &[tagged("oai-1", json!({}))])).await;
    let wanted = parse(json!({
        "values": {"requiredTags": ["owner"]},
        "overrides": [{
            "scope": {"tag": "environment=sandbox"},
            "values": {"requiredTags": ["environment"]},
            "reason": "nobody owns a sandbox",
        }],
    }));
    let rule = RULE.parse().unwrap();
    let show = async |postern: &Postern| show_rule(postern, None, &rule).await.unwrap().unwrap();
    let before = show(&world.postern).await;
    let setting = |view: &postern_service::view::RuleView| {
        view.settings.iter().find(|it| it.name == "requiredTags").unwrap().clone()
    };
    assert_eq!(setting(&before).value, setting(&before).default);
    set_settings(&world.postern, PACK, &wanted, "owners are needed").await.unwrap();
    let now = setting(&show(&world.postern).await);
    assert_eq!(now.value, json!(["owner"]));
    assert_eq!(now.overridden[0].value, json!(["environment"]));
    let seen = setting(&show(&of_nlp(&world.postern)).await);
    assert_eq!(seen.value, json!(["owner"]));
    assert!(seen.is_overridden && seen.overridden.is_empty(), "scopes name what is others'");
    let view = show(&world.postern).await;
    assert!(view.controls.iter().all(|it| !it.framework.is_empty()) && !view.controls.is_empty());
    assert!(view.pack.is_some() && !view.is_newer_than_results);
    let unknown = "NO-99".parse().unwrap();
    assert_eq!(show_rule(&world.postern, None, &unknown).await.unwrap(), None);
    assert_eq!(show_rule(&world.postern, Some("nowhere"), &rule).await.unwrap(), None);
}

#[tokio::test]
async fn packs_name_what_judges_what_did_and_what_was_changed() {
    let world = World::with_packs(&[test_pack("unsorted")]).await;
    world.take(snapshot(day(0), &[search_service("find-1")])).await;
    let trust = Trust::new([], true).unwrap();
    let second = test_pack("second_version");
    activate(&world.postern, &second, None, &trust, "a better one").await.unwrap();
    let view = list_packs(&world.postern).await.unwrap();
    let [active] = view.active.as_slice() else { panic!("{view:?}") };
    assert_eq!((active.pack.version.as_str(), active.is_built_in), ("0.2.0", false));
    let known: Vec<_> = view.known.iter().map(|it| (it.version.as_str(), it.is_active)).collect();
    assert_eq!(known.len(), 2);
    assert!(known.contains(&("0.1.0", false)) && known.contains(&("0.2.0", true)), "{known:?}");
    assert_eq!(view.changes[0].reason, "a better one");
    let rule = "HOSTILE-02".parse().unwrap();
    let shown = show_rule(&world.postern, None, &rule).await.unwrap().unwrap();
    assert!(shown.is_newer_than_results, "its results are those of the version before");

    let refused = list_packs(&of_nlp(&world.postern)).await;
    let Err(RuleReadError::Read(ReadError::Denied(Denied(permission)))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(permission, Permission::ReadEverything);
}

#[tokio::test]
async fn what_another_pack_or_other_settings_would_change_is_counted_by_rule() {
    let world = World::new().await;
    let routing = serde_json::from_value(json!({
        "teams": [{"id": "nlp", "name": "NLP"}],
        "rules": [{"scope": {"tag": "owner=team-claims"}, "team": "nlp"}],
    }));
    set_routing(&world.postern, &routing.unwrap(), "a test").await.unwrap();
    let assets = [tagged("oai-1", json!({})), tagged("oai-2", json!({"owner": "team-claims"}))];
    world.take(snapshot(day(0), &assets)).await;
    let engineer = acting(&world.postern, vec![Grant::of(Role::Engineer)]);
    let asked = WhatIf {
        old: PACK.to_owned(),
        new: PACK.to_owned(),
        settings: Some(parse(json!({"values": {"requiredTags": ["owner"]}}))),
        days: None,
    };
    let view = compare_packs(&engineer, &asked).await.unwrap();
    assert!(view.has_other_settings);
    assert_eq!((view.snapshots, view.assets), (1, 2));
    let [rule] = view.rules.as_slice() else { panic!("{view:?}") };
    assert_eq!(rule.rule.as_str(), RULE);
    // One fails that nothing was asked of, one passes.
    assert_eq!(rule.counts, WhatIfCounts { appear: 1, otherwise: 1, ..WhatIfCounts::default() });
    assert_eq!(view.counts, rule.counts);
    assert_eq!(rule.teams.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["NLP"]);
    assert_eq!(rule.of_nobody, 1);
    assert_eq!(rule.changes.iter().map(|it| it.count).sum::<u64>(), rule.counts.total());

    let same = WhatIf { settings: None, days: Some(30), ..asked.clone() };
    let view = compare_packs(&engineer, &same).await.unwrap();
    assert_eq!((view.counts.total(), view.rules.len()), (0, 0));
    assert!(!view.has_other_settings && view.same > 0);

    let wrong =
        WhatIf { settings: Some(parse(json!({"values": {"requiredTags": 7}}))), ..asked.clone() };
    assert!(matches!(compare_packs(&engineer, &wrong).await, Err(WhatIfError::Settings(_))));
    let unknown = WhatIf { new: "no-such-pack".to_owned(), ..asked.clone() };
    assert!(matches!(compare_packs(&engineer, &unknown).await, Err(WhatIfError::Compare(_))));

    let (one, other) =
        tokio::join!(compare_packs(&engineer, &asked), compare_packs(&engineer, &asked));
    let busy = [one, other].into_iter().filter(|it| matches!(it, Err(WhatIfError::Busy)));
    assert_eq!(busy.count(), 1, "one at a time");
    compare_packs(&engineer, &same).await.unwrap();

    assert_eq!(packs_to_compare(&engineer).await.unwrap().len(), 1);
    let auditor = acting(&world.postern, vec![Grant::of(Role::Auditor)]);
    let refused = compare_packs(&auditor, &asked).await;
    assert!(matches!(refused, Err(WhatIfError::Denied(Denied(Permission::Configure)))));
    let refused = packs_to_compare(&auditor).await;
    assert!(matches!(refused, Err(WhatIfError::Denied(Denied(Permission::Configure)))));
}
