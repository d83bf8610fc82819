//! One control: what it asks for, what is evidence for it, and where that ends.

use leptos::prelude::*;
use postern_domain::framework::{ControlKind, ControlReference, ControlStatus, MappingOrigin};
use postern_domain::id::RuleId;
use postern_service::view::{
    ControlView, FindingQuery, FindingStatus, MappedRuleView, TrendSelection,
};
use time::OffsetDateTime;

use super::tree::{Branches, ControlList};
use super::words::{checks_in_words, tone};
use super::{lead, limits, notices};
use crate::address::{
    FRAMEWORKS, FrameworkAddress, connection_href, control_href, findings_href, framework_href,
    rule_href, trend_href,
};
use crate::page::findings::{FindingTable, FindingsOf};
use crate::part::{Column, ListTable, SeverityBadge, ToneBadge, count, counted};

/// The page of a control.
#[component]
pub fn ControlPage(
    /// What to show.
    view: ControlView,
) -> impl IntoView {
    let assessed = view.assessed.clone();
    let as_of = assessed.as_of.map(|as_of| as_of.moment);
    let control = view.control.clone();
    let checks = checks_in_words(&control);
    let checks = (!checks.is_empty()).then(|| view! { <span>{checks}</span> });
    let title = view
        .title
        .clone()
        .map(|title| view! { <span class="h1-more">{format!(" {title}")}</span> });
    view! {
        {crumbs(&view, as_of)}
        <h1>{control.id.to_string()}{title}</h1>
        <p class="lead">{format!("{} · {}", view.framework.name.clone(), lead(&assessed))}</p>
        {limits(&assessed)}
        {notices(&assessed)}
        <p class="facts">
            <ToneBadge tone=tone(control.status) word=control.status.label().to_owned() />
            <span>{control.kind.label()}</span>
            {checks}
        </p>
        {asks(&view)}
        {how(&view)}
        {rules(&view, as_of)}
        {open(&view, as_of)}
        {parts(&view, as_of)}
    }
    .into_any()
}

