//! Failures on demand.

/// A way in which the simulated Azure fails, until the faults are set anew.
///
/// `path` is a part of the path of the requests that it concerns, compared without regard to case;
/// an empty one concerns every request to ARM.
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
    /// Never answers.
    Hang {
        /// Which requests.
        path: String,
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
    /// Entra ID refuses every credential with AADSTS7000215.
    RefuseCredentials,
}

impl Fault {
    /// Whether it concerns a request to ARM with this path.
    pub(crate) fn concerns(&self, request_path: &str) -> bool {
        let path = match self {
            Self::Status { path, .. }
            | Self::Throttle { path, .. }
            | Self::MalformedJson { path }
            | Self::TruncatedBody { path }
            | Self::Body { path, .. }
            | Self::Hang { path }
            | Self::ForeignNextLink { path, .. }
            | Self::LoopingNextLink { path } => path,
            Self::RefuseCredentials => return false,
        };
        request_path.to_ascii_lowercase().contains(&path.to_ascii_lowercase())
    }
}
