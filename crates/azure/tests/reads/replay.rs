//! The collector against answers that were recorded from the real Azure, served at their recorded URLs.
//!
//! The recordings are of many unrelated sessions, so the tenant is patchwork: what was not recorded is a 404.
//! Two things are not recordings: a token, and the list of ids that leads to the resources that were recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use postern_azure::{AzureSettings, Credential, Scope};
use postern_azure_sim::{RecordedAnswer, Replay};
use postern_domain::arm::{ArmId, SCANNED_TYPES};
use postern_domain::fact::{DEPLOYMENTS, Fact};
use postern_domain::gap::GapKind;
use serde_json::{Value, json};
use url::Url;

use crate::{Read, collect};

/// Beside the project; see the README of that folder.
fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure")
}

/// What was recorded, by method and lower-case path. The versions differ from those asked for: the path counts.
struct Azure {
    answers: BTreeMap<String, Vec<RecordedAnswer>>,
    /// Which of several answers of the same URL it is now.
    turn: AtomicUsize,
    /// What Resource Graph answers.
    graph: Mutex<RecordedAnswer>,
    /// A recorded refusal of Resource Graph.
    graph_refusal: RecordedAnswer,
    served: Mutex<BTreeSet<String>>,
}

fn read() -> Option<Azure> {
    let folder = recordings();
    let index = std::fs::read_to_string(folder.join("recordings/INDEX.tsv")).ok()?;
    let nothing =
        made(&json!({"totalRecords": 0, "count": 0, "resultTruncated": "false", "data": []}));
    let mut azure = Azure {
        answers: BTreeMap::new(),
        turn: AtomicUsize::new(0),
        graph: Mutex::new(nothing.clone()),
        graph_refusal: nothing,
        served: Mutex::default(),
    };
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [file, _, _, _, _, method, status, _, uri, headers] = columns.as_slice() else {
            panic!("the index has another form: {line}");
        };
        let url = Url::parse(uri).unwrap();
        let headers: BTreeMap<String, String> = serde_json::from_str(headers).unwrap_or_default();
        // Of the others some would not be true of these answers, such as their encoding.
        let told = |name: &String| name.starts_with("x-ms-") || name == "retry-after";
        let headers = headers.into_iter().filter(|(name, _)| told(name));
        let recorded = RecordedAnswer {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: std::fs::read(folder.join(file)).unwrap(),
        };
        let path = url.path().trim_end_matches('/').to_ascii_lowercase();
        if path.ends_with("/microsoft.resourcegraph/resources") {
            if recorded.status >= 400 {
                azure.graph_refusal = recorded;
            }
        } else if *method == "GET" {
            azure.answers.entry(path).or_default().push(recorded);
        } else if *method == "PUT" && recorded.status < 300 {
            // The state of a resource that was made and not read afterwards.
            azure.answers.entry(path).or_default().push(RecordedAnswer { status: 200, ..recorded });
        }
    }
    Some(azure)
}

fn made(body: &Value) -> RecordedAnswer {
    RecordedAnswer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() }
}

impl Azure {
    /// The recorded resources of the scanned types, with their bodies.
    fn resources(&self) -> Vec<(ArmId, Value)> {
        let of_type = |path: &String| {
            let id = ArmId::parse(path).ok()?;
            SCANNED_TYPES.contains(&id.asset_type().as_str()).then_some(id)
        };
        self.answers
            .keys()
            .filter_map(|path| {
                let recorded = self.recorded(path).filter(|recorded| recorded.status == 200)?;
                Some((of_type(path)?, serde_json::from_slice(&recorded.body).ok()?))
            })
            .collect()
    }

    fn recorded(&self, path: &str) -> Option<&RecordedAnswer> {
        let answers = self.answers.get(path)?;
        answers.get(self.turn.load(Ordering::Relaxed)).or(answers.last())
    }

