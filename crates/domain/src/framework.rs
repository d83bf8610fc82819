//! Frameworks: lists of controls as data, and which rules are evidence for each control.
//!
//! A framework is a JSON file of our own format (`rules-wasm/frameworks/README.md` describes it); an
//! organisation adds its own in the same format.
//! Every control says how it is assessed, and [`Framework::assess`] never calls one passing that
//! nothing looked at.
//!
//! ```
//! use postern_domain::framework::{ControlStatus, Framework, RuleState, Tally};
//!
//! let framework = Framework::parse(
//!     r#"{
//!       "id": "house", "title": "House rules", "version": "1", "publisher": "Contoso",
//!       "source": "https://contoso.example/rules", "licence": "own", "titles_free": true,
//!       "mapping": "Contoso security",
//!       "controls": [
//!         {"id": "H-1", "title": "No open doors", "assessment": "automated", "rules": ["NET-01"],
//!          "description": "Public network access is off."}
//!       ]
//!     }"#,
//! )?;
//! let checked = framework.assess(|_| RuleState::Ran(Tally { pass: 3, ..Tally::default() }));
//! assert_eq!(checked[0].status, ControlStatus::Passing);
//! let unchecked = framework.assess(|_| RuleState::NotRun);
//! assert_eq!(unchecked[0].status, ControlStatus::NotChecked);
//! # Ok::<(), postern_domain::framework::FrameworkError>(())
//! ```

mod assess;
mod catalogue;
mod count;
mod file;
mod id;

pub use assess::{ControlAssessment, ControlStatus, RuleState, Tally};
pub use catalogue::{Catalogue, DuplicateFramework, UnknownControl};
pub use count::{ControlKind, KindCounts, StatusCounts};
pub use file::FrameworkError;
pub use id::{ControlId, ControlReference, FrameworkId, FrameworkIdError};

use crate::id::RuleId;

/// A list of controls by one publisher, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    id: FrameworkId,
    title: String,
    version: String,
    publisher: String,
    source: String,
    licence: String,
    mapping: String,
    groups: Vec<Group>,
    controls: Vec<Control>,
}

impl Framework {
    /// The framework that `text`, the JSON of a framework file, describes.
    pub fn parse(text: &str) -> Result<Self, FrameworkError> {
        file::parse(text)
    }

    /// The id that rules name it by.
    pub fn id(&self) -> &FrameworkId {
        &self.id
    }

    /// Its name as published.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its version or date.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What people call it: its title, with its version where the title does not say it.
    pub fn name(&self) -> String {
        // Some versions are explained, at a length that is for the framework's own page.
        let version = self.version.split(" (").next().unwrap_or_default();
        if self.title.contains(version) {
            self.title.clone()
        } else {
            format!("{} {version}", self.title)
        }
    }

    /// Who publishes it.
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// The address to read it at.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Under which terms its ids and titles are here, and where they were taken from.
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Who maps rules to its controls, for people to judge the mapping by.
    pub fn mapping(&self) -> &str {
        &self.mapping
    }

    /// The groups of its controls, a parent before its children.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Its controls, in its own order.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The control with this id.
    pub fn control(&self, id: &ControlId) -> Option<&Control> {
        self.controls.iter().find(|control| control.id() == id)
    }
}

/// A family, function or chapter: what a framework sorts its controls into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    id: String,
    title: Option<String>,
    parent: Option<String>,
}

impl Group {
    /// The id within the framework.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The published title, where it may be repeated.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The id of the group that this one is part of.
    pub fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
}

/// One thing that a framework asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    id: ControlId,
    title: Option<String>,
    group: Option<String>,
    parent: Option<ControlId>,
    description: Option<String>,
    source: Option<String>,
    assessment: Assessment,
    rules: Vec<MappedRule>,
}

impl Control {
    /// The id as published.
    pub fn id(&self) -> &ControlId {
        &self.id
    }

    /// The published title, where it may be repeated and is known.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The id of its group.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The control that this one enhances or is a part of.
    pub fn parent(&self) -> Option<&ControlId> {
        self.parent.as_ref()
    }

    /// What is looked at here, in words of our own.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Where its id and title come from, where that is not what the framework's licence says.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// How it is assessed.
    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// The rules that are evidence for it, in order of their ids, each once.
    pub fn rules(&self) -> &[MappedRule] {
        &self.rules
    }

    /// Adds a rule whose manifest names the control.
    ///
    /// A control that was left to people is then assessed in part: what they have to look at stays.
    fn add_from_pack(&mut self, rule: &RuleId) {
        match self.rules.binary_search_by(|mapped| mapped.rule.cmp(rule)) {
            Ok(place) => {
                if let Some(mapped) = self.rules.get_mut(place) {
                    mapped.origin = MappingOrigin::Pack;
                }
            }
            Err(place) => {
                let mapped = MappedRule { rule: rule.clone(), origin: MappingOrigin::Pack };
                self.rules.insert(place, mapped);
            }
        }
        if let Assessment::Manual { reason } | Assessment::NotAssessable { reason } =
            &self.assessment
        {
            self.assessment = Assessment::Partly { reason: reason.clone() };
        }
    }
}

/// A rule that is evidence for a control, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedRule {
    /// The rule.
    pub rule: RuleId,
    /// Who says so.
    pub origin: MappingOrigin,
}

/// Who says that a rule is evidence for a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingOrigin {
    /// The framework's file: the mapping of whom [`Framework::mapping`] names.
    Framework,
    /// The rule's manifest; it wins where both say so.
    Pack,
}

/// How a control is assessed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assessment {
    /// Rules look at all that it asks of what Postern reads.
    Automated,
    /// Rules look at a part of it.
    Partly {
        /// What they do not look at.
        reason: String,
    },
    /// A person has to look.
    Manual {
        /// What at.
        reason: String,
    },
    /// It is not about anything that could be looked at from here.
    NotAssessable {
        /// Why.
        reason: String,
    },
}

impl Assessment {
    /// The word in the file: `automated`, `partly`, `manual` or `not_assessable`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Partly { .. } => "partly",
            Self::Manual { .. } => "manual",
            Self::NotAssessable { .. } => "not_assessable",
        }
    }

    /// The words as people read them.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Partly { .. } => "Partly automated",
            Self::Manual { .. } => "Manual",
            Self::NotAssessable { .. } => "Not assessable here",
        }
    }

    /// What is not covered, what a person has to look at, or why it cannot be assessed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Automated => None,
            Self::Partly { reason } | Self::Manual { reason } | Self::NotAssessable { reason } => {
                Some(reason)
            }
        }
    }
}
