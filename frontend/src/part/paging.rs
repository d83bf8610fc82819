//! The pages of a list.

use leptos::prelude::*;

use super::{count, counted};

/// Which rows of how many, such as `1–50 of 214 findings`.
pub fn rows_of(offset: u64, rows: usize, total: u64, (one, many): (&str, &str)) -> String {
    let total = counted(total, one, many);
    if rows == 0 {
        return total;
    }
    let last = offset + u64::try_from(rows).unwrap_or_default();
    format!("{}–{} of {total}", count(offset + 1), count(last))
}

/// The ways to the first page and to the next, where there are such.
#[component]
pub fn Pages(
    /// The address of the first page; `None` where it is this one.
    first: Option<String>,
    /// The address of the next page.
    next: Option<String>,
) -> impl IntoView {
    if first.is_none() && next.is_none() {
        return ().into_any();
    }
    let first =
        first.map(|to| view! { <li><a class="button" rel="first" href=to>"First page"</a></li> });
    let next =
        next.map(|to| view! { <li><a class="button" rel="next" href=to>"Next page"</a></li> });
    view! { <nav class="pages" aria-label="Pages"><ul>{first} {next}</ul></nav> }.into_any()
}
