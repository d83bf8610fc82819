//! What pages said on a day is what they say later, as of that day.

use postern_domain::clock::Clock;
use postern_domain::id::FindingId;
use postern_domain::moment::day_and_time;
use postern_domain::team::Routing;
use postern_service::Postern;
use postern_service::finding::{list_findings, show_finding};
use postern_service::framework::{list_frameworks, rule_states, show_control, show_framework};
use postern_service::overview::show_overview;
use postern_service::read::ReadError;
use postern_service::resource::{ResourceRequest, list_resources, show_resource};
use postern_service::scans::show_scans;
use postern_service::team::set_routing;
use postern_service::view::{ControlQuery, FindingQuery, FindingStatus, ResourceQuery};
use postern_test_support::built_packs;
use postern_test_support::sample::{
    Reading, closed_account, open_account, refused_snapshot, search_service, snapshot,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::world::{World, day};

const DAYS: i64 = 11;
const ACCOUNTS: i64 = 3;

/// What is read on a day: accounts that appear, open, close, change and go, in no rhythm.
fn read_on(number: i64) -> Reading {
    let account = |account: i64| {
        let name = format!("oai-{account}");
        match (number * number * 3 + account * 5 + number * account) % 6 {
            0 => None,
            1 | 2 => Some(open_account(&name)),
            3 => Some(closed_account(&name)),
            4 => {
                let mut account = open_account(&name);
                account["properties"]["disableLocalAuth"] = json!(true);
                Some(account)
            }
            _ => {
                let mut account = open_account(&name);
                account["kind"] = json!("SpeechServices");
                Some(account)
            }
        }
    };
    // Days of 20 hours apart from the months' ends would never meet a month's first evaluation.
    let at = day(number * 6);
    let search = search_service("find-1");
    if number % 5 == 3 {
        return refused_snapshot(at, &[search]);
    }
    let tagged = |number_of: i64| {
        let mut account = account(number_of)?;
        let team =
            ["nlp", "vision", "art"].get(usize::try_from((number / 2 + number_of) % 4).unwrap());
        account["tags"] = team.map(|team| json!({"team": team})).unwrap_or_default();
        Some(account)
    };
    let resources: Vec<Value> = (0..ACCOUNTS).filter_map(tagged).chain([search]).collect();
    snapshot(at, &resources)
}

/// What is said of teams before what is read on a day; `None` where nothing is.
pub(crate) fn routing_on(number: i64) -> Option<Routing> {
    let (nlp, vision) =
        (json!({"id": "nlp", "name": "NLP"}), json!({"id": "vision", "name": "Vision"}));
    let of_tag =
        |tag: &str, team: &str| json!({"scope": {"tag": format!("team={tag}")}, "team": team});
    let said = match number {
        2 => {
            json!({"teams": [nlp, vision], "rules": [of_tag("nlp", "nlp"), of_tag("vision", "vision")]})
        }
        5 => json!({
            "teams": [{"id": "nlp", "name": "Language"}, vision],
            "rules": [of_tag("nlp", "vision"), of_tag("art", "vision")],
            "otherwise": "nlp",
        }),
        9 => json!({"teams": [nlp], "rules": [of_tag("vision", "nlp")]}),
        _ => return None,
    };
    Some(serde_json::from_value(said).unwrap())
}

/// Everything that pages say, as JSON; `as_of` itself and the latest scan, which is only of now, are left out.
pub(crate) async fn said(postern: &Postern, as_of: Option<OffsetDateTime>) -> Value {
    let without = |mut value: Value| {
        for key in ["as_of", "latest_scan"] {
            value.as_object_mut().unwrap().remove(key);
        }
        if let Some(query) = value.get_mut("query") {
            query.as_object_mut().unwrap().remove("as_of");
        }
        // The cursor names its list, of which the moment is a part.
        value.as_object_mut().unwrap().remove("next");
        value
    };
    let overview = show_overview(postern, None, as_of).await.unwrap().unwrap();
    let mut all = vec![without(serde_json::to_value(overview).unwrap())];
    let mut ids: Vec<FindingId> = Vec::new();
    for status in FindingStatus::ALL {
        for text in [None, Some("OAI-1".to_owned())] {
            let query = FindingQuery {
                status: *status,
                limit: 200,
                text,
                as_of,
                ..FindingQuery::default()
            };
            let list = list_findings(postern, query).await.unwrap().unwrap();
            ids.extend(list.rows.iter().map(|row| row.id));
            all.push(without(serde_json::to_value(list).unwrap()));
        }
    }
    for text in [None, Some("OAI-1".to_owned())] {
        let query = ResourceQuery { limit: 100, text, as_of, ..ResourceQuery::default() };
        let list = list_resources(postern, query).await.unwrap().unwrap();
        for row in &list.rows {
            let request = ResourceRequest { number: row.number, as_of, compare: None };
            let page = show_resource(postern, request).await.unwrap().unwrap();
            let mut page = without(serde_json::to_value(page).unwrap());
            // What was not kept of its past is another test's.
            for key in ["changes", "has_earlier_changes", "changes_kept_from", "first_seen_at"] {
                page.as_object_mut().unwrap().remove(key);
            }
            all.push(page);
        }
        all.push(without(serde_json::to_value(list).unwrap()));
    }
    let scans = show_scans(postern, None, as_of).await.unwrap().unwrap();
    all.push(without(serde_json::to_value(scans).unwrap()));
    let states = rule_states(postern, as_of).await.unwrap();
    all.push(json!(format!("{states:?}")));
    let framework = "mcsb-v2".parse().unwrap();
    let list = list_frameworks(postern, None, as_of).await.unwrap().unwrap();
    let tree = show_framework(postern, None, &framework, ControlQuery::default(), as_of).await;
    let control = (&framework, &"NS-2".parse().unwrap());
    let control = show_control(postern, None, control, as_of).await.unwrap().unwrap();
    let framework_pages = [
        serde_json::to_value(list).unwrap(),
        serde_json::to_value(tree.unwrap().unwrap()).unwrap(),
        serde_json::to_value(control).unwrap(),
    ];
    for mut page in framework_pages {
        page["assessed"].as_object_mut().unwrap().remove("as_of");
        all.push(page);
    }
    ids.sort();
    ids.dedup();
    for id in ids {
        let finding = show_finding(postern, id, as_of).await.unwrap().unwrap();
        all.push(without(serde_json::to_value(finding).unwrap()));
    }
    Value::Array(all)
}

/// Where two values differ first, with what stands there.
fn difference(one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .find_map(|(key, value)| Some(format!("{key}.{}", difference(value, &other[key])?))),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .find_map(|(at, (one, other))| Some(format!("{at}.{}", difference(one, other)?))),
        _ => (one != other).then(|| format!(" {one:.500} and not {other:.500}")),
    }
}

