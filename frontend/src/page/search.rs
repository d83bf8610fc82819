//! What a name leads to: resources, findings and rules.

use leptos::prelude::*;
use postern_service::view::{FindingsView, ResourcesView, RulesView};

use crate::address::{
    RulesAddress, SEARCH, finding_href, findings_href, resource_href, resources_href, rule_href,
    rules_href,
};
use crate::page::findings::heading;
use crate::part::{SeverityBadge, counted};

/// Rows of each kind; a link leads to all of them.
pub const SHOWN: u32 = 10;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was asked for.
    pub text: String,
    /// The resources with it in their name.
    pub resources: ResourcesView,
    /// The open findings of resources with it in their name.
    pub findings: FindingsView,
    /// The rules with it in their id, their title or what they read.
    pub rules: RulesView,
}

/// What was found of each kind.
#[component]
pub fn SearchPage(
    /// What was found; `None` where nothing was asked for.
    found: Option<Found>,
) -> impl IntoView {
    let text = found.as_ref().map(|found| found.text.clone()).unwrap_or_default();
    let content = match found {
        None => view! {
            <p class="empty">
                "A name, or a part of it, finds resources, their open findings, and rules. An id such as F-12, X-3, S-9, R-4 or NET-01 leads straight to its page."
            </p>
        }
        .into_any(),
        Some(found) => content(found),
    };
    view! {
        <div class="page-head">
            <div><h1>"Search"</h1></div>
        </div>
        <form method="get" action=SEARCH role="search" class="tools" aria-label="Search for">
            <label>"Name or id " <input type="search" name="q" value=text /></label>
            <button class="button primary" type="submit">"Search"</button>
        </form>
        {content}
    }
    .into_any()
}

fn content(found: Found) -> AnyView {
    let Found { text, resources, findings, rules } = found;
    let slug = rules.connections.selected.slug.clone();
    let rule_count = u64::try_from(rules.rules.len()).unwrap_or_default();
    if resources.total == 0 && findings.total == 0 && rule_count == 0 {
        return view! {
            <p class="empty" role="status">
                {format!("No resource and no rule has \u{201c}{text}\u{201d} in its name. An id such as F-12 leads straight to its page.")}
            </p>
        }
        .into_any();
    }
    let resource_rows: Vec<_> = resources
        .rows
        .iter()
        .map(|row| {
            let owner = row.owner.as_ref().map_or("no owner", |team| team.name.as_str());
            let below = format!("{} · {owner}", row.asset.asset_type.label());
            let worst = row.worst.map(|severity| view! { " " <SeverityBadge severity=severity /> });
            view! {
                <li>
                    <a href=resource_href(row.number, None)>{row.asset.name.clone()}</a>
                    {worst}
                    <span class="below">{below}</span>
                </li>
            }
        })
        .collect();
    let finding_rows: Vec<_> = findings
        .rows
        .iter()
        .map(|row| {
            view! {
                <li>
                    <a href=finding_href(row.id, None)>{heading(&row.summary)}</a>
                    " "
                    <SeverityBadge severity=row.severity />
                    <span class="below">{format!("{} · {}", row.id, row.asset.name)}</span>
                </li>
            }
        })
        .collect();
    let rule_rows: Vec<_> = rules
        .rules
        .iter()
        .take(SHOWN as usize)
        .map(|rule| {
            view! {
                <li>
                    <a href=rule_href(&rule.id, Some(&slug))>{rule.title.clone()}</a>
                    <span class="below">{rule.id.to_string()}</span>
                </li>
            }
        })
        .collect();
    let all_rules = RulesAddress { connection: Some(slug.clone()), query: rules.query.clone() };
    view! {
        {section("Resources", ("resource", "resources"), resources.total, resources_href(&resources.query), resource_rows)}
        {section("Open findings", ("open finding", "open findings"), findings.total, findings_href(&findings.query), finding_rows)}
        {section("Rules", ("rule", "rules"), rule_count, rules_href(&all_rules), rule_rows)}
    }
    .into_any()
}

/// The first of a kind, with a link to all.
fn section(
    name: &'static str,
    (one, many): (&str, &str),
    total: u64,
    all: String,
    rows: Vec<impl IntoView + 'static>,
) -> AnyView {
    let heading = format!("found-{}", name.to_lowercase().replace(' ', "-"));
    let content = if rows.is_empty() {
        view! { <p class="empty">"None."</p> }.into_any()
    } else {
        let more = (total > u64::from(SHOWN)).then(|| {
            view! { <p class="more"><a href=all>{format!("All {}", counted(total, one, many))}</a></p> }
        });
        view! { <ul class="plain">{rows}</ul> {more} }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{name}</h2>
            {content}
        </section>
    }
    .into_any()
}
