//! The banners that say when data is not real, or not of now.

use leptos::prelude::*;
use postern_service::view::AsOfView;

use crate::address::href;
use crate::part::day_and_time;

/// Says that data is invented; nothing where it is real.
#[component]
pub fn Banner(
    /// Whether all data is invented.
    is_demo: bool,
) -> impl IntoView {
    is_demo.then(|| {
        view! {
            <aside class="banner" aria-label="About this data">
                <p>"Demo data: invented company Contoso AI. Nothing here is real."</p>
            </aside>
        }
    })
}

/// Says of which moment the page is, with the way back to now; nothing where it is of now.
#[component]
pub fn AsOfBanner(
    /// The moment.
    as_of: Option<AsOfView>,
    /// The page's path.
    path: String,
    /// What its address says beside the moment.
    address: Vec<(String, String)>,
) -> impl IntoView {
    as_of.map(|as_of| {
        let pairs: Vec<(&str, &str)> =
            address.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let now = href(&path, &pairs);
        view! {
            <aside class="banner as-of" aria-label="Moment shown">
                <p>
                    <strong>{format!("As of {}", day_and_time(as_of.moment))}</strong>
                    {format!(
                        ": what was known then, from scan {} of {}. ",
                        as_of.scan,
                        day_and_time(as_of.read_at)
                    )}
                    <a href=now>"Show now"</a>
                </p>
            </aside>
        }
    })
}
