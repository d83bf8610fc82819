//! The frameworks of an installation together.

use std::fmt;

use super::{ControlReference, Framework, FrameworkId};
use crate::id::RuleId;

/// Frameworks, each with an id of its own: those that Postern brings and the organisation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    frameworks: Vec<Framework>,
}

impl Catalogue {
    /// These frameworks, in this order.
    pub fn new(
        frameworks: impl IntoIterator<Item = Framework>,
    ) -> Result<Self, DuplicateFramework> {
        let mut catalogue = Self::default();
        for framework in frameworks {
            if catalogue.framework(framework.id()).is_some() {
                return Err(DuplicateFramework { id: framework.id().clone() });
            }
            catalogue.frameworks.push(framework);
        }
        Ok(catalogue)
    }

    /// All of them.
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// The framework with this id.
    pub fn framework(&self, id: &FrameworkId) -> Option<&Framework> {
        self.frameworks.iter().find(|framework| framework.id() == id)
    }

    /// The same with the rules that name controls in their manifests, as pairs of the rule and
    /// `framework:control`.
    ///
    /// A control that a file leaves to people and a rule names is assessed in part from then on.
    /// What [`Catalogue::unknown_controls`] lists changes nothing.
    #[must_use]
    pub fn unite<'a>(mut self, named: impl IntoIterator<Item = (&'a RuleId, &'a str)>) -> Self {
        for (rule, name) in named {
            let Ok(reference) = name.parse::<ControlReference>() else { continue };
            let control = self
                .frameworks
                .iter_mut()
                .find(|framework| *framework.id() == reference.framework)
                .and_then(|framework| {
                    framework.controls.iter_mut().find(|control| control.id == reference.control)
                });
            if let Some(control) = control {
                control.add_from_pack(rule);
            }
        }
        self
    }

    /// The controls that rules name and no framework has: mistyped, or of a framework that is not here.
    pub fn unknown_controls<'a>(
        &self,
        named: impl IntoIterator<Item = (&'a RuleId, &'a str)>,
    ) -> Vec<UnknownControl> {
        let mut unknown: Vec<UnknownControl> = named
            .into_iter()
            .filter(|(_, name)| !self.has_control(name))
            .map(|(rule, name)| UnknownControl { rule: rule.clone(), control: name.to_owned() })
            .collect();
        unknown.sort();
        unknown.dedup();
        unknown
    }

    /// The controls that are said to be assessed and that no rule is evidence for.
    ///
    /// After [`Catalogue::unite`] these are the controls that a file expects packs to name and none
    /// does; they are never passing.
    pub fn controls_without_rules(&self) -> Vec<ControlReference> {
        let of_framework = |framework: &Framework| {
            framework
                .controls()
                .iter()
                .filter(|control| {
                    matches!(control.assessment().as_str(), "automated" | "partly")
                        && control.rules().is_empty()
                })
                .map(|control| ControlReference {
                    framework: framework.id().clone(),
                    control: control.id().clone(),
                })
                .collect::<Vec<_>>()
        };
        self.frameworks.iter().flat_map(of_framework).collect()
    }

    fn has_control(&self, name: &str) -> bool {
        name.parse::<ControlReference>().is_ok_and(|reference| {
            self.framework(&reference.framework)
                .is_some_and(|framework| framework.control(&reference.control).is_some())
        })
    }
}

/// Two frameworks have the same id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are two frameworks with the id {id}")]
pub struct DuplicateFramework {
    id: FrameworkId,
}

impl DuplicateFramework {
    /// The id that two of them have.
    pub fn id(&self) -> &FrameworkId {
        &self.id
    }
}

/// A control that a rule names and no framework has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownControl {
    /// The rule.
    pub rule: RuleId,
    /// The control as the rule names it.
    pub control: String,
}

