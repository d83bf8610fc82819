//! Policy assignments: what is assigned, where, and with which effect.

use postern_rules_sdk::{Evidence, Node, Reading, Setting, SettingKind, Text, Unreadable, Value};

use super::definitions::{ACCOUNTS, default_effect, types};
use super::initiatives::{EFFECT, Member, MemberEffect, members};

/// What stands for a built-in policy.
pub static EQUIVALENT_POLICIES: Setting = Setting {
    name: "equivalentPolicies",
    description: "Policies and initiatives of the organisation that enforce what a built-in policy enforces, as name=id of the built-in policy, such as deny-public-ai=037eea7a-bd0a-46c5-9a66-03aea78705d3; name=none for an initiative that holds no policy on AI resources. Empty: none is known, and what an initiative of the organisation holds is unknown.",
    kind: SettingKind::Texts { default: &[], pattern: "^[^=]+=([0-9a-fA-F-]{36}|none)$" },
};

const DEFINITION: &str = "properties.policyDefinitionId";
/// Allowed locations, and Allowed resource types.
const GENERAL: [&str; 2] =
    ["e56962a6-4747-49cd-b67b-bf8b01975c4c", "a08ec900-254a-4555-9bf5-e42af04b5c5c"];

/// An assignment, with what it assigns.
#[derive(Debug)]
pub struct Assignment<'n, 'a> {
    /// The assignment as Azure returned it.
    pub node: &'n Node<'a>,
    /// What it assigns.
    pub assigned: Assigned<'a>,
}