/// The tallies are what counting anew gives.
async fn check_tallies(world: &World, number: i64) {
    let differ = r"
        WITH counted AS (
            SELECT connection_id, rule_id, severity,
                count(*) FILTER (WHERE verdict = 'pass') AS pass, count(*) FILTER (WHERE verdict = 'fail') AS fail,
                count(*) FILTER (WHERE verdict = 'unknown') AS unknown,
                count(*) FILTER (WHERE verdict = 'not_applicable') AS not_applicable,
                0 AS open, 0 AS not_rechecked, 0 AS unjudged, 0 AS resolved
            FROM current_verdicts JOIN assets USING (asset_number) GROUP BY 1, 2, 3
            UNION ALL
            SELECT connection_id, rule_id, severity, 0, 0, 0, 0,
                count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'not_rechecked'),
                count(*) FILTER (WHERE state = 'unknown'), count(*) FILTER (WHERE state = 'resolved')
            FROM findings GROUP BY 1, 2, 3
            UNION ALL
            SELECT connection_id, rule_id, severity, -checks_pass, -checks_fail, -checks_unknown,
                -checks_not_applicable, -findings_open, -findings_not_rechecked, -findings_unknown, -findings_resolved
            FROM current_tallies WHERE team = ''
        )
        SELECT count(*) FROM (
            SELECT FROM counted GROUP BY connection_id, rule_id, severity
            HAVING (sum(pass), sum(fail), sum(unknown), sum(not_applicable), sum(open), sum(not_rechecked),
                sum(unjudged), sum(resolved)) <> (0, 0, 0, 0, 0, 0, 0, 0)
        ) AS wrong";
    assert_eq!(world.count(differ).await, 0, "day {number}");
    check_team_tallies(world, number).await;
}

