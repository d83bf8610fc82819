//! The decision log: who decided or configured what, when, from where, and what held before and after.
//!
//! An entry is written in the transaction of what it is about: neither is there without the other.

use postern_domain::canonical;
use postern_domain::decision::{Draft, Entry, Head, Verification, Verifier, line};
use postern_domain::person::Permission;
use postern_store::{PgConnection, Postgres, StoreError, Transaction, decision};
use serde_json::Value;

use crate::Postern;
use crate::access::AccessError;
use crate::storable::replace;

/// Entries that are read at a time.
const PAGE: u32 = 5_000;

/// Entries of an export that are sent on at a time: some hundred kilobytes.
const EXPORTED: u32 = 500;

/// Something that is written down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decided {
    /// What was done, such as `retention.set`.
    pub(crate) action: &'static str,
    /// Of what.
    pub(crate) subject: Option<String>,
    /// Why, in the words of who did it.
    pub(crate) reason: Option<String>,
    /// What held until then.
    pub(crate) before: Option<Value>,
    /// What holds since.
    pub(crate) after: Option<Value>,
}

/// Begins a transaction that decides: one after the other, so that what an entry says held before is what the entry before
/// it left. Work that takes long begins without, and [`record`]s at its end.
pub(crate) async fn begin(postern: &Postern) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut transaction = postern.pool.begin().await?;
    decision::hold(&mut transaction).await?;
    Ok(transaction)
}

/// Writes down what whoever acts decided, as the last step of the transaction that does it: others wait to its end.
pub(crate) async fn record(
    postern: &Postern,
    transaction: &mut PgConnection,
    decided: Decided,
) -> Result<(), StoreError> {
    let Decided { action, subject, reason, before, after } = decided;
    // Postgres keeps no U+0000, and hashes are of what it keeps.
    let storable = |mut text: String| {
        replace(&mut text);
        text
    };
    let json = |value: Option<Value>| value.map(|value| storable(canonical::text(&value)));
    let (head, last_at) = decision::hold(transaction).await?;
    let now = postern.clock.now();
    // No later entry is older: where the log ended at a moment stays true. Postgres keeps microseconds.
    let at = last_at.map_or(now, |last| now.max(last));
    let at = at.replace_nanosecond(at.microsecond() * 1_000).expect("below a second");
    let actor = postern.actor();
    let draft = Draft {
        at,
        person: actor.person(),
        who: actor.name().to_owned(),
        address: actor.address().map(str::to_owned),
        action: action.parse().expect("actions are words of ours"),
        subject: subject.map(storable),
        reason: reason.map(storable).filter(|reason| !reason.trim().is_empty()),
        before: json(before),
        after: json(after),
    };
    let entry = Entry::next(&head, draft);
    decision::insert(transaction, &entry).await?;
    tracing::info!(decision.number = entry.number, decision.action = action, "decision recorded");
    Ok(())
}

/// A page of the log, the youngest entry first.
#[derive(Clone, Debug)]
pub struct DecisionsView {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Numbers of entries of this page that somebody changed so that they cannot be read.
    pub unreadable: Vec<i64>,
    /// The number that the next page comes before; `None` where this is the last.
    pub next: Option<i64>,
    /// Where the log ends.
    pub head: Head,
}

/// The entries before one, or the last ones.
pub async fn list_decisions(
    postern: &Postern,
    before: Option<i64>,
    limit: u32,
) -> Result<DecisionsView, AccessError> {
    find_decisions(postern, &DecisionFilter::default(), before, limit).await
}

/// Which entries are listed; all that is said holds of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// Who it was, as the entry says it, without regard to case.
    pub who: Option<String>,
    /// What was done, such as `retention.set`, or the beginning of that, such as `retention`.
    pub action: Option<String>,
}