/// What an assignment assigns, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned<'a> {
    /// A built-in policy.
    Policy(&'a str),
    /// A built-in initiative.
    Initiative(&'a str),
    /// A policy of the organisation.
    OwnPolicy(&'a str),
    /// An initiative of the organisation.
    OwnInitiative(&'a str),
}

/// The effect that a policy has in an assignment, and where it comes from.
#[derive(Debug)]
pub struct Effect<'a> {
    /// Such as `Deny`.
    pub name: &'a str,
    /// Whether it is one of a policy that the organisation says is equivalent.
    pub is_declared: bool,
    /// What a built-in initiative calls the policy; `None` where the policy is assigned by itself.
    pub reference: Option<&'static str>,
    reading: Reading<'a, &'a str>,
    note: Option<Text>,
}

impl Effect<'_> {
    /// Whether it is one of `effects`.
    pub fn is_any_of(&self, effects: &[&str]) -> bool {
        effects.iter().any(|effect| effect.eq_ignore_ascii_case(self.name))
    }

    /// Evidence of it.
    pub fn evidence(&self, expected: &'static str) -> Evidence {
        let evidence = self.reading.expected(expected);
        match &self.note {
            Some(note) => evidence.noting(note.clone()),
            None => evidence,
        }
    }
}

impl<'n, 'a> Assignment<'n, 'a> {
    /// Reads what the assignment assigns.
    pub fn read(node: &'n Node<'a>) -> Result<Self, Unreadable> {
        let definition = node.peek(DEFINITION).and_then(Value::as_str);
        if let Some(assigned) = definition.and_then(assigned) {
            return Ok(Self { node, assigned });
        }
        Err(Unreadable::new(
            node.text(DEFINITION)?.expected("the id of a policy or an initiative"),
            "This names no policy and no initiative.",
        ))
    }

    /// Evidence of what it assigns, as it names it.
    pub fn evidence(&self, expected: &'static str) -> Result<Evidence, Unreadable> {
        Ok(self.definition()?.expected(expected))
    }

    fn definition(&self) -> Result<Reading<'a, &'a str>, Unreadable> {
        self.node.text(DEFINITION)
    }

    /// The name of what it assigns.
    pub fn name(&self) -> &'a str {
        match self.assigned {
            Assigned::Policy(name)
            | Assigned::Initiative(name)
            | Assigned::OwnPolicy(name)
            | Assigned::OwnInitiative(name) => name,
        }
    }

    /// The built-in policy that the organisation says it stands for; `none` where it says that there is none.
    pub fn declared<'s>(&self, equivalents: &[&'s str]) -> Option<&'s str> {
        let own = self.name();
        equivalents.iter().find_map(|equivalent| {
            let (name, policy) = equivalent.split_once('=')?;
            name.trim().eq_ignore_ascii_case(own).then(|| policy.trim())
        })
    }

    /// The resource types that a selector has to leave in, for what it assigns to hold for AI resources.
    pub fn types(&self, equivalents: &[&str]) -> &'static [&'static str] {
        let known = match self.assigned {
            Assigned::Policy(name) => types(name),
            _ => self.declared(equivalents).and_then(types),
        };
        known.unwrap_or(ACCOUNTS)
    }

    /// Evidence that its effects are not executed; `None` where they are.
    pub fn not_enforced(&self) -> Result<Option<Evidence>, Unreadable> {
        const MODE: &str = "properties.enforcementMode";
        if self.node.peek(MODE).and_then(Value::as_str) == Some("Default") {
            return Ok(None);
        }
        let mode = self.node.text(MODE)?;
        let is_enforced = mode.is_absent() || mode.is("Default");
        Ok((!is_enforced).then(|| mode.expected("Default")))
    }

    /// Whether it has an identity to deploy and modify with, and evidence of it.
    pub fn identity(&self) -> Result<(bool, Evidence), Unreadable> {
        let identity = self.node.text("identity.type")?;
        let evidence = identity.expected_or("SystemAssigned or UserAssigned", "no identity");
        Ok((identity.is_given() && !identity.is("None"), evidence))
    }

    /// The members of the initiative that it assigns, by policy; none where it assigns a single policy.
    pub fn members(&self) -> &'static [Member] {
        match self.assigned {
            Assigned::Initiative(name) => members(name),
            _ => &[],
        }
    }

    /// The effect that a policy has by this assignment; `None` where it is not assigned by it.
    ///
    /// `members` are its [`members`](Self::members), looked up once for several policies.
    /// Of overrides for some regions or types only, those count that weaken the policy below `wanted`.
    pub fn effect(
        &self,
        members: &'static [Member],
        policy: &'static str,
        wanted: &[&'static str],
        equivalents: &[&str],
    ) -> Result<Option<Effect<'a>>, Unreadable> {
        let is_itself =
            matches!(self.assigned, Assigned::Policy(name) if name.eq_ignore_ascii_case(policy));
        let effect = if is_itself {
            self.direct(default_effect(policy).unwrap_or("Deny"))?
        } else if let Some(member) = members.iter().find(|member| member.policy == policy) {
            self.within(member)?
        } else if self.declared(equivalents).is_some_and(|is| is.eq_ignore_ascii_case(policy)) {
            self.own(wanted.first().copied().unwrap_or("Deny"))?
        } else {
            return Ok(None);
        };
        Ok(Some(self.overridden(effect.reference, wanted)?.unwrap_or(effect)))
    }

    /// The effect of a single policy.
    pub fn direct(&self, default: &'static str) -> Result<Effect<'a>, Unreadable> {
        let reading = self.node.text(EFFECT)?;
        let note = reading.is_absent().then(|| Text::AbsentMeans(default_note(default)));
        Ok(Effect {
            name: reading.value.unwrap_or(default),
            reading,
            note,
            is_declared: false,
            reference: None,
        })
    }

    /// The effect of a policy within an initiative.
    pub fn within(&self, member: &Member) -> Result<Effect<'a>, Unreadable> {
        let reference = Some(member.reference);
        match member.effect {
            MemberEffect::Parameter(path, default) => {
                let reading = self.node.text(path)?;
                let note = reading.is_absent().then(|| Text::AbsentMeans(default_note(default)));
                Ok(Effect {
                    name: reading.value.unwrap_or(default),
                    reading,
                    note,
                    is_declared: false,
                    reference,
                })
            }
            MemberEffect::Fixed(name) => {
                let reading = self.definition()?;
                let note = format!("The initiative holds the policy with the effect {name}.");
                let note = Some(Text::Owned(note));
                Ok(Effect { name, reading, note, is_declared: false, reference })
            }
        }
    }

    /// The effect of what the organisation says is equivalent.
    fn own(&self, wanted: &'static str) -> Result<Effect<'a>, Unreadable> {
        let reading = self.node.text(EFFECT)?;
        if reading.is_absent() {
            let note = Text::Static("The setting equivalentPolicies names it.");
            let reading = self.definition()?;
            return Ok(Effect {
                name: wanted,
                reading,
                note: Some(note),
                is_declared: true,
                reference: None,
            });
        }
        let name = reading.value.unwrap_or(wanted);
        Ok(Effect { name, reading, note: None, is_declared: true, reference: None })
    }

    /// The effect that an override gives to the policy instead.
    pub fn overridden(
        &self,
        reference: Option<&'static str>,
        wanted: &[&str],
    ) -> Result<Option<Effect<'a>>, Unreadable> {
        if is_empty(self.node, "properties.overrides") {
            return Ok(None);
        }
        for change in self.node.list("properties.overrides")?.entries().nodes() {
            if !change.is_any_of("kind", &["policyEffect"])? {
                continue;
            }
            let reading = change.text("value")?;
            let Some(name) = reading.value else { continue };
            let effect = Effect { name, reading, note: None, is_declared: false, reference };
            let (is_selected, is_partial) = selected(&change, reference)?;
            if is_selected && !(is_partial && effect.is_any_of(wanted)) {
                return Ok(Some(effect));
            }
        }
        Ok(None)
    }

    /// Whether it is about AI resources, or about what may be deployed at all: by a policy that is, by an initiative that holds one, or because the
    /// organisation says so.
    pub fn is_about_ai(&self, equivalents: &[&str]) -> bool {
        match self.assigned {
            Assigned::Policy(name) if default_effect(name).is_some() => true,
            Assigned::Policy(name) if GENERAL.iter().any(|one| one.eq_ignore_ascii_case(name)) => {
                true
            }
            Assigned::Initiative(name) if !members(name).is_empty() => true,
            _ => self.declared(equivalents).is_some_and(|policy| policy != "none"),
        }
    }
}

