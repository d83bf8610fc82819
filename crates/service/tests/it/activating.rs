//! Packs that are taken into use, and out of it, while Postern runs.

use postern_domain::clock::Clock;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_service::Postern;
use postern_service::evaluate::EvaluationSummary;
use postern_service::finding::show_finding;
use postern_service::import::import_snapshot;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::rules::{
    ActivateError, Looked, PackFolder, PackOrigin, RuleChangeKind, Trust, activate, active_view,
    changes, deactivate, find_pack,
};
use postern_test_support::sample::{Reading, search_service, snapshot};
use postern_test_support::test_pack;

use crate::world::{World, day};

/// The pack that the binary carries here: its rule [`RULE`] fails on every Search service.
const FIRST: &str = "unsorted";

/// The version after it, under which that rule passes.
const SECOND: &str = "second_version";

const PACK: &str = "hostile";
const RULE: &str = "HOSTILE-02";

async fn world() -> World {
    World::with_packs(&[test_pack(FIRST)]).await
}

async fn take(world: &World, number: i64) -> EvaluationSummary {
    world.take(snapshot(day(number), &[search_service("find-1")])).await
}

/// What vouches for the pack of the tests, and its version.
async fn judging(postern: &Postern) -> (String, PackOrigin) {
    let view = active_view(postern).await.unwrap();
    let (pack, origin) = view.packs.first().unwrap();
    assert_eq!(view.packs.len(), 1, "a name judges once");
    (pack.manifest().version.clone(), origin.clone())
}

#[tokio::test]
async fn an_activated_version_judges_the_next_evaluation_and_the_old_one_stays() {
    let world = world().await;
    take(&world, 0).await;
    assert_eq!(world.state("find-1", RULE).await, Some(FindingState::Open));
    // Another process on the same database, started before.
    let clock = Clock::fixed(day(2));
    let pool = world.database.pool().clone();
    let other = Postern::open(pool, &[test_pack(FIRST)], clock).await.unwrap();
    assert_eq!(judging(&other).await, ("0.1.0".to_owned(), PackOrigin::BuiltIn));

    let trust = Trust::new([], true).unwrap();
    let component = test_pack(SECOND);
    let activated =
        activate(&world.postern, &component, None, &trust, "a better one").await.unwrap();
    assert_eq!((activated.name.as_str(), activated.version.as_str()), (PACK, "0.2.0"));
    assert_eq!(activated.before.as_ref().map(|(version, _)| version.as_str()), Some("0.1.0"));
    assert_eq!(world.state("find-1", RULE).await, Some(FindingState::Open), "nothing is rewritten");
    for postern in [&world.postern, &other] {
        assert_eq!(judging(postern).await, ("0.2.0".to_owned(), PackOrigin::Unsigned));
    }

    let second = take(&world, 1).await;
    let left: u32 = second.point.severities.iter().map(|counts| counts.left_otherwise).sum();
    assert_eq!((second.fixed(), left), (0, 1), "another version of a rule mends nothing");
    assert_eq!(world.state("find-1", RULE).await, Some(FindingState::Resolved));
    let Reading { snapshot: read, assets } = snapshot(day(2), &[search_service("find-1")]);
    let (_, third) =
        import_snapshot(&other, world.connection, read, assets.into_values()).await.unwrap();
    assert_eq!((third.opened(), third.fixed()), (0, 0), "the other process judges by it too");

    // The version before is still known, byte for byte, and is what judged the first evaluation.
    let before = find_pack(&other, &format!("{PACK}@0.1.0")).await.unwrap();
    assert_eq!(before.component(), test_pack(FIRST));
    let judged = "SELECT count(*) FROM evaluation_packs JOIN packs USING (pack_digest)
                  WHERE version = '0.1.0'";
    assert_eq!(world.count(judged).await, 1);
    assert_eq!(world.count("SELECT count(*) FROM evaluation_packs").await, 3);

    deactivate(&world.postern, PACK, "it was none").await.unwrap();
    take(&world, 3).await;
    let events = world.events("find-1", RULE).await;
    assert_eq!(events, [FindingEvent::Opened, FindingEvent::RuleChanged, FindingEvent::Reopened]);
    let again = deactivate(&world.postern, PACK, "again").await.unwrap_err();
    assert!(matches!(again, ActivateError::NotActivated(_)), "{again:?}");
    let said = changes(&world.postern, 10).await.unwrap();
    let reasons: Vec<_> = said.iter().map(|change| change.reason.as_str()).collect();
    assert_eq!(reasons, ["it was none", "a better one"], "the youngest first");
    assert_eq!(said[0].kind, RuleChangeKind::Activated { version: None });
    let version = Some((activated.digest, activated.version));
    assert_eq!(said[1].kind, RuleChangeKind::Activated { version });
}

#[tokio::test]
async fn a_pack_that_cannot_judge_beside_the_others_is_not_taken_into_use() {
    let world = World::with_packs(&[test_pack(FIRST), test_pack("five-checks")]).await;
    let trust = Trust::new([], true).unwrap();
    let importing = activate(&world.postern, &test_pack("importing"), None, &trust, "a test").await;
    assert!(matches!(importing, Err(ActivateError::Refused(_))), "{importing:?}");
    let renamed = renamed(&test_pack(SECOND));
    let error = activate(&world.postern, &renamed, None, &trust, "a test").await.unwrap_err();
    let ActivateError::SameRule { rule, other } = error else { panic!("{error:?}") };
    assert!(rule.starts_with("HOSTILE-"), "{rule}");
    assert_eq!(other, PACK);
    assert_eq!(world.count("SELECT count(*) FROM pack_activations").await, 0);
    assert_eq!(active_view(&world.postern).await.unwrap().packs.len(), 2);
}

