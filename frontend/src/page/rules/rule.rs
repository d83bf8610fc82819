//! One rule: what it wants and why, what it reads, and what it says now.

use leptos::prelude::*;
use postern_domain::rule::PropertyRead;
use postern_service::view::{RuleControlView, RuleView, SettingView, TrendSelection};
use serde_json::Value;

use super::{NUMBERS, crumbs, number_of};
use crate::address::{RULES, control_href, trend_href};
use crate::page::finding::{Fix, Remedy};
use crate::page::overview::only_of;
use crate::part::{
    Column, ListTable, Notice, NoticeKind, PackName, SeverityBadge, counted, day_and_time,
};

/// The page of a rule.
#[component]
pub fn RulePage(
    /// What to show.
    view: RuleView,
) -> impl IntoView {
    let rule = view.rule.clone();
    let slug = view.connections.selected.slug.clone();
    let types: Vec<_> = rule
        .asset_types
        .iter()
        .map(|kind| view! { <li>{kind.label()}" "<code class="id">{kind.to_string()}</code></li> })
        .collect();
    let exceptions: Vec<_> =
        rule.exceptions.iter().map(|text| view! { <li>{text.clone()}</li> }).collect();
    let exceptions = (!exceptions.is_empty()).then(|| {
        view! { <div><dt>"Does not apply to"</dt><dd><ul class="plain">{exceptions}</ul></dd></div> }
    });
    let pack = match view.pack.clone() {
        Some(pack) => view! { <PackName pack=pack /> }.into_any(),
        None => view! { <span>"none that is active"</span> }.into_any(),
    };
    let retired = view.pack.is_none().then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>"No active pack has this rule any more. This is what the last pack that had it said of it."</p>
            </Notice>
        }
    });
    let fix = Fix {
        remediation: rule.remediation.clone(),
        policies: rule.policies.clone(),
        policy_difference: rule.policy_difference.clone(),
        references: rule.references.clone(),
    };
    view! {
        {crumbs(RULES, "Rules", Some(&slug), rule.id.to_string())}
        <h1>{rule.title.clone()}<span class="h1-more">{format!(" {}", rule.id)}</span></h1>
        <p class="facts">
            <SeverityBadge severity=rule.severity />
            <span>{rule.topic.label()}</span>
        </p>
        {view.limited_to.as_deref().map(only_of)}
        {retired}
        <div class="prose"><p>{rule.rationale.clone()}</p></div>
        {results(&view, &slug)}
        <section class="panel" aria-labelledby="judges-heading">
            <h2 id="judges-heading">"How it judges"</h2>
            <dl class="pairs">
                <div><dt>"Severity"</dt><dd>{format!("{} · {}", rule.severity.label(), rule.severity_reason)}</dd></div>
                <div><dt>"Applies to"</dt><dd><ul class="plain">{types}</ul></dd></div>
                {exceptions}
                <div><dt>"Pack"</dt><dd>{pack}</dd></div>
            </dl>
            {reads(&rule.reads)}
        </section>
        {settings(&view.settings)}
        {controls(&view.controls, &slug)}
        <Remedy fix=fix />
    }
    .into_any()
}

