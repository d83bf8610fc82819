//! A pack's name.

use leptos::prelude::*;
use postern_service::view::{PackOrigin, PackView};

/// A pack with its version, its whole digest and what vouches for it, as one line that can be selected.
#[component]
pub fn PackName(
    /// The pack.
    pack: PackView,
) -> impl IntoView {
    view! {
        <span class="pack">
            {format!("{} {} ", pack.name, pack.version)}
            <code class="digest">{format!("sha256:{}", pack.digest)}</code>
            {format!(" {}", PackOrigin::in_words(pack.origin.as_ref()))}
        </span>
    }
    .into_any()
}
