//! A made-up report of any size, the same each time.

use std::sync::{Arc, LazyLock};

use postern_domain::arm::{
    AssetType, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
};
use postern_domain::decision::Head;
use postern_domain::digest::Digest;
use postern_domain::exception::request::ReasonCategory;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::framework::{ControlKind, ControlStatus};
use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::id::{EvaluationId, ExceptionId, FindingId, PersonId, ScanId};
use postern_domain::pack::PackOrigin;
use postern_domain::rule::Remediation;
use postern_domain::snapshot::{Completeness, Listing};
use postern_domain::tally::Tally;
use postern_domain::trend::{CheckCounts, SeverityCounts, TrendPoint};
use postern_domain::verdict::{Evidence, Severity, Topic};
use postern_report::model::{
    Coverage, ReportAsset, ReportControl, ReportException, ReportFinding, ReportFramework,
    ReportHead, ReportModel, ReportPack, ReportRule, Resolution,
};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const AS_OF: OffsetDateTime = datetime!(2026-05-12 04:31:09 UTC);
const SUBSCRIPTION: &str = "3f1c0d52-7a64-4be1-9a58-0c8f6d2b7e11";

/// Rule id, title, topic, severity, property, expected.
type Rule = (&'static str, &'static str, Topic, Severity, &'static str, &'static str);

const RULES: [Rule; 6] = [
    (
        "NET-01",
        "Public network access is disabled",
        Topic::Networking,
        Severity::Critical,
        "properties.publicNetworkAccess",
        "\"Disabled\"",
    ),
    (
        "AUTH-01",
        "Key authentication is disabled",
        Topic::Authentication,
        Severity::High,
        "properties.disableLocalAuth",
        "true",
    ),
    (
        "NET-02",
        "Networks are denied unless they are allowed",
        Topic::Networking,
        Severity::High,
        "properties.networkAcls.defaultAction",
        "\"Deny\"",
    ),
    (
        "DATA-01",
        "Data is encrypted with a key that the customer manages",
        Topic::Data,
        Severity::Medium,
        "properties.encryption.keySource",
        "\"Microsoft.KeyVault\"",
    ),
    (
        "MON-01",
        "Logs go to a Log Analytics workspace",
        Topic::Monitoring,
        Severity::Medium,
        "diagnosticSettings",
        "a setting with a workspaceId and a log category that is on",
    ),
    (
        "AUTH-02",
        "A managed identity is assigned",
        Topic::Authentication,
        Severity::Low,
        "identity.type",
        "\"SystemAssigned\" or \"UserAssigned\"",
    ),
];

/// A report without anything in it: no scan has been evaluated.
pub fn empty() -> ReportModel {
    ReportModel::new(empty_head(), Vec::new())
}

fn empty_head() -> ReportHead {
    ReportHead {
        organisation: "Contoso Insurance".to_owned(),
        connection: "Production".to_owned(),
        is_demo: false,
        filters: Vec::new(),
        as_of: AS_OF,
        scan: None,
        evaluation: None,
        engine: "wasmtime 48.0.0 / contract postern:rules@1.0.0".to_owned(),
        decisions: Head { number: 812, hash: Digest::of(b"the last entry") },
        packs: Vec::new(),
        coverage: Coverage::default(),
        gaps: Vec::new(),
        trend: Vec::new(),
        exceptions: Vec::new(),
        frameworks: Vec::new(),
    }
}

/// A report with `count` findings and `scans` daily scans.
pub fn sample(count: u32, scans: u32) -> ReportModel {
    let findings: Vec<_> = (0..count).map(finding).collect();
    ReportModel::new(head(count, scans, &findings), findings)
}