/// Those of teams are, too; and the findings' teams are those of their assets.
pub(crate) async fn check_team_tallies(world: &World, number: i64) {
    let differ = r"
        WITH counted AS (
            SELECT connection_id, rule_id, severity, team,
                count(*) FILTER (WHERE verdict = 'pass') AS pass, count(*) FILTER (WHERE verdict = 'fail') AS fail,
                count(*) FILTER (WHERE verdict = 'unknown') AS unknown,
                count(*) FILTER (WHERE verdict = 'not_applicable') AS not_applicable,
                0 AS open, 0 AS not_rechecked, 0 AS unjudged, 0 AS resolved
            FROM current_verdicts JOIN assets USING (asset_number) JOIN asset_owners USING (asset_number)
            GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT connection_id, rule_id, severity, asset_owners.team, 0, 0, 0, 0,
                count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'not_rechecked'),
                count(*) FILTER (WHERE state = 'unknown'), count(*) FILTER (WHERE state = 'resolved')
            FROM findings JOIN assets USING (connection_id, asset_id) JOIN asset_owners USING (asset_number)
            GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT connection_id, rule_id, severity, team, -checks_pass, -checks_fail, -checks_unknown,
                -checks_not_applicable, -findings_open, -findings_not_rechecked, -findings_unknown, -findings_resolved
            FROM current_tallies WHERE team <> ''
        )
        SELECT count(*) FROM (
            SELECT FROM counted GROUP BY connection_id, rule_id, severity, team
            HAVING (sum(pass), sum(fail), sum(unknown), sum(not_applicable), sum(open), sum(not_rechecked),
                sum(unjudged), sum(resolved)) <> (0, 0, 0, 0, 0, 0, 0, 0)
        ) AS wrong";
    assert_eq!(world.count(differ).await, 0, "teams on day {number}");
    let strayed = "SELECT count(*) FROM findings JOIN assets USING (connection_id, asset_id)
        LEFT JOIN asset_owners USING (asset_number) WHERE findings.team IS DISTINCT FROM asset_owners.team";
    assert_eq!(world.count(strayed).await, 0, "findings on day {number}");
    let spans = "SELECT count(*) FROM findings JOIN finding_spans USING (finding_id)
        WHERE until = 'infinity' AND findings.team IS DISTINCT FROM finding_spans.team";
    assert_eq!(world.count(spans).await, 0, "spans on day {number}");
}