/// Back to the tree, with the branches open that lead here.
fn crumbs(view: &ControlView, as_of: Option<OffsetDateTime>) -> AnyView {
    let slug = Some(view.assessed.connections.selected.slug.clone());
    let list = connection_href(FRAMEWORKS, slug.as_deref(), as_of);
    let mut open: Vec<String> = view.groups.iter().map(|(id, _)| id.clone()).collect();
    open.extend(view.parent.iter().map(|parent| parent.id.to_string()));
    let address =
        FrameworkAddress { connection: slug.clone(), open, ..FrameworkAddress::default() };
    let framework = framework_href(&view.framework.id, &address, as_of);
    let parent = view.parent.as_ref().map(|parent| {
        let to = control_href(&view.framework.id, &parent.id, slug.as_deref(), as_of);
        view! { <li><a href=to>{parent.id.to_string()}</a></li> }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>"Frameworks"</a></li>
                <li><a href=framework>{view.framework.name.clone()}</a></li>
                {parent}
                <li aria-current="page">{view.control.id.to_string()}</li>
            </ol>
        </nav>
    }
    .into_any()
}

fn asks(view: &ControlView) -> AnyView {
    let groups: Vec<String> = view
        .groups
        .iter()
        .map(|(id, title)| match title {
            Some(title) if title != id => format!("{id} {title}"),
            _ => id.clone(),
        })
        .collect();
    let part_of = (!groups.is_empty()).then(|| view! { <p class="hint">{groups.join(" › ")}</p> });
    let words = match &view.description {
        Some(description) => view! { <p>{description.clone()}</p> }.into_any(),
        None => view! {
            <p>"Nothing of it is looked at here, so its own words are what to read."</p>
        }
        .into_any(),
    };
    let source = view.source.clone();
    let provenance = view.provenance.clone().map(|text| view! { <p class="hint">{text}</p> });
    view! {
        <section class="panel" aria-labelledby="asks-heading">
            <h2 id="asks-heading">"What is looked at"</h2>
            {part_of}
            <div class="prose">{words}</div>
            <p><a href=source rel="noreferrer">"Read the framework where it is published"</a></p>
            {provenance}
        </section>
    }
    .into_any()
}

fn how(view: &ControlView) -> AnyView {
    let sentence = match view.control.kind {
        ControlKind::Automated => "Rules look at all that it asks of what Postern reads.",
        ControlKind::Partly => "Rules look at a part of it. What they do not look at:",
        ControlKind::WithoutRules => {
            "Rules are to look at it, and no pack that judged has one. It is not checked, whatever else passes."
        }
        ControlKind::Manual => {
            "A person has to look. Postern keeps no record of what they found, so the control stays manual. What to look at:"
        }
        ControlKind::NotAssessable => "It cannot be assessed from Azure, because:",
    };
    let reason = view.reason.clone().map(|reason| view! { <p>{reason}</p> });
    let limits = (view.control.tally.unread > 0).then(|| {
        let lists = counted(view.control.tally.unread, "list", "lists");
        view! {
            <p>{format!("In {lists} of resources that its rules are about, something may be missing: the control cannot pass before they are read.")}</p>
        }
    });
    let because = match view.control.status {
        ControlStatus::Excepted => {
            Some("Everything that fails is accepted by an exception, which is no pass.")
        }
        ControlStatus::NotApplicable => {
            Some("Everything was looked at, and there is nothing here that it concerns.")
        }
        _ => None,
    };
    view! {
        <section class="panel" aria-labelledby="how-heading">
            <h2 id="how-heading">"How it is assessed"</h2>
            <div class="prose">
                <p>{sentence}</p>
                {reason}
                {limits}
                {because.map(|because| view! { <p>{because}</p> })}
                <p class="hint">{view.mapping.clone()}</p>
            </div>
        </section>
    }
    .into_any()
}

fn rules(view: &ControlView, as_of: Option<OffsetDateTime>) -> Option<AnyView> {
    if view.rules.is_empty() {
        return None;
    }
    let slug = view.assessed.connections.selected.slug.clone();
    let reference =
        ControlReference { framework: view.framework.id.clone(), control: view.control.id.clone() };
    let of_control = TrendSelection { control: Some(reference), ..TrendSelection::default() };
    let trend = trend_href(&slug, &of_control, None, as_of);
    let rows: Vec<_> = view.rules.iter().map(|rule| rule_row(rule, &slug, as_of)).collect();
    Some(
        view! {
            <section class="panel" aria-labelledby="rules-heading">
                <h2 id="rules-heading">"Rules that are evidence for it"</h2>
                <ListTable
                    label="Table of rules"
                    caption="Checks by result: one check is one rule on one resource"
                    class="rules"
                    columns=&[
                        Column::Text("Rule"),
                        Column::Text("Severity"),
                        Column::Number("Fail"),
                        Column::Number("Excepted"),
                        Column::Number("Unknown"),
                        Column::Number("Pass"),
                        Column::Number("Not applicable"),
                    ]
                >
                    {rows}
                </ListTable>
                <p><a href=trend>"Trend of these rules"</a></p>
            </section>
        }
        .into_any(),
    )
}

fn rule_row(rule: &MappedRuleView, slug: &str, as_of: Option<OffsetDateTime>) -> AnyView {
    let origin = match rule.origin {
        MappingOrigin::Pack => "named by its pack",
        MappingOrigin::Framework => "mapped by the framework's file",
    };
    let (title, severity) = match &rule.described {
        Some((title, severity, _)) => (title.clone(), Some(*severity)),
        None => ("No pack that judged has this rule".to_owned(), None),
    };
    let name = match severity {
        Some(_) => view! { <a class="row-link" href=rule_href(&rule.rule, Some(slug))>{title}</a> }
            .into_any(),
        None => view! { <span>{title}</span> }.into_any(),
    };
    let severity = match severity {
        Some(severity) => view! { <SeverityBadge severity=severity /> }.into_any(),
        None => view! { <span class="hint">"not known"</span> }.into_any(),
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Rule">
                {name}
                <span class="below"><span class="id">{rule.rule.to_string()}</span>{format!(" · {origin}")}</span>
            </th>
            <td role="cell" data-label="Severity">{severity}</td>
            {numbers(rule, slug, as_of)}
        </tr>
    }
    .into_any()
}

/// The verdicts of a rule; those that stand in a list lead to it.
fn numbers(rule: &MappedRuleView, slug: &str, as_of: Option<OffsetDateTime>) -> AnyView {
    let Some(tally) = rule.tally else {
        return view! { <td role="cell" data-label="Checks" colspan="5">"did not run"</td> }
            .into_any();
    };
    let number = |label: &'static str, number: u64, status: Option<FindingStatus>| {
        let words = count(number);
        let value = match status.filter(|_| number > 0) {
            Some(status) => {
                let to = findings_of(&rule.rule, status, slug, as_of);
                let label = format!("{words} {} of {}", label.to_lowercase(), rule.rule);
                view! { <a href=to aria-label=label>{words}</a> }.into_any()
            }
            None => view! { <span>{words}</span> }.into_any(),
        };
        view! { <td role="cell" class="number" data-label=label>{value}</td> }
    };
    let open = tally.fail.saturating_sub(tally.excepted);
    view! {
        {number("Fail", open, Some(FindingStatus::Open))}
        {number("Excepted", tally.excepted, Some(FindingStatus::Excepted))}
        {number("Unknown", tally.unknown, Some(FindingStatus::Unknown))}
        {number("Pass", tally.pass, None)}
        {number("Not applicable", tally.not_applicable, None)}
    }
    .into_any()
}