/// Whether an override is for the policy, and whether for some regions or types only.
fn selected(change: &Node<'_>, reference: Option<&str>) -> Result<(bool, bool), Unreadable> {
    let mut is_partial = false;
    for selector in change.list("selectors")?.entries().nodes() {
        if !selector.is_any_of("kind", &["policyDefinitionReferenceId"])? {
            is_partial = true;
            continue;
        }
        let Some(reference) = reference else { continue };
        let named = |node: &Node<'_>, path| -> Result<Option<bool>, Unreadable> {
            let list = node.list(path)?;
            Ok(list.value.map(|texts| {
                let mut texts = texts.iter().filter_map(|text| text.as_str());
                texts.any(|text| text.eq_ignore_ascii_case(reference))
            }))
        };
        if named(&selector, "in")? == Some(false) || named(&selector, "notIn")? == Some(true) {
            return Ok((false, false));
        }
    }
    Ok((true, is_partial))
}

/// Whether there is nothing or an empty list at a path below the properties of an assignment or an exemption,
/// of which another property was read already: where they are missing as a whole, nothing would seem to be there.
pub fn is_empty(node: &Node<'_>, path: &str) -> bool {
    node.peek(path)
        .is_none_or(|value| value.is_null() || value.as_array().is_some_and(<[_]>::is_empty))
}

/// What an id names: the part after `policyDefinitions` or `policySetDefinitions`.
fn assigned(id: &str) -> Option<Assigned<'_>> {
    const BUILT_IN: &str = "/providers/Microsoft.Authorization/";
    let is_built_in = starts_with(id, BUILT_IN);
    let mut parts = if is_built_in { id.get(BUILT_IN.len()..)? } else { id }.split('/');
    let is_initiative = loop {
        let part = parts.next()?;
        if part.eq_ignore_ascii_case("policySetDefinitions") {
            break true;
        }
        if part.eq_ignore_ascii_case("policyDefinitions") {
            break false;
        }
    };
    let name = parts.next().filter(|name| !name.is_empty())?;
    Some(match (is_built_in, is_initiative) {
        (true, false) => Assigned::Policy(name),
        (true, true) => Assigned::Initiative(name),
        (false, false) => Assigned::OwnPolicy(name),
        (false, true) => Assigned::OwnInitiative(name),
    })
}

/// Whether a text begins so, without regard to case.
pub fn starts_with(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

fn default_note(effect: &'static str) -> &'static str {
    match effect {
        "Audit" => "the default effect, Audit",
        "AuditIfNotExists" => "the default effect, AuditIfNotExists",
        "Deny" => "the default effect, Deny",
        "Modify" => "the default effect, Modify",
        "DeployIfNotExists" => "the default effect, DeployIfNotExists",
        "Disabled" => "the default effect, Disabled",
        _ => "no effect, because the policy has no default",
    }
}