fn results(view: &RuleView, slug: &str) -> AnyView {
    let name = &view.connections.selected.name;
    let of_rule = TrendSelection { rule: Some(view.rule.id.clone()), ..TrendSelection::default() };
    let trend = trend_href(slug, &of_rule, None, None);
    let source = match view.read_at {
        Some(at) => format!("{name}, last read {}", day_and_time(at)),
        None => format!("Nothing was read of {name} yet."),
    };
    let newer = view.is_newer_than_results.then(|| {
        view! { <p class="hint">"The pack was activated after that: it judges from the next scan on."</p> }
    });
    let content = match view.tally {
        None => view! { <p>"It did not run in the latest evaluation."</p> }.into_any(),
        Some(tally) => {
            let open = tally.fail.saturating_sub(tally.excepted);
            let values = [open, tally.excepted, tally.unknown, tally.pass, tally.not_applicable];
            let pairs: Vec<_> = NUMBERS
                .into_iter()
                .zip(values)
                .map(|(of, number)| {
                    let value = number_of(&view.rule.id, of, number, slug);
                    view! { <div><dt>{of.0}</dt><dd>{value}</dd></div> }
                })
                .collect();
            let all = tally.pass + tally.fail + tally.unknown + tally.not_applicable;
            let unread = (tally.unread > 0).then(|| {
                let lists = counted(tally.unread, "list", "lists");
                view! { <p class="hint">{format!("{lists} of such resources could not be read to the end, and may hide some.")}</p> }
            });
            view! {
                <p>{format!("{}, one for each resource that it is about.", counted(all, "check", "checks"))}</p>
                <dl class="numbers">{pairs}</dl>
                {unread}
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="results-heading">
            <h2 id="results-heading">"Results now"</h2>
            <p class="source">{source}</p>
            {newer}
            {content}
            <p><a href=trend>"Trend of this rule"</a></p>
        </section>
    }
    .into_any()
}

fn reads(reads: &[PropertyRead]) -> AnyView {
    let rows: Vec<_> = reads
        .iter()
        .map(|read| {
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader" data-label="Property"><code class="id">{read.path.clone()}</code></th>
                    <td role="cell" data-label="Where absent">{read.absent.clone()}</td>
                    <td role="cell" data-label="Read by">{read.source.clone()}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <h3>"What it reads"</h3>
        <ListTable
            label="Table of properties"
            caption="Properties that the rule reads, and what holds where Azure names none"
            hides_caption=true
            columns=&[Column::Text("Property"), Column::Text("Where absent"), Column::Text("Read by")]
        >
            {rows}
        </ListTable>
    }
    .into_any()
}

fn settings(settings: &[SettingView]) -> Option<AnyView> {
    if settings.is_empty() {
        return None;
    }
    let items: Vec<_> = settings.iter().map(setting).collect();
    Some(
        view! {
            <section class="panel" aria-labelledby="settings-heading">
                <h2 id="settings-heading">"Settings that it uses"</h2>
                <dl class="pairs">{items}</dl>
            </section>
        }
        .into_any(),
    )
}

fn setting(setting: &SettingView) -> AnyView {
    let origin = if setting.value == setting.default {
        "the pack's default".to_owned()
    } else {
        format!("set; the pack's default is {}", written(&setting.default))
    };
    let scopes: Vec<_> = setting
        .overridden
        .iter()
        .map(|other| {
            let reason = other.reason.as_ref().map(|reason| format!(" ({reason})"));
            view! { <li>{other.scope.clone()}": "<code>{written(&other.value)}</code>{reason}</li> }
        })
        .collect();
    let scopes = if setting.overridden.is_empty() {
        setting
            .is_overridden
            .then(|| view! { <p class="hint">"Some scopes have another value."</p> }.into_any())
    } else {
        Some(view! { <ul class="plain">{scopes}</ul> }.into_any())
    };
    view! {
        <div>
            <dt><code class="id">{setting.name.clone()}</code></dt>
            <dd>
                <code>{written(&setting.value)}</code>
                <span class="below">{origin}</span>
                {setting.description.clone().map(|text| view! { <span class="below">{text}</span> })}
                {scopes}
            </dd>
        </div>
    }
    .into_any()
}

/// A value as JSON.
fn written(value: &Value) -> String {
    value.to_string()
}

fn controls(controls: &[RuleControlView], slug: &str) -> Option<AnyView> {
    if controls.is_empty() {
        return None;
    }
    let mut frameworks: Vec<(String, Vec<AnyView>)> = Vec::new();
    for control in controls {
        let reference = &control.control;
        let to = control_href(&reference.framework, &reference.control, Some(slug), None);
        let title = control.title.clone().map(|title| format!(" {title}"));
        let item =
            view! { <li><a href=to>{reference.control.to_string()}</a>{title}</li> }.into_any();
        match frameworks.last_mut().filter(|(name, _)| *name == control.framework) {
            Some((_, items)) => items.push(item),
            None => frameworks.push((control.framework.clone(), vec![item])),
        }
    }
    let frameworks: Vec<_> = frameworks
        .into_iter()
        .map(|(name, items)| view! { <div><dt>{name}</dt><dd><ul>{items}</ul></dd></div> })
        .collect();
    Some(
        view! {
            <section class="panel" aria-labelledby="controls-heading">
                <h2 id="controls-heading">"Controls that it is evidence for"</h2>
                <dl class="pairs">{frameworks}</dl>
            </section>
        }
        .into_any(),
    )
}
