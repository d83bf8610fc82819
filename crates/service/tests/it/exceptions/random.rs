//! How findings stand by the database is how the domain has it, on histories that chance made.

use std::collections::BTreeMap;

use postern_domain::exception::request::Covers;
use postern_domain::exception::status::effective;
use postern_domain::exception::{Exception, State};
use postern_service::exception::{
    edit_exception, file_draft, revoke_exception, withdraw_exception,
};
use postern_service::finding::list_findings;
use postern_service::view::{FindingQuery, FindingStatus};
use postern_test_support::sample::{closed_account, refused_snapshot};

use super::*;

/// Which accounts have the tag of the standing exceptions.
const ACCOUNTS: [(&str, bool); 4] =
    [("oai-1", true), ("oai-2", true), ("oai-3", false), ("oai-4", true)];

/// Numbers that look like chance and are the same for the same seed: a linear congruential generator (Knuth's MMIX).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub(super) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

pub(super) struct History {
    pub(super) office: Office,
    chance: Chance,
    pub(super) at: OffsetDateTime,
    ids: Vec<ExceptionId>,
    /// How many acts were not refused, by what they do.
    done: BTreeMap<&'static str, u32>,
}

impl History {
    pub(super) async fn of(seed: u64) -> Self {
        let office = Office::new().await;
        let mut history = Self {
            office,
            chance: Chance(seed),
            at: day(0) + Duration::HOUR,
            ids: Vec::new(),
            done: BTreeMap::new(),
        };
        history.scan().await;
        history
    }

    pub(super) async fn step(&mut self) {
        self.at += Duration::minutes(i64::try_from(1 + self.chance.below(900)).unwrap());
        match self.chance.below(10) {
            0..=1 => self.scan().await,
            2..=4 => self.file().await,
            _ => self.act().await,
        }
    }

    async fn scan(&mut self) {
        let mut accounts = Vec::new();
        for (name, is_dev) in ACCOUNTS {
            let mut account = match self.chance.below(6) {
                0 => continue,
                1 => closed_account(name),
                _ => open_account(name),
            };
            let env = if is_dev { "dev" } else { "prod" };
            account["tags"] = json!({"env": env});
            if self.chance.below(8) == 0 {
                account["properties"]["networkAcls"]["ipRules"] = json!([{"value": "192.0.2.7"}]);
            }
            accounts.push(account);
        }
        let reading = match self.chance.below(5) {
            0 => refused_snapshot(self.at, &[]),
            _ => snapshot(self.at, &accounts),
        };
        self.office.world.take(reading).await;
    }

    async fn file(&mut self) {
        let who = self.chance.of(&[Nora, Nils, Kim]);
        let covers = self.covers().await;
        let until = self.at + Duration::hours(i64::try_from(self.chance.below(600)).unwrap());
        let mut request = self.office.request_for(who, &covers, 60).await;
        request.until = until;
        let is_draft = self.chance.below(5) == 0;
        let extends = match self.chance.below(3) {
            0 if !self.ids.is_empty() => Some(self.chance.of(&self.ids)),
            _ => None,
        };
        let filing = Filing { is_draft, extends, ..filing(request) };
        let postern = self.office.at_moment(who, self.at).await;
        if let Ok(id) = file_exception(&postern, filing).await {
            self.ids.push(id);
            *self.done.entry("file").or_default() += 1;
        }
    }

    async fn covers(&mut self) -> Value {
        if self.chance.below(5) == 0 {
            return json!({"standing": {"rule": EXPOSED_KEYS, "assets": {"tag": "env=dev"}}});
        }
        let mut findings = Vec::new();
        for (name, _) in ACCOUNTS {
            let found = self.office.world.finding(name, EXPOSED_KEYS).await;
            if let Some(found) = found.filter(|_| self.chance.below(2) == 0) {
                findings.push(found.id);
            }
        }
        if findings.is_empty() {
            findings.push(self.office.finding("oai-1").await);
        }
        json!({"findings": findings})
    }