    fn answer(&self, path: &str) -> RecordedAnswer {
        if path.ends_with("/oauth2/v2.0/token") {
            let token = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "t"});
            return made(&token);
        }
        if path.ends_with("/microsoft.resourcegraph/resources") {
            return self.graph.lock().unwrap().clone();
        }
        if path.ends_with("/providers/microsoft.authorization/permissions") {
            return made(&json!({"value": [{"actions": ["*/read"], "notActions": []}]}));
        }
        if let Some(recorded) = self.recorded(path).cloned() {
            self.served.lock().unwrap().insert(path.to_owned());
            return recorded;
        }
        if let Some(scope) = path.strip_suffix("/resources") {
            let ids = self.resources().into_iter().map(|(id, _)| id);
            let of_scope =
                ids.filter(|id| format!("/subscriptions/{}", id.subscription()) == scope);
            let listed: Vec<Value> = of_scope.map(|id| json!({"id": id.as_written()})).collect();
            return made(&json!({"value": listed}));
        }
        // Lists over a subscription, of the resources that were recorded one by one.
        for asset_type in SCANNED_TYPES {
            if let Some(scope) = path.strip_suffix(&format!("/providers/{asset_type}")) {
                let listed: Vec<Value> = self
                    .resources()
                    .into_iter()
                    .filter(|(id, _)| {
                        id.asset_type().as_str() == asset_type
                            && format!("/subscriptions/{}", id.subscription()) == scope
                    })
                    .map(|(_, body)| body)
                    .collect();
                return made(&json!({"value": listed}));
            }
        }
        let body = json!({"error": {"code": "ResourceNotFound", "message": "not recorded"}});
        RecordedAnswer { status: 404, ..made(&body) }
    }
}

#[tokio::test]
async fn what_azure_really_answered_is_read() {
    let Some(azure) = read() else {
        eprintln!("NOT RUN: there are no recordings at {}", recordings().display());
        return;
    };
    let azure = Arc::new(azure);
    let answering = Arc::clone(&azure);
    let replay = Replay::start(move |_, path| answering.answer(path)).await.unwrap();
    let base = Url::parse(&replay.base_url()).unwrap();
    let settings = AzureSettings {
        arm_endpoint: base.clone(),
        authority_host: base,
        credential: Credential::ClientSecret {
            tenant_id: "11111111-1111-1111-1111-111111111111".to_owned(),
            client_id: "22222222-2222-2222-2222-222222222222".to_owned(),
            secret: "not a secret".into(),
        },
        ca_pem: Some(replay.ca_pem().as_bytes().to_vec()),
        proxy: None,
        scope: Scope::default(),
    };
    // First each resource is read at its recorded URL, because Resource Graph knows none;
    // then the lists of ARM, because Resource Graph refuses.
    let empty = azure.graph.lock().unwrap().clone();
    let turns = azure.answers.values().map(Vec::len).max().unwrap_or_default();
    for turn in 0..turns {
        azure.turn.store(turn, Ordering::Relaxed);
        for graph in [&empty, &azure.graph_refusal] {
            azure.graph.lock().unwrap().clone_from(graph);
            check(&azure, &collect(settings.clone()).await.unwrap());
        }
    }
    let urls = azure.served.lock().unwrap();
    println!("{} recorded URLs were asked for: {urls:#?}", urls.len());
    for list in ["authorization/locks", "authorization/policyassignments", "/deployments"] {
        assert!(urls.iter().any(|path| path.ends_with(list)), "{list} was not asked for");
    }
}

fn check(azure: &Azure, read: &Read) {
    // Every recorded resource arrives with its body as recorded.
    let resources = azure.resources();
    assert!(resources.len() >= 3, "{} recorded", resources.len());
    for (id, body) in &resources {
        let Some(asset) = read.assets.get(&id.asset_id()) else {
            panic!("{} was not read", id.as_written())
        };
        assert_eq!(asset.document.resource["properties"], body["properties"]);
        assert_eq!(asset.document.resource["sku"], body["sku"]);
    }
    // Facts that were recorded are read; all others are gaps of one kind, with their reason.
    let deployments = read
        .assets
        .values()
        .filter(|asset| matches!(asset.document.related.get(DEPLOYMENTS), Some(Fact::Read { .. })));
    let has_model_account = resources.iter().any(|(_, body)| body["kind"] == "OpenAI");
    assert_eq!(deployments.count() > 0, has_model_account);
    for gap in &read.snapshot.gaps {
        // The recorded refusals of Resource Graph are 400.
        let expected = [GapKind::NotFound, GapKind::Malformed];
        assert!(expected.contains(&gap.reason.kind), "{gap:?}");
    }
}
