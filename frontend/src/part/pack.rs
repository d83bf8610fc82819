//! A pack's name.

use leptos::prelude::*;
use postern_service::view::PackView;

/// A pack with its version and whole digest, as one line that can be selected.
#[component]
pub fn PackName(
    /// The pack.
    pack: PackView,
) -> impl IntoView {
    view! {
        <span class="pack">
            {format!("{} {} ", pack.name, pack.version)}
            <code class="digest">{format!("sha256:{}", pack.digest)}</code>
        </span>
    }
    .into_any()
}
