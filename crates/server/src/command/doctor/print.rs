//! A check-up for people and for programs.

use std::fmt::Display;
use std::path::Path;

use serde_json::{Value, json};

use super::checkup::{Checkup, State};
use super::lacks::Lack;

/// How many names a line bears.
const NAMES: usize = 5;

/// The check-up as JSON; the keys are a promise to programs.
pub(super) fn as_json(checkup: &Checkup, lacks: &[Lack], role: Option<&Value>) -> Value {
    let steps: Vec<Value> = checkup
        .steps
        .iter()
        .map(|step| json!({"step": step.name, "state": state(step.state), "said": step.said}))
        .collect();
    let subscriptions: Vec<Value> = checkup
        .access
        .iter()
        .map(|subscription| {
            let missing = subscription.missing.as_ref();
            json!({
                "id": subscription.id,
                "name": subscription.name,
                "missing": missing.ok().map(|missing| {
                    missing.iter().map(|missing| missing.action).collect::<Vec<_>>()
                }),
                "unknown_because": missing.err().map(|reason| &reason.message),
            })
        })
        .collect();
    let missing: Vec<Value> = lacks
        .iter()
        .map(|lack| {
            json!({
                "action": lack.action,
                "subscriptions": lack.subscriptions,
                "asset_types": lack.asset_types,
                "facts": lack.facts,
                "rules": lack.rules,
            })
        })
        .collect();
    let not_listed: Vec<Value> = checkup
        .not_listed
        .iter()
        .map(|(scope, reason)| {
            json!({"scope": scope, "action": reason.action, "because": reason.message})
        })
        .collect();
    let is_ok = checkup.steps.iter().all(|step| step.state != State::Failed);
    json!({
        "connection": checkup.slug,
        "ok": is_ok,
        "steps": steps,
        "subscriptions": subscriptions,
        "not_listed": not_listed,
        "missing": missing,
        "role_definition": role,
    })
}

/// The check-up as text.
pub(super) fn as_text(checkup: &Checkup, lacks: &[Lack], role_file: Option<&Path>) -> String {
    let mut text = format!("Connection \"{}\"\n\n", checkup.slug);
    for step in &checkup.steps {
        line(&mut text, &format!("  {:<8}  {:<16}  {}", state(step.state), step.name, step.said));
    }
    if !checkup.not_listed.is_empty() {
        line(&mut text, "\nNot listed:");
    }
    for (scope, reason) in &checkup.not_listed {
        line(&mut text, &format!("  {scope}: {}", reason.message));
    }
    let silent = checkup.access.iter().filter_map(|subscription| {
        let reason = subscription.missing.as_ref().err()?;
        Some(format!("  {}: {}", subscription.name, reason.message))
    });
    let silent: Vec<String> = silent.collect();
    if !silent.is_empty() {
        line(&mut text, "\nNot told what is allowed:");
        for silent in &silent {
            line(&mut text, silent);
        }
    }
    for lack in lacks {
        line(&mut text, &format!("\nMissing: {}", lack.action));
        let subscriptions = listed(lack.subscriptions.iter());
        line(&mut text, &format!("  in {}: {subscriptions}", subscriptions_text(lack)));
        if !lack.asset_types.is_empty() {
            let types = listed(lack.asset_types.iter());
            line(&mut text, &format!("  assets that cannot be listed: {types}"));
        }
        if !lack.facts.is_empty() {
            let facts = listed(lack.facts.iter());
            line(&mut text, &format!("  related facts that become unreadable: {facts}"));
        }
        if lack.asset_types.is_empty() && lack.facts.is_empty() {
            line(&mut text, "  it serves the scan as a whole");
        }
        if !lack.rules.is_empty() {
            let rules: Vec<String> = lack.rules.iter().map(ToString::to_string).collect();
            line(&mut text, &format!("  rules that turn unknown: {}", rules.join(", ")));
        }
    }
    match role_file {
        Some(file) => {
            let file = file.display();
            line(&mut text, &format!("\nThe role definition is written to {file}. To use it:\n"));
            line(&mut text, &format!("  az role definition create --role-definition {file}"));
            line(
                &mut text,
                "  az role assignment create --assignee CLIENT_ID --role \"Postern Reader\" --scope SCOPE",
            );
        }
        None if !lacks.is_empty() => line(
            &mut text,
            "\nThe built-in role Reader allows all of this. For a role with exactly these actions, add --role-definition role.json.",
        ),
        None => {}
    }
    text
}

fn subscriptions_text(lack: &Lack) -> String {
    match lack.subscriptions.len() {
        1 => "1 subscription".to_owned(),
        count => format!("{count} subscriptions"),
    }
}

fn listed(names: impl ExactSizeIterator<Item = impl Display>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let shown: Vec<String> = names.take(NAMES).map(|name| name.to_string()).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn state(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Failed => "failed",
        State::Skipped => "skipped",
    }
}