/// The head of a report with `count` findings, `scans` daily scans, and a trend that ends with these findings.
pub fn head(count: u32, scans: u32, findings: &[ReportFinding]) -> ReportHead {
    let pack = |name: &str, problem: Option<&str>| ReportPack {
        name: name.to_owned(),
        version: "2026.5.0".to_owned(),
        digest: Digest::of(name.as_bytes()),
        origin: Some(origin_of(name)),
        problem: problem.map(str::to_owned),
    };
    let checks = CheckCounts {
        pass: count * 3,
        fail: count,
        unknown: count / 20,
        not_applicable: count / 3,
    };
    ReportHead {
        is_demo: true,
        scan: Some(ScanId::from_number(903)),
        evaluation: Some(EvaluationId::from_number(903)),
        packs: vec![
            pack("azure-ai-baseline", None),
            pack("house-rules", Some("The pack used up its fuel in rule HOUSE-02.")),
        ],
        coverage: Coverage {
            listings: vec![
                listing("Subscriptions_List 2022-12-01", "/", None, Completeness::Complete, 2),
                listing(
                    "Accounts_List 2025-06-01",
                    &scope(),
                    Some(COGNITIVE_SERVICES_ACCOUNT),
                    Completeness::Complete,
                    31,
                ),
                listing(
                    "Services_ListBySubscription 2025-05-01",
                    &scope(),
                    Some(SEARCH_SERVICE),
                    Completeness::Failed,
                    0,
                ),
                listing(
                    "Workspaces_ListBySubscription 2025-09-01",
                    &scope(),
                    Some(MACHINE_LEARNING_WORKSPACE),
                    Completeness::Complete,
                    9,
                ),
            ],
            checks,
            assets: count / 3 + 1,
            assets_unread: count / 60,
        },
        gaps: vec![Gap {
            operation: "Services_ListBySubscription 2025-05-01".to_owned(),
            scope: scope(),
            asset_type: Some(AssetType::new(SEARCH_SERVICE)),
            asset: None,
            assets: 0,
            reason: GapReason {
                kind: GapKind::Forbidden,
                status: Some(403),
                action: Some("Microsoft.Search/searchServices/read".to_owned()),
                message: "the credential may not list Azure AI Search services".to_owned(),
            },
        }],
        exceptions: exceptions().to_vec(),
        frameworks: vec![framework()],
        trend: (0..scans).map(|scan| point(scan, scans, findings)).collect(),
        ..empty_head()
    }
}

fn origin_of(pack: &str) -> PackOrigin {
    match pack {
        "azure-ai-baseline" => PackOrigin::BuiltIn,
        _ => PackOrigin::Signed("E7620F1842B4E81F".to_owned()),
    }
}

fn scope() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

fn listing(
    operation: &str,
    scope: &str,
    asset_type: Option<&str>,
    completeness: Completeness,
    items: u64,
) -> Listing {
    Listing {
        operation: operation.to_owned(),
        scope: scope.to_owned(),
        asset_type: asset_type.map(AssetType::new),
        completeness,
        items,
    }
}

/// A rule with its severity, the property that it reads and what it expects there.
type Judging = (Arc<ReportRule>, Severity, &'static str, &'static str);

fn rules() -> &'static [Judging] {
    static RULES_OF_ALL: LazyLock<Vec<Judging>> = LazyLock::new(|| {
        let rule = |(id, title, topic, severity, path, expected): Rule| {
            let rule = ReportRule {
                id: id.parse().expect("a rule id"),
                title: title.to_owned(),
                topic,
                severity_reason: "Microsoft cloud security benchmark v2, control NS-2: rated high; critical here because the service answers with models and data.".to_owned(),
                rationale: "With public network access the service answers to anybody on the internet who has a key or a token. A leaked key is then enough to read prompts, completions and files. A private endpoint keeps the data plane inside the virtual network.".to_owned(),
                remediation: Remediation {
                    summary: "Create a private endpoint for the resource, check that clients resolve its private name, then switch public network access off.".to_owned(),
                    az: Some("az resource update --ids $ID --set properties.publicNetworkAccess=Disabled".to_owned()),
                    ..Remediation::default()
                },
                pack: Digest::of(b"azure-ai-baseline"),
                pack_origin: Some(origin_of("azure-ai-baseline")),
            };
            (Arc::new(rule), severity, path, expected)
        };
        RULES.into_iter().map(rule).collect()
    });
    &RULES_OF_ALL
}

