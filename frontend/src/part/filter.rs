//! Filters of a list: the form that sets them, the chips that take them away, and what is said where nothing is left.

use std::fmt::Write as _;

use leptos::prelude::*;
use postern_domain::team::TeamId;
use postern_service::view::TeamView;

use super::{count, counted};
use crate::FacetSearch;

/// A filter that is set, in words, and the address without it.
#[derive(Clone, Debug)]
pub struct SetFilter {
    /// Of what.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// The same list without it.
    pub without: String,
}

/// The filters that are set, each a link that takes it away; nothing without one.
#[component]
pub fn FilterChips(
    /// The filters that are set.
    filters: Vec<SetFilter>,
    /// The same list without any.
    clear: String,
) -> impl IntoView {
    if filters.is_empty() {
        return ().into_any();
    }
    let chips: Vec<_> = filters
        .into_iter()
        .map(|filter| {
            view! {
                <li>
                    <a class="chip" href=filter.without>
                        <span class="unseen">"Remove filter "</span>
                        <span class="chip-name">{format!("{}: ", filter.name)}</span>
                        {filter.value}
                        <span class="chip-cross" aria-hidden="true">"×"</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <ul class="chips" aria-label="Filters">
            {chips}
            <li><a class="clear" href=clear>"Clear all"</a></li>
        </ul>
    }
    .into_any()
}

/// That nothing matches, with a way to take away each filter.
#[component]
pub fn NoMatch(
    /// What there would be more of, such as `findings`.
    what: &'static str,
    /// The filters that are set.
    filters: Vec<SetFilter>,
    /// The same list without any.
    clear: String,
) -> impl IntoView {
    let set = u64::try_from(filters.len()).unwrap_or_default();
    let links: Vec<_> = filters
        .into_iter()
        .map(|filter| {
            let word = format!("Remove \u{201c}{}: {}\u{201d}", filter.name, filter.value);
            view! { <li><a href=filter.without>{word}</a></li> }
        })
        .collect();
    view! {
        <div class="empty">
            <p>{format!("No {what} match {}.", counted(set, "filter", "filters"))}</p>
            <ul>
                {links}
                <li><a href=clear>"Clear all filters"</a></li>
            </ul>
        </div>
    }
    .into_any()
}

/// A plain form with all filters, applied with one button.
#[component]
pub fn FilterForm(
    /// The list's address without a query string.
    action: String,
    /// What the form does not show but has to keep, by key.
    kept: Vec<(&'static str, Option<String>)>,
    /// What the text is looked for in.
    text_label: &'static str,
    /// The text that is looked for.
    text: Option<String>,
    /// The same list without any filter.
    clear: String,
    /// How many filters are set.
    set: usize,
    /// Where the server counts what the form's fields let through, for [`FacetSearch`]; without it there is no search among
    /// the choices either.
    #[prop(optional)]
    counts: Option<&'static str>,
    /// The choices.
    children: Children,
) -> impl IntoView {
    let kept = kept
        .into_iter()
        .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value? /> }))
        .collect_view();
    let summary = if set == 0 { "Filters".to_owned() } else { format!("Filters ({set} set)") };
    view! {
        <details class="facets" id="filters" open=(set > 0).then_some("")>
            <summary>{summary}</summary>
            <form method="get" action=action aria-label="Filters">
                {kept}
                {counts.map(|counts| view! { <FacetSearch counts=counts.to_owned() /> })}
                <div class="field">
                    <label for="filter-text">{text_label}</label>
                    <input id="filter-text" type="search" name="q" value=text autocomplete="off" />
                </div>
                {children()}
                <div class="facet-actions">
                    <button class="button primary" type="submit">"Apply filters"</button>
                    <a href=clear>"Clear"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// Choices under a heading, a checkbox for each value that something has or that is chosen; nothing where there is none.
pub fn choices<T: PartialEq, N: Copy + Into<u64>>(
    legend: &'static str,
    key: &'static str,
    counts: &[(T, N)],
    chosen: &[T],
    words: impl Fn(&T) -> (String, String),
) -> Option<AnyView> {
    let options: Vec<_> = counts
        .iter()
        .map(|(value, number)| (words(value), (*number).into(), chosen.contains(value)))
        .filter(|(_, number, chosen)| *number > 0_u64 || *chosen)
        .map(|((value, label), number, chosen)| {
            view! {
                <label class="option">
                    <input type="checkbox" name=key value=value checked=chosen />
                    <span class="option-label">{label}</span>
                    <span class="option-count">{count(number)}</span>
                </label>
            }
        })
        .collect();
    (!options.is_empty())
        .then(|| view! { <fieldset><legend>{legend}</legend>{options}</fieldset> }.into_any())
}

/// The counts beside the choices of a form, as a text for [`FacetSearch`].
pub struct CountsText(String);

impl CountsText {
    /// Begins with how many the fields let through, such as `61 findings`.
    pub fn new(matching: String) -> Self {
        Self(format!("Apply filters: {matching}"))
    }

    /// Adds the choices of a field, each by the word that the form sends.
    pub fn add<T, N: Copy + Into<u64>>(
        &mut self,
        key: &str,
        counts: &[(T, N)],
        word: impl Fn(&T) -> &str,
    ) {
        for (value, number) in counts {
            // Writing to a text cannot fail.
            write!(self.0, "\n{key}\t{}\t{}", word(value), count((*number).into())).ok();
        }
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// What people call an owner, by the word that addresses have.
pub fn owner_name(owners: &[(Option<TeamView>, u64)], word: &str, nobody: &str) -> String {
    if word == TeamId::NOBODY {
        return nobody.to_owned();
    }
    let mut teams = owners.iter().filter_map(|(team, _)| team.as_ref());
    let found = teams.find(|team| team.id.as_str() == word);
    found.map_or_else(|| word.to_owned(), |team| team.name.clone())
}