    async fn act(&mut self) {
        if self.ids.is_empty() {
            return;
        }
        // Mostly one of the youngest, which are not over yet.
        let young = self.ids.len().saturating_sub(2);
        let id = match self.chance.below(3) {
            0 => self.chance.of(&self.ids),
            _ => self.chance.of(&self.ids[young..]),
        };
        let choice = self.chance.below(9);
        let who = match choice {
            0..=4 | 6 => self.chance.of(&[Amal, Amal, Bruno, Nora]),
            _ => self.chance.of(&[Nora, Nils, Kim, Amal]),
        };
        let postern = self.office.at_moment(who, self.at).await;
        let later_assets = self.chance.of(&[LaterAssets::Covered, LaterAssets::NotCovered]);
        let version = self.chance.of(&[1, 1, 1, 2]);
        let (name, result) = match choice {
            0..=3 => {
                let approve = Decision::Approve {
                    version,
                    seen: None,
                    until: None,
                    conditions: None,
                    later_assets,
                };
                ("approve", decide_exception(&postern, id, approve).await.map(drop))
            }
            4 => ("reject", decide_exception(&postern, id, no()).await.map(drop)),
            5 => ("withdraw", withdraw_exception(&postern, id).await),
            6 => ("revoke", revoke_exception(&postern, id, "Enough.".parse().unwrap()).await),
            7 => ("file draft", file_draft(&postern, id).await),
            _ => {
                let covers = self.covers().await;
                let mut request = self.office.request_for(who, &covers, 60).await;
                request.until = self.at + Duration::days(9);
                ("edit", edit_exception(&postern, id, version, request).await)
            }
        };
        if result.is_ok() {
            *self.done.entry(name).or_default() += 1;
        }
    }

    /// Every exception as it was at a moment, from the acts alone.
    async fn exceptions(&self, at: OffsetDateTime) -> Vec<Exception> {
        let rows: Vec<Value> = sqlx::query_scalar(
            "SELECT DISTINCT ON (exception_id) exception FROM exception_acts WHERE at <= $1
             ORDER BY exception_id, number DESC",
        )
        .bind(at)
        .fetch_all(self.office.world.database.pool())
        .await
        .unwrap();
        rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
    }

    /// The moments at which something happened or ended, a microsecond before, and some in between.
    async fn moments(&mut self) -> Vec<OffsetDateTime> {
        let pool = self.office.world.database.pool();
        let mut moments: Vec<OffsetDateTime> = sqlx::query_scalar(
            "SELECT at FROM exception_acts UNION SELECT at FROM evaluations
             UNION SELECT granted_until FROM exception_spans WHERE granted_until <> 'infinity'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        moments.extend(moments.clone().into_iter().map(|at| at - Duration::MICROSECOND));
        for _ in 0..10 {
            let seconds =
                self.chance.below(u64::try_from((self.at - day(0)).whole_seconds()).unwrap());
            moments.push(day(0) + Duration::seconds(i64::try_from(seconds).unwrap()));
        }
        let end = self.at;
        moments.retain(|at| *at >= day(0) && *at <= end);
        moments.push(end);
        moments
    }
}

#[tokio::test]
async fn by_the_database_findings_stand_as_the_domain_has_it() {
    let (mut excepted, mut pending, mut compared) = (0, 0, 0);
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=4 {
        let mut history = History::of(seed).await;
        for _ in 0..70 {
            history.step().await;
        }
        let vera = history.office.at_moment(Vera, history.at).await;
        for at in history.moments().await {
            let query = FindingQuery {
                status: FindingStatus::All,
                limit: 200,
                as_of: Some(at),
                ..FindingQuery::default()
            };
            let rows = list_findings(&vera, query).await.unwrap().unwrap().rows;
            let exceptions = history.exceptions(at).await;
            for row in rows {
                let is_dev =
                    ACCOUNTS.iter().any(|(name, is_dev)| *is_dev && row.asset.name == *name);
                let concerns = |exception: &&Exception| match &exception.request.covers {
                    Covers::Standing(standing) => {
                        !matches!(exception.state, State::Requested { .. })
                            || (is_dev && row.rule == standing.rule)
                    }
                    Covers::Findings(_) => true,
                };
                let expected = effective(row.id, row.state, exceptions.iter().filter(concerns), at);
                assert_eq!(row.effective, expected, "seed {seed}: {} at {at}", row.id);
                compared += 1;
                excepted += u32::from(is_excepted(expected));
                pending += u32::from(matches!(expected, EffectiveStatus::Pending { .. }));
            }
        }
        for (name, count) in history.done {
            *done.entry(name).or_default() += count;
        }
    }
    println!("{compared} compared, {excepted} excepted, {pending} pending; {done:?}");
    // Without these nothing was shown.
    assert!(compared > 10_000 && excepted > 100 && pending > 100);
    let kinds = ["approve", "edit", "file", "file draft", "reject", "revoke", "withdraw"];
    assert_eq!(done.keys().copied().collect::<Vec<_>>(), kinds, "{done:?}");
}