/// A finding; every value follows from its position.
pub fn finding(position: u32) -> ReportFinding {
    let number = i64::from(position) + 1;
    let (rule, severity, path, expected) = &rules()[position as usize % RULES.len()];
    let state = match position % 11 {
        3 => FindingState::NotRechecked,
        5 => FindingState::Unknown,
        7 | 9 => FindingState::Resolved,
        _ => FindingState::Open,
    };
    let opened_at = AS_OF - Duration::days(number % 170 + 3) - Duration::minutes(number % 600);
    let resolution = (state == FindingState::Resolved).then(|| Resolution {
        at: opened_at + Duration::days(2),
        event: if position % 11 == 7 { FindingEvent::Fixed } else { FindingEvent::AssetDeleted },
    });
    ReportFinding {
        id: FindingId::from_number(number),
        rule: rule.clone(),
        severity: *severity,
        state,
        summary: "Public network access is on.".to_owned(),
        evidence: evidence(position, state, path, expected),
        read_at: Some(AS_OF),
        asset: asset(position / 3),
        owner: None,
        team: None,
        first_seen_at: opened_at - Duration::days(number % 5),
        opened_at,
        changed_at: resolution.map_or(opened_at, |ended| ended.at),
        resolution,
        exception: exception(position, state),
    }
}

/// Every seventh finding that fails is accepted.
fn exception(position: u32, state: FindingState) -> Option<Arc<ReportException>> {
    let is_accepted = position % 7 == 3 && state.counts_as_open();
    let [of_odd, of_even] = exceptions();
    is_accepted.then(|| if position.is_multiple_of(2) { of_even } else { of_odd }.clone())
}

fn exceptions() -> &'static [Arc<ReportException>; 2] {
    static EXCEPTIONS: LazyLock<[Arc<ReportException>; 2]> = LazyLock::new(|| {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        [
            Arc::new(ReportException {
                id: ExceptionId::from_number(3),
                reason: ReasonCategory::MitigatedOtherwise,
                justification: "The gateway in front of it lets only the claims network in."
                    .to_owned(),
                compensating_control: Some("An allow-list of the gateway.".to_owned()),
                requested_by: PersonId::from_number(4),
                requested_at: datetime!(2026-02-10 9:00 UTC),
                approved_at: datetime!(2026-02-13 15:20 UTC),
                until: datetime!(2026-08-13 0:00 UTC),
                approvers: texts(&["A. Ruiz", "J. Okafor"]),
                conditions: texts(&[
                    "The allow-list of the gateway is reviewed every month, and the keys are rotated.",
                ]),
            }),
            Arc::new(ReportException {
                id: ExceptionId::from_number(8),
                reason: ReasonCategory::RiskAccepted,
                justification: "It ends with the old portal in June.".to_owned(),
                compensating_control: None,
                requested_by: PersonId::from_number(5),
                requested_at: datetime!(2026-04-01 8:30 UTC),
                approved_at: datetime!(2026-04-02 10:00 UTC),
                until: datetime!(2026-06-30 12:00 UTC),
                approvers: texts(&["A. Ruiz"]),
                conditions: Vec::new(),
            }),
        ]
    });
    &EXCEPTIONS
}

/// A framework with a control of each way to be assessed.
fn framework() -> ReportFramework {
    let control = |id: &str, kind, status, rules: &[&str], reason: Option<&str>| ReportControl {
        id: id.parse().expect("a control id"),
        title: Some(format!("Control {id}")),
        kind,
        status,
        reason: reason.map(str::to_owned),
        rules: rules.iter().map(|rule| rule.parse().expect("a rule id")).collect(),
        not_run: Vec::new(),
        tally: postern_domain::framework::Tally {
            pass: 12,
            fail: 3,
            excepted: 1,
            ..Default::default()
        },
    };
    ReportFramework {
        id: "mcsb-v1".parse().expect("a framework id"),
        name: "Microsoft cloud security benchmark 1".to_owned(),
        version: "1".to_owned(),
        publisher: "Microsoft".to_owned(),
        controls: vec![
            control(
                "NS-2",
                ControlKind::Automated,
                ControlStatus::Failing,
                &["NET-01", "NET-02"],
                None,
            ),
            control(
                "IM-1",
                ControlKind::Partly,
                ControlStatus::Passing,
                &["AUTH-01"],
                Some("Who has the keys."),
            ),
            control(
                "GS-1",
                ControlKind::Manual,
                ControlStatus::Manual,
                &[],
                Some("A person has to look."),
            ),
        ],
    }
}

