//! Failures on demand.

mod active;
mod strike;

use serde_json::Value;

pub(crate) use active::ActiveFaults;
pub(crate) use strike::{Call, Strike};

/// A way in which the simulated Azure fails, until the faults are set anew.
///
/// `path` is a part of the path of the requests that it concerns, compared without regard to case;
/// an empty one concerns every request to ARM, Resource Graph included.
/// `id` is an ARM id in any case. `requests` counts those to ARM since the faults were set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with an error status and Azure's error body for it
    /// (403 names the action that is lacking, 404 is `ResourceNotFound`, 500 is `InternalServerError`).
    Status {
        /// Which requests.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// Answers 429 with `Retry-After` for the next `times` requests, then as usual.
    Throttle {
        /// Which requests.
        path: String,
        /// The value of `Retry-After`, in seconds.
        retry_after: u64,
        /// How many requests are refused.
        times: u32,
    },
    /// Answers with an error status for the next `times` requests, then as usual.
    Burst {
        /// Which requests.
        path: String,
        /// The HTTP status, such as 500, 502 or 503.
        status: u16,
        /// How many requests fail.
        times: u32,
    },
    /// Each request by itself may be answered with 500, with 503, with 429 and a `Retry-After` of one second,
    /// not at all, or with half of the body; never more than twice in a row for the same URL and body.
    Flaky {
        /// Of 100 requests, how many fail.
        percent: u8,
        /// Which ones: the same seed fails the same attempts at the same URLs.
        seed: u64,
    },
    /// Answers 200 with a body that is not JSON.
    MalformedJson {
        /// Which requests.
        path: String,
    },
    /// Ends the connection in the middle of the body.
    TruncatedBody {
        /// Which requests.
        path: String,
    },
    /// Answers with another body.
    Body {
        /// Which requests.
        path: String,
        /// The whole body.
        body: String,
    },
    /// Answers 200 with a list of so much JSON, made while it is sent.
    Oversized {
        /// Which requests.
        path: String,
        /// How much.
        megabytes: u64,
    },
    /// Never answers.
    Hang {
        /// Which requests.
        path: String,
    },
    /// Answers late.
    Slow {
        /// Which requests.
        path: String,
        /// How late, in real time.
        millis: u64,
    },
    /// Closes the connection without an answer, for the next `times` requests.
    Drop {
        /// Which requests.
        path: String,
        /// How many requests are lost.
        times: u32,
    },
    /// Replaces the host of every `nextLink`.
    ForeignNextLink {
        /// Which requests.
        path: String,
        /// The other origin, such as `https://attacker.example`.
        origin: String,
    },
    /// Every `nextLink` leads back to the same page.
    LoopingNextLink {
        /// Which requests.
        path: String,
    },
    /// Every page links to a further one; those after the last entry are empty.
    EndlessNextLink {
        /// Which requests.
        path: String,
    },
    /// Resource Graph sends the first half of the rows, says that they are truncated, and gives no `$skipToken`.
    GraphTruncated,
    /// Resource Graph answers every query with an error.
    GraphRefused {
        /// The HTTP status.
        status: u16,
    },
    /// Resource Graph does not know these resources yet.
    GraphLag {
        /// The resources' ids.
        ids: Vec<String>,
    },
    /// Resource Graph still shows these resources, which ARM no longer has.
    GraphStale {
        /// The resources' ids.
        ids: Vec<String>,
    },
    /// ARM and Resource Graph lose a resource and all below it in the middle of a scan.
    DeletedAfter {
        /// The resource's id.
        id: String,
        /// After how many requests.
        requests: usize,
    },
    /// A subscription is gone from then on: `SubscriptionNotFound`, and no rows of it.
    SubscriptionGone {
        /// The subscription's id, with or without `/subscriptions/`.
        id: String,
        /// After how many requests.
        requests: usize,
    },
    /// A resource has another body, in ARM and in the columns that Resource Graph sends.
    OddResource {
        /// The resource's id.
        id: String,
        /// The body, of whatever shape.
        with: Value,
    },
    /// One more entry without a usable id, in the lists of assets and in Resource Graph's `resources`:
    /// in those of its `type`, or in all where it has none.
    OddRow {
        /// The entry, of whatever shape.
        row: Value,
    },
    /// The caller may not do something.
    Denied {
        /// The id of the scope at and below which it may not; empty for the whole tenant.
        scope: String,
        /// Such as `Microsoft.Search/searchServices/read`; `*` stands for anything, as in Azure's roles.
        action: String,
    },
    /// The caller is no Reader: it has a role with these actions everywhere, and with no other.
    Role {
        /// Such as `Microsoft.Search/searchServices/read`; `*` stands for anything, as in Azure's roles.
        actions: Vec<String>,
    },
    /// Entra ID refuses every credential with AADSTS7000215.
    RefuseCredentials,
    /// After so many tokens Entra ID refuses the secret as expired, with AADSTS7000222.
    RevokedSecret {
        /// How many tokens it still issues.
        tokens: usize,
    },
    /// The tokens that Entra ID issues from now on live so long; then ARM answers `ExpiredAuthenticationToken`.
    ExpiringTokens {
        /// How long.
        seconds: u64,
    },
    /// Azure's clock is ahead of the real one, or behind it: the `Date` header, and when ARM regards a token
    /// as expired.
    WrongClock {
        /// How far ahead.
        seconds: i64,
    },
}

impl Fault {
    /// The part of a path that it looks for; `None` where it does not concern paths.
    fn path(&self) -> Option<&str> {
        match self {
            Self::Status { path, .. }
            | Self::Throttle { path, .. }
            | Self::Burst { path, .. }
            | Self::MalformedJson { path }
            | Self::TruncatedBody { path }
            | Self::Body { path, .. }
            | Self::Oversized { path, .. }
            | Self::Hang { path }
            | Self::Slow { path, .. }
            | Self::Drop { path, .. }
            | Self::ForeignNextLink { path, .. }
            | Self::LoopingNextLink { path }
            | Self::EndlessNextLink { path } => Some(path),
            Self::Flaky { .. } => Some(""),
            Self::GraphRefused { .. } => Some("/microsoft.resourcegraph/resources"),
            _ => None,
        }
    }

    /// How many requests it still concerns, where that is limited.
    fn times(&self) -> Option<u32> {
        match self {
            Self::Throttle { times, .. } | Self::Burst { times, .. } | Self::Drop { times, .. } => {
                Some(*times)
            }
            _ => None,
        }
    }
}