#[tokio::test]
async fn a_moment_in_the_past_is_shown_as_it_was() {
    let world = World::new().await;
    let without_rules =
        Postern::open(world.database.pool().clone(), &[], Clock::fixed(day(0))).await.unwrap();
    let mut days = Vec::new();
    for number in 0..DAYS {
        let reading = read_on(number);
        let at = reading.snapshot.finished_at;
        if let Some(routing) = routing_on(number) {
            let before = world.postern.with_clock(Clock::fixed(at - Duration::hours(1)));
            set_routing(&before, &routing, "a test").await.unwrap();
        }
        if number == 9 {
            let Reading { snapshot, assets } = reading;
            let assets = assets.into_values();
            let without_rules = without_rules.with_clock(Clock::fixed(at));
            let imported = postern_service::import::import_snapshot(
                &without_rules,
                world.connection,
                snapshot,
                assets,
            );
            imported.await.unwrap();
        } else {
            world.take(reading).await;
        }
        check_tallies(&world, number).await;
        let postern = world.postern.with_clock(Clock::fixed(at));
        days.push((at, said(&postern, None).await));
    }
    let later = world.postern.with_clock(Clock::fixed(day(1000)));
    for (number, (at, then)) in days.iter().enumerate() {
        // The moment itself, or one before anything else was read.
        let moment = if number % 2 == 0 { *at } else { *at + Duration::hours(2) };
        let now = said(&later, Some(moment)).await;
        assert_eq!(difference(&now, then), None, "day {number}, as of {moment}");
    }
    let bases = world.count("SELECT count(*) FROM tally_bases").await;
    assert!(bases > 2 && bases < DAYS, "a base in each month");
}

#[tokio::test]
async fn a_page_of_the_past_goes_on_where_it_ended() {
    let world = World::new().await;
    let accounts: Vec<Value> =
        (0..6).map(|number| open_account(&format!("oai-{number}"))).collect();
    world.take(snapshot(day(0), &accounts)).await;
    world.take(snapshot(day(1), &accounts[..2])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(2)));
    let mut query = FindingQuery { limit: 7, as_of: Some(day(0)), ..FindingQuery::default() };
    let mut ids = Vec::new();
    let total = loop {
        let page = list_findings(&postern, query.clone()).await.unwrap().unwrap();
        assert_eq!(page.offset, ids.len() as u64);
        ids.extend(page.rows.iter().map(|row| row.id));
        query.after = page.next;
        if query.after.is_none() {
            break page.total;
        }
    };
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), ids.len() as u64), (all, total));
    // A cursor of the past is a place in no other list.
    let past = FindingQuery { limit: 7, as_of: Some(day(0)), ..FindingQuery::default() };
    let next = list_findings(&postern, past).await.unwrap().unwrap().next;
    let now = FindingQuery { limit: 7, after: next, ..FindingQuery::default() };
    assert_eq!(list_findings(&postern, now).await.unwrap().unwrap().offset, 0);
}

#[tokio::test]
async fn moments_of_which_nothing_is_known_are_refused_in_words() {
    let world = World::new().await;
    let postern = world.postern.with_clock(Clock::fixed(day(3)));
    let shown = show_overview(&postern, None, Some(day(0))).await.unwrap_err();
    assert!(matches!(shown, ReadError::NothingEvaluated(_)), "{shown}");
    world.take(snapshot(day(1), &[open_account("oai-1")])).await;
    let early = show_overview(&postern, None, Some(day(0))).await.unwrap_err();
    let from = format!("can be shown as of any moment from {}", day_and_time(day(1)));
    assert!(early.to_string().contains(&from), "{early}");
    let future = show_overview(&postern, None, Some(day(4))).await.unwrap_err();
    assert!(future.to_string().contains("lies in the future"), "{future}");
    // The end of today is what "today" means.
    let today = day(3).replace_time(time::macros::time!(23:59:59.999999));
    assert!(show_overview(&postern, None, Some(today)).await.unwrap().is_some());
    let query = FindingQuery { as_of: Some(day(0)), limit: 10, ..FindingQuery::default() };
    assert!(list_findings(&postern, query).await.is_err());
    let id = world.finding("oai-1", "NET-01").await.unwrap().id;
    assert!(show_finding(&postern, id, Some(day(0))).await.is_err());
    // A finding that was not there yet is no finding then.
    world.take(snapshot(day(2), &[open_account("oai-1"), open_account("oai-2")])).await;
    let id = world.finding("oai-2", "NET-01").await.unwrap().id;
    assert!(show_finding(&postern, id, Some(day(1))).await.unwrap().is_none());
    assert!(show_finding(&postern, id, None).await.unwrap().is_some());
    assert_eq!(built_packs().len(), world.postern.packs().len());
}