fn evidence(position: u32, state: FindingState, path: &str, expected: &str) -> Vec<Evidence> {
    let piece = |path: &str, actual: Option<Value>, note: Option<&str>| Evidence {
        path: path.into(),
        actual,
        expected: expected.into(),
        note: note.map(Into::into),
    };
    match (state, position % 4) {
        (FindingState::Unknown, _) => {
            vec![piece(
                path,
                None,
                Some("not read: the credential lacks Microsoft.Insights/diagnosticSettings/read"),
            )]
        }
        (_, 0) => {
            vec![piece(path, None, Some("absent means \"Enabled\" by Azure's documentation"))]
        }
        (_, 1) => vec![
            piece(path, Some(json!("Enabled")), None),
            piece("properties.networkAcls.ipRules[0].value", Some(json!("0.0.0.0/0")), None),
        ],
        _ => vec![piece(path, Some(json!(false)), None)],
    }
}

/// An asset; three findings share it.
pub fn asset(position: u32) -> ReportAsset {
    let (asset_type, provider, prefix, kind) = [
        (
            COGNITIVE_SERVICES_ACCOUNT,
            "Microsoft.CognitiveServices/accounts",
            "oai-claims",
            Some("OpenAI"),
        ),
        (SEARCH_SERVICE, "Microsoft.Search/searchServices", "srch-knowledge", None),
        (
            MACHINE_LEARNING_WORKSPACE,
            "Microsoft.MachineLearningServices/workspaces",
            "mlw-fraud-scoring",
            Some("Hub"),
        ),
    ][position as usize % 3];
    let name = format!("{prefix}-prod-weu-{position:03}");
    let resource_group = format!(
        "rg-ai-{}-weu",
        ["claims", "knowledge", "fraud", "shared-platform"][position as usize % 4]
    );
    ReportAsset {
        arm_id: format!("{}/resourceGroups/{resource_group}/providers/{provider}/{name}", scope()),
        name,
        asset_type: AssetType::new(asset_type),
        kind: kind.map(str::to_owned),
        location: Some("westeurope".to_owned()),
        subscription: SUBSCRIPTION.to_owned(),
        resource_group: Some(resource_group),
    }
}

/// A scan's counts; the last one's are those of the findings.
fn point(scan: u32, scans: u32, findings: &[ReportFinding]) -> TrendPoint {
    let before_last = scans - 1 - scan;
    let mut severities = SeverityCounts::all_none();
    for counts in &mut severities {
        let severity = counts.severity;
        let mut tally = Tally::default();
        for finding in findings.iter().filter(|finding| finding.severity == severity) {
            tally.add_findings(finding.state, 1);
        }
        counts.add(tally);
        // Accepted in the last third of the scans.
        if before_last * 3 < scans {
            let accepted = |it: &&ReportFinding| it.severity == severity && it.exception.is_some();
            for finding in findings.iter().filter(accepted) {
                counts.except(finding.state);
            }
        }
        let wave = (before_last * 7 + counts.open) % 5;
        counts.open += before_last * counts.open / 90 + if before_last > 0 { wave } else { 0 };
        counts.opened = wave;
        counts.fixed = wave + 1;
    }
    // Two weeks without a scan in the middle of a long trend.
    let pause = if scans > 20 && scan < scans / 2 { 14 } else { 0 };
    TrendPoint {
        evaluation: EvaluationId::from_number(i64::from(903 - before_last.min(900))),
        at: AS_OF - Duration::days(i64::from(before_last) + pause),
        severities,
        checks: CheckCounts { pass: 300, fail: 100, unknown: 5, not_applicable: 30 },
        assets: 41,
        assets_unread: 0,
        gaps: 1,
    }
}