impl fmt::Display for UnknownControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} names {}", self.rule, self.control)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Assessment, Control, ControlStatus, MappingOrigin, RuleState, Tally};
    use super::*;

    fn framework(id: &str) -> Framework {
        let text = json!({
            "id": id, "title": "House rules", "version": "1", "publisher": "Contoso",
            "source": "https://contoso.example/rules", "licence": "own", "titles_free": true,
            "mapping": "Contoso security",
            "controls": [
                {"id": "H:1", "assessment": "automated", "named_by_packs": true, "description": "x"},
                {"id": "H-2", "assessment": "partly", "rules": ["B-1"], "description": "x",
                 "reason": "half"},
                {"id": "H-3", "assessment": "not_assessable", "reason": "people"},
            ],
        });
        Framework::parse(&text.to_string()).unwrap()
    }

    fn rule(text: &str) -> RuleId {
        text.parse().unwrap()
    }

    fn control<'a>(catalogue: &'a Catalogue, id: &str) -> &'a Control {
        let id = id.parse().unwrap();
        catalogue.frameworks().iter().find_map(|framework| framework.control(&id)).unwrap()
    }

    #[test]
    fn an_id_is_taken_once() {
        let error = Catalogue::new([framework("a"), framework("b"), framework("a")]).unwrap_err();
        assert_eq!(error.to_string(), "there are two frameworks with the id a");
        assert_eq!(Catalogue::new([framework("a"), framework("b")]).unwrap().frameworks().len(), 2);
    }

    #[test]
    fn rules_of_manifests_and_of_the_file_are_united() {
        let (a, b) = (rule("A-1"), rule("B-1"));
        let catalogue = Catalogue::new([framework("house")]).unwrap();
        assert_eq!(catalogue.controls_without_rules().len(), 1);
        let catalogue = catalogue.unite([
            (&a, "house:H:1"),
            (&b, "house:H-2"),
            (&a, "house:H-2"),
            (&a, "house:H-2"),
            (&a, "house:H-9"),
            (&a, "nonsense"),
        ]);
        assert_eq!(catalogue.controls_without_rules(), []);
        let rules: Vec<_> = control(&catalogue, "H-2").rules().iter().collect();
        assert_eq!(rules.len(), 2);
        assert!(rules.iter().all(|mapped| mapped.origin == MappingOrigin::Pack));
        assert_eq!((&rules[0].rule, &rules[1].rule), (&a, &b));
        assert_eq!(control(&catalogue, "H:1").rules().len(), 1);
        assert_eq!(control(&catalogue, "H-3").assessment().as_str(), "not_assessable");
    }

    #[test]
    fn a_rule_makes_a_control_that_was_left_to_people_assessed_in_part() {
        let a = rule("A-1");
        let catalogue = Catalogue::new([framework("house")]).unwrap().unite([(&a, "house:H-3")]);
        let people = control(&catalogue, "H-3");
        assert_eq!(people.assessment(), &Assessment::Partly { reason: "people".to_owned() });
        let passing = people.assess(|_| RuleState::Ran(Tally { pass: 1, ..Tally::default() }));
        assert_eq!(passing.status, ControlStatus::PassingAsFarAsChecked);
        let failing = people.assess(|_| RuleState::Ran(Tally { fail: 1, ..Tally::default() }));
        assert_eq!(failing.status, ControlStatus::Failing);
    }

    #[test]
    fn mistyped_controls_are_listed() {
        let (a, b) = (rule("A-1"), rule("B-1"));
        let catalogue = Catalogue::new([framework("house")]).unwrap();
        let unknown = catalogue.unknown_controls([
            (&b, "house:H-2"),
            (&b, "house:H-4"),
            (&a, "hose:H-2"),
            (&a, "H-2"),
            (&a, "H-2"),
        ]);
        let unknown: Vec<String> = unknown.iter().map(ToString::to_string).collect();
        assert_eq!(unknown, ["A-1 names H-2", "A-1 names hose:H-2", "B-1 names house:H-4"]);
    }
}
