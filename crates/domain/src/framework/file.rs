//! The file of a framework: what may stand in it, and what is wrong with one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Assessment, Control, ControlId, Framework, FrameworkId, FrameworkIdError, Group, MappedRule,
    MappingOrigin,
};
use crate::id::RuleId;

/// Why a file is not a framework.
#[derive(Debug, thiserror::Error)]
pub enum FrameworkError {
    /// Not JSON, or not of this format; the cause has the line and the column.
    #[error("failed to read the framework's JSON")]
    Json(#[source] serde_json::Error),
    /// The framework's or a control's id has characters that it must not have.
    #[error(transparent)]
    Id(#[from] FrameworkIdError),
    /// A text that people need is empty.
    #[error("{place} has an empty {field}")]
    Empty {
        /// The framework, a group or a control.
        place: String,
        /// The field.
        field: &'static str,
    },
    /// There are no controls.
    #[error("the framework has no controls")]
    NoControls,
    /// Two groups have this id.
    #[error("group {0} stands there twice")]
    DuplicateGroup(String),
    /// Two controls have this id.
    #[error("control {0} stands there twice")]
    DuplicateControl(ControlId),
    /// The group is not defined, or only after it is used.
    #[error("{place} names group {group}, which does not stand before it")]
    UnknownGroup {
        /// A group or a control.
        place: String,
        /// The group that it names.
        group: String,
    },
    /// The parent is not defined, or only after it is used.
    #[error("control {control} names parent {parent}, which does not stand before it")]
    UnknownParent {
        /// The control.
        control: ControlId,
        /// The parent that it names.
        parent: ControlId,
    },
    /// A title stands where the framework says that titles must not be repeated.
    #[error("{0} has a title, but the framework says that titles are not free")]
    TitleNotFree(String),
    /// Neither the control nor its groups nor the framework say how it is assessed.
    #[error("control {0} does not say how it is assessed, and nothing above it does")]
    NoAssessment(ControlId),
    /// Rules or a reason stand there without an assessment of the control's own.
    #[error("control {control} has {field} but no assessment of its own")]
    Loose {
        /// The control.
        control: ControlId,
        /// What it has.
        field: &'static str,
    },
    /// It is said to be looked at, but nothing looks at it.
    #[error("control {control} is {assessment} but has no rules, nor named_by_packs")]
    NoRules {
        /// The control.
        control: ControlId,
        /// The word of its assessment.
        assessment: &'static str,
    },
    /// It is said not to be looked at, but rules stand there.
    #[error("control {control} is {assessment} but has rules")]
    UnexpectedRules {
        /// The control.
        control: ControlId,
        /// The word of its assessment.
        assessment: &'static str,
    },
    /// A reason has to be given.
    #[error("control {control} is {assessment} and has to give a reason")]
    NoReason {
        /// The control.
        control: ControlId,
        /// The word of its assessment.
        assessment: &'static str,
    },
    /// Something rules look at has to say in words what they look at.
    #[error("control {control} is {assessment} and has to have a description")]
    NoDescription {
        /// The control.
        control: ControlId,
        /// The word of its assessment.
        assessment: &'static str,
    },
    /// The rule stands there twice.
    #[error("control {control} names rule {rule} twice")]
    DuplicateRule {
        /// The control.
        control: ControlId,
        /// The rule.
        rule: RuleId,
    },
}

pub(super) fn parse(text: &str) -> Result<Framework, FrameworkError> {
    let file: FrameworkFile = serde_json::from_str(text).map_err(FrameworkError::Json)?;
    let id = file.id.parse::<FrameworkId>()?;
    for (field, text) in [
        ("title", &file.title),
        ("version", &file.version),
        ("publisher", &file.publisher),
        ("source", &file.source),
        ("licence", &file.licence),
        ("mapping", &file.mapping),
    ] {
        filled("the framework", field, Some(text))?;
    }
    if file.controls.is_empty() {
        return Err(FrameworkError::NoControls);
    }

    let mut surroundings = Surroundings::new(file.titles_free, file.default)?;
    let mut groups = Vec::new();
    for group in file.groups {
        groups.push(surroundings.add_group(group)?);
    }
    let mut controls = Vec::new();
    for control in file.controls {
        controls.push(surroundings.add_control(control)?);
    }
    Ok(Framework {
        id,
        title: file.title,
        version: file.version,
        publisher: file.publisher,
        source: file.source,
        licence: file.licence,
        mapping: file.mapping,
        groups,
        controls,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    id: String,
    title: String,
    version: String,
    publisher: String,
    source: String,
    licence: String,
    titles_free: bool,
    mapping: String,
    default: Option<DefaultFile>,
    #[serde(default)]
    groups: Vec<GroupFile>,
    controls: Vec<ControlFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    id: String,
    title: Option<String>,
    parent: Option<String>,
    default: Option<DefaultFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlFile {
    id: String,
    title: Option<String>,
    group: Option<String>,
    parent: Option<String>,
    description: Option<String>,
    source: Option<String>,
    assessment: Option<AssessmentFile>,
    #[serde(default)]
    rules: Vec<RuleId>,
    /// Manifests of rules name it, so that an empty `rules` is no mistake.
    #[serde(default)]
    named_by_packs: bool,
    reason: Option<String>,
}

/// What holds for controls that say nothing of their assessment.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultFile {
    assessment: DefaultAssessmentFile,
    reason: String,
}

/// Nothing is looked at by default.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DefaultAssessmentFile {
    Manual,
    NotAssessable,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AssessmentFile {
    Automated,
    Partly,
    Manual,
    NotAssessable,
}

/// What stands before the group or control that is read.
struct Surroundings {
    titles_free: bool,
    default: Option<Assessment>,
    /// The default of each group, its own or from above.
    groups: BTreeMap<String, Option<Assessment>>,
    controls: BTreeSet<ControlId>,
}

impl Surroundings {
    fn new(titles_free: bool, default: Option<DefaultFile>) -> Result<Self, FrameworkError> {
        let default = default.map(|file| default_assessment("the framework", file)).transpose()?;
        Ok(Self { titles_free, default, groups: BTreeMap::new(), controls: BTreeSet::new() })
    }

    fn add_group(&mut self, file: GroupFile) -> Result<Group, FrameworkError> {
        let place = format!("group {}", file.id);
        filled("a group", "id", Some(&file.id))?;
        self.title(&place, file.title.as_deref())?;
        let above = self.default_of(&place, file.parent.as_deref())?;
        let own = file.default.map(|file| default_assessment(&place, file)).transpose()?;
        if self.groups.insert(file.id.clone(), own.or(above)).is_some() {
            return Err(FrameworkError::DuplicateGroup(file.id));
        }
        Ok(Group { id: file.id, title: file.title, parent: file.parent })
    }

    fn add_control(&mut self, file: ControlFile) -> Result<Control, FrameworkError> {
        let id = file.id.parse::<ControlId>()?;
        let place = format!("control {id}");
        self.title(&place, file.title.as_deref())?;
        filled(&place, "description", file.description.as_deref())?;
        filled(&place, "source", file.source.as_deref())?;
        filled(&place, "reason", file.reason.as_deref())?;
        let default = self.default_of(&place, file.group.as_deref())?;
        let parent = file.parent.as_deref().map(str::parse::<ControlId>).transpose()?;
        if let Some(parent) = parent.as_ref().filter(|parent| !self.controls.contains(*parent)) {
            return Err(FrameworkError::UnknownParent { control: id, parent: parent.clone() });
        }
        if !self.controls.insert(id.clone()) {
            return Err(FrameworkError::DuplicateControl(id));
        }
        let assessment = assessment(&id, &file, default)?;
        let rules = rules(&id, file.rules)?;
        Ok(Control {
            id,
            title: file.title,
            group: file.group,
            parent,
            description: file.description,
            source: file.source,
            assessment,
            rules,
        })
    }

    fn title(&self, place: &str, title: Option<&str>) -> Result<(), FrameworkError> {
        filled(place, "title", title)?;
        if title.is_some() && !self.titles_free {
            return Err(FrameworkError::TitleNotFree(place.to_owned()));
        }
        Ok(())
    }

    /// The default of the group, or of the framework where there is no group.
    fn default_of(
        &self,
        place: &str,
        group: Option<&str>,
    ) -> Result<Option<Assessment>, FrameworkError> {
        let Some(group) = group else {
            return Ok(self.default.clone());
        };
        self.groups.get(group).cloned().ok_or_else(|| FrameworkError::UnknownGroup {
            place: place.to_owned(),
            group: group.to_owned(),
        })
    }
}

fn filled(place: &str, field: &'static str, text: Option<&str>) -> Result<(), FrameworkError> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(FrameworkError::Empty { place: place.to_owned(), field })
        }
        _ => Ok(()),
    }
}

fn default_assessment(place: &str, file: DefaultFile) -> Result<Assessment, FrameworkError> {
    let DefaultFile { assessment, reason } = file;
    filled(place, "reason", Some(&reason))?;
    Ok(match assessment {
        DefaultAssessmentFile::Manual => Assessment::Manual { reason },
        DefaultAssessmentFile::NotAssessable => Assessment::NotAssessable { reason },
    })
}

/// How the control of `file` is assessed, by its own words or else by `default`.
fn assessment(
    id: &ControlId,
    file: &ControlFile,
    default: Option<Assessment>,
) -> Result<Assessment, FrameworkError> {
    let loose = |field| Err(FrameworkError::Loose { control: id.clone(), field });
    let Some(assessment) = file.assessment else {
        return match (file.rules.is_empty(), file.named_by_packs, &file.reason) {
            (false, ..) => loose("rules"),
            (_, true, _) => loose("named_by_packs"),
            (.., Some(_)) => loose("a reason"),
            _ => default.ok_or_else(|| FrameworkError::NoAssessment(id.clone())),
        };
    };
    let reason = file.reason.clone().unwrap_or_default();
    let assessed = match assessment {
        AssessmentFile::Automated => Assessment::Automated,
        AssessmentFile::Partly => Assessment::Partly { reason },
        AssessmentFile::Manual => Assessment::Manual { reason },
        AssessmentFile::NotAssessable => Assessment::NotAssessable { reason },
    };
    let (control, assessment) = (id.clone(), assessed.as_str());
    if assessed.reason().is_some_and(str::is_empty) {
        return Err(FrameworkError::NoReason { control, assessment });
    }
    let has_rules = !file.rules.is_empty() || file.named_by_packs;
    match assessed {
        Assessment::Automated | Assessment::Partly { .. } => {
            if !has_rules {
                return Err(FrameworkError::NoRules { control, assessment });
            }
            if file.description.is_none() {
                return Err(FrameworkError::NoDescription { control, assessment });
            }
        }
        Assessment::Manual { .. } | Assessment::NotAssessable { .. } => {
            if has_rules {
                return Err(FrameworkError::UnexpectedRules { control, assessment });
            }
        }
    }
    Ok(assessed)
}

fn rules(id: &ControlId, mut rules: Vec<RuleId>) -> Result<Vec<MappedRule>, FrameworkError> {
    rules.sort();
    let twice = rules.windows(2).find_map(|pair| match pair {
        [first, second] if first == second => Some(first.clone()),
        _ => None,
    });
    if let Some(rule) = twice {
        return Err(FrameworkError::DuplicateRule { control: id.clone(), rule });
    }
    let origin = MappingOrigin::Framework;
    Ok(rules.into_iter().map(|rule| MappedRule { rule, origin }).collect())
}

#[cfg(test)]
mod tests;