fn findings_of(
    rule: &RuleId,
    status: FindingStatus,
    slug: &str,
    as_of: Option<OffsetDateTime>,
) -> String {
    findings_href(&FindingQuery {
        connection: Some(slug.to_owned()),
        status,
        rule: Some(rule.clone()),
        as_of,
        ..FindingQuery::default()
    })
}

fn open(view: &ControlView, as_of: Option<OffsetDateTime>) -> Option<AnyView> {
    if view.rules.is_empty() {
        return None;
    }
    let content = if view.open.is_empty() {
        view! { <p>"No open finding of these rules."</p> }.into_any()
    } else {
        let shown = u64::try_from(view.open.len()).unwrap_or_default();
        let more = (view.open_total > shown).then(|| {
            let all = counted(view.open_total, "open finding", "open findings");
            view! {
                <p>{format!("These are the worst {shown} of {all}. The numbers in the table of rules lead to all of them.")}</p>
            }
        });
        view! {
            {more}
            <FindingTable
                rows=view.open.clone()
                caption="Open findings of these rules, the worst first; times in UTC".to_owned()
                of=FindingsOf::AnyAsset
                as_of=as_of
            />
        }
        .into_any()
    };
    Some(
        view! {
            <section class="panel" aria-labelledby="open-heading">
                <h2 id="open-heading">"Resources that fail"</h2>
                {content}
            </section>
        }
        .into_any(),
    )
}

fn parts(view: &ControlView, as_of: Option<OffsetDateTime>) -> Option<AnyView> {
    if view.parts.is_empty() {
        return None;
    }
    let address = FrameworkAddress {
        connection: Some(view.assessed.connections.selected.slug.clone()),
        ..FrameworkAddress::default()
    };
    let branches = Branches::of(view.framework.id.clone(), address, as_of, (0, false));
    Some(
        view! {
            <section class="panel" aria-labelledby="parts-heading">
                <h2 id="parts-heading">"Parts of it"</h2>
                <ControlList controls=view.parts.clone() branches=branches />
            </section>
        }
        .into_any(),
    )
}