/// Of the entries before one, or of all, the last ones that a filter lets through.
pub async fn find_decisions(
    postern: &Postern,
    filter: &DecisionFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<DecisionsView, AccessError> {
    postern.require(Permission::ReadDecisions)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let limit = limit.clamp(1, PAGE);
    let only = (filter.who.as_deref(), filter.action.as_deref());
    let mut read = decision::before(&mut session, before, only, limit + 1).await?;
    let has_next = read.len() > limit as usize;
    read.truncate(limit as usize);
    let number =
        |entry: &decision::ReadEntry| entry.as_ref().map_or_else(|(it, _)| *it, |it| it.number);
    let next = read.last().map(number).filter(|_| has_next);
    let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
    for entry in read {
        match entry {
            Ok(entry) => entries.push(entry),
            Err((number, _)) => unreadable.push(number),
        }
    }
    let head = decision::head(&mut session, None).await?;
    Ok(DecisionsView { entries, unreadable, next, head })
}

/// Where the log ends.
pub async fn decision_head(postern: &Postern) -> Result<Head, AccessError> {
    postern.require(Permission::ReadDecisions)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(decision::head(&mut session, None).await?)
}

/// Recomputes every hash, and looks for heads that somebody wrote down.
pub async fn verify_decisions(
    postern: &Postern,
    heads: Vec<Head>,
) -> Result<Verification, AccessError> {
    postern.require(Permission::ReadDecisions)?;
    let mut verifier = Verifier::expecting(heads);
    for_each(postern, |entry| {
        match entry {
            Ok(entry) => verifier.check(&entry),
            Err((number, error)) => verifier.unreadable(number, &error),
        }
        Ok::<_, AccessError>(())
    })
    .await?;
    Ok(verifier.finish())
}

/// The log could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It could not be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An entry cannot be read, which cannot be unless somebody changed it.
    #[error("entry {0} of the decision log was changed and cannot be read; verify the log")]
    Unreadable(i64),
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[from] std::io::Error),
}

/// Writes every entry as a line of JSON; gives where the log ends.
pub async fn export_decisions(
    postern: &Postern,
    out: &mut (dyn std::io::Write + Send),
) -> Result<Head, ExportError> {
    postern.require(Permission::ReadDecisions).map_err(AccessError::from)?;
    let mut head = Head::genesis();
    for_each(postern, |entry| {
        let entry = entry.map_err(|(number, _)| ExportError::Unreadable(number))?;
        writeln!(out, "{}", line(&entry))?;
        head = Head::from(&entry);
        Ok::<_, ExportError>(())
    })
    .await?;
    Ok(head)
}

/// Some of an export: lines, and the number of the last of them.
pub type ExportPage = (String, i64);

/// The lines after an entry, from 0 on, as [`export_decisions`] writes them; `None` after the last. For whoever sends an
/// export on while it is read.
pub async fn export_page(postern: &Postern, after: i64) -> Result<Option<ExportPage>, ExportError> {
    postern.require(Permission::ReadDecisions).map_err(AccessError::from)?;
    let mut session =
        postern.pool.acquire().await.map_err(StoreError::from).map_err(AccessError::from)?;
    let page = decision::after(&mut session, after, EXPORTED).await.map_err(AccessError::from)?;
    let (mut lines, mut last) = (String::new(), None);
    for entry in page {
        let entry = entry.map_err(|(number, _)| ExportError::Unreadable(number))?;
        lines.push_str(&line(&entry));
        lines.push('\n');
        last = Some(entry.number);
    }
    Ok(last.map(|last| (lines, last)))
}

async fn for_each<E: From<AccessError>>(
    postern: &Postern,
    mut on: impl FnMut(decision::ReadEntry) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut session =
        postern.pool.acquire().await.map_err(StoreError::from).map_err(AccessError::from)?;
    let mut after = 0;
    loop {
        let page = decision::after(&mut session, after, PAGE).await.map_err(AccessError::from)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.as_ref().map_or_else(|(number, _)| *number, |entry| entry.number);
        for entry in page {
            on(entry)?;
        }
    }
}