/// A pack that is kept as it was built; see `kept/README.md`.
const KEPT: &[u8] = include_bytes!("kept/contoso-rules.wasm");
const SIGNATURE: &str = include_str!("kept/contoso-rules.wasm.minisig");
const KEY: &str = include_str!("kept/minisign.pub");

/// Somebody else's key: the one of minisign's documentation.
const STRANGER: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

#[tokio::test]
async fn a_signed_pack_is_let_in_by_its_key_and_findings_and_reports_name_the_signer() {
    let world = world().await;
    for (component, signature, key) in [
        (KEPT, Some(SIGNATURE), STRANGER),
        (&*test_pack(SECOND), Some(SIGNATURE), KEY),
        (KEPT, None, KEY),
    ] {
        let trust = Trust::new([key], false).unwrap();
        let refused = activate(&world.postern, component, signature, &trust, "a try").await;
        assert!(matches!(refused, Err(ActivateError::Trust(_))), "{refused:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM pack_activations").await, 0);

    let trust = Trust::new([KEY], false).unwrap();
    let activated =
        activate(&world.postern, KEPT, Some(SIGNATURE), &trust, "our own rules").await.unwrap();
    let origin = PackOrigin::Signed("8560AD46906152E5".to_owned());
    assert_eq!(activated.origin, origin);
    take(&world, 0).await;
    let finding = world.finding("find-1", "CONTOSO-RULES-01").await.unwrap().id;
    let shown = show_finding(&world.postern, finding, None).await.unwrap().unwrap().pack;
    let pack = (shown.name.as_str(), shown.version.as_str(), shown.digest, shown.origin);
    assert_eq!(pack, ("contoso-rules", "0.1.0", activated.digest, Some(origin)));

    let request =
        ReportRequest { connection: None, format: ReportFormat::Csv, as_of: None, list: None };
    let csv = build_report(&world.postern, request).await.unwrap().bytes;
    let mut rows = csv::Reader::from_reader(csv.as_slice());
    let head = rows.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|column| column == name).unwrap();
    let (rule, origin) = (column("rule"), column("pack_origin"));
    let rows = rows.records().map(Result::unwrap);
    let of_pack: Vec<_> = rows.filter(|row| &row[rule] == "CONTOSO-RULES-01").collect();
    assert_eq!(of_pack.len(), 1);
    assert_eq!(&of_pack[0][origin], "signed:8560AD46906152E5");
}

/// What a folder of packs comes to, as the sentences and versions that were looked at.
async fn look(folder: &mut PackFolder, postern: &Postern) -> Vec<String> {
    let said = |looked: Looked| match looked.result {
        Ok(Some(activated)) => format!("{} {}", activated.name, activated.version),
        Ok(None) => "known".to_owned(),
        Err(error) => error.to_string(),
    };
    folder.look(postern).await.unwrap().into_iter().map(said).collect()
}

#[tokio::test]
async fn packs_of_a_folder_are_taken_into_use_once_as_they_appear() {
    let world = world().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let trust = Trust::new([KEY], false).unwrap();
    let open = || PackFolder::new(folder.path().to_owned(), trust.clone()).unwrap();
    let (mut packs, nothing) = (open(), Vec::<String>::new());
    assert_eq!(look(&mut packs, &world.postern).await, nothing);

    // Refused without its signature, once, and let in when that appears.
    std::fs::write(at("contoso.wasm"), KEPT).unwrap();
    assert_eq!(look(&mut packs, &world.postern).await, ["the rule pack is not trusted"]);
    assert_eq!(look(&mut packs, &world.postern).await, nothing);
    std::fs::write(at("contoso.wasm.minisig"), SIGNATURE).unwrap();
    // Another worker looks at the same time.
    let mut others = open();
    let (one, other) =
        tokio::join!(look(&mut packs, &world.postern), look(&mut others, &world.postern));
    let mut both = [one, other].concat();
    both.sort();
    assert_eq!(both, ["contoso-rules 0.1.0", "known"]);
    assert_eq!(world.count("SELECT count(*) FROM pack_activations").await, 1);
    let reason = changes(&world.postern, 1).await.unwrap().remove(0).reason;
    assert_eq!(reason, format!("found as {}", at("contoso.wasm").display()));

    // A file that nobody can read as a pack harms nothing, and a person is not overruled by a file that stays.
    std::fs::write(at("broken.wasm"), b"half a f").unwrap();
    std::fs::write(at("broken.wasm.minisig"), SIGNATURE).unwrap();
    deactivate(&world.postern, "contoso-rules", "by hand").await.unwrap();
    assert_eq!(look(&mut packs, &world.postern).await, ["the rule pack is not trusted"]);
    assert_eq!(look(&mut open(), &world.postern).await, ["the rule pack is not trusted", "known"]);
    assert_eq!(judging(&world.postern).await, ("0.1.0".to_owned(), PackOrigin::BuiltIn));
}

#[test]
fn a_folder_of_packs_that_is_not_there_is_refused() {
    let error = PackFolder::new("/nowhere/packs".into(), Trust::nobody()).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/packs cannot be read");
}

/// The pack under another name, of the same length: its texts lie in it as they are.
fn renamed(component: &[u8]) -> Vec<u8> {
    let mut renamed = component.to_vec();
    let (from, to) = (PACK.as_bytes(), b"strange");
    let places: Vec<usize> = component
        .windows(from.len())
        .enumerate()
        .filter_map(|(place, text)| (text == from).then_some(place))
        .collect();
    assert!(!places.is_empty(), "the name is in the component");
    for place in places {
        renamed[place..place + from.len()].copy_from_slice(to);
    }
    renamed
}
