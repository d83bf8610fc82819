//! Ids of frameworks and controls.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is not the id of a framework or control.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkIdError {
    /// Not a framework's.
    #[error("\"{0}\" is no id of a framework: 1 to 64 of a-z, 0-9, dots and dashes")]
    Framework(String),
    /// Not a control's.
    #[error("\"{0}\" is no id of a control: 1 to 64 characters, no white space at its ends")]
    Control(String),
    /// Not a control with its framework.
    #[error("\"{0}\" is not of the form framework:control")]
    Reference(String),
}

/// The id of a framework, such as `mcsb-v1`: 1 to 64 lower-case letters, digits, dots and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FrameworkId(String);

impl FrameworkId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FrameworkId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for FrameworkId {
    type Err = FrameworkIdError;

    fn from_str(text: &str) -> Result<Self, FrameworkIdError> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if text.len() <= 64 && starts_well && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FrameworkIdError::Framework(text.to_owned()))
        }
    }
}

impl TryFrom<String> for FrameworkId {
    type Error = FrameworkIdError;

    fn try_from(text: String) -> Result<Self, FrameworkIdError> {
        text.parse()
    }
}

impl From<FrameworkId> for String {
    fn from(id: FrameworkId) -> Self {
        id.0
    }
}

/// The id of a control as its framework prints it, such as `AC-2(1)`, `GOVERN 1.1` or `LLM01:2025`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ControlId(String);

impl ControlId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ControlId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ControlId {
    type Err = FrameworkIdError;

    fn from_str(text: &str) -> Result<Self, FrameworkIdError> {
        let short = (1..=64).contains(&text.chars().count());
        if short && text.trim() == text && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FrameworkIdError::Control(text.to_owned()))
        }
    }
}

impl TryFrom<String> for ControlId {
    type Error = FrameworkIdError;

    fn try_from(text: String) -> Result<Self, FrameworkIdError> {
        text.parse()
    }
}

impl From<ControlId> for String {
    fn from(id: ControlId) -> Self {
        id.0
    }
}

/// A control with its framework, as manifests write it: `mcsb-v1:NS-2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ControlReference {
    /// The framework.
    pub framework: FrameworkId,
    /// The control in it.
    pub control: ControlId,
}

impl fmt::Display for ControlReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.framework, self.control)
    }
}

impl FromStr for ControlReference {
    type Err = FrameworkIdError;

    /// A control's id may have a colon (`LLM01:2025`), a framework's has none.
    fn from_str(text: &str) -> Result<Self, FrameworkIdError> {
        let (framework, control) =
            text.split_once(':').ok_or_else(|| FrameworkIdError::Reference(text.to_owned()))?;
        Ok(Self { framework: framework.parse()?, control: control.parse()? })
    }
}

impl TryFrom<String> for ControlReference {
    type Error = FrameworkIdError;

    fn try_from(text: String) -> Result<Self, FrameworkIdError> {
        text.parse()
    }
}

impl From<ControlReference> for String {
    fn from(reference: ControlReference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framework_ids_fit_an_address() {
        for right in ["mcsb-v1", "nist-ai-rmf-1.0", "7"] {
            assert_eq!(right.parse::<FrameworkId>().unwrap().as_str(), right);
        }
        for wrong in ["", "-v1", ".", "MCSB", "mcsb v1", "mcsb:v1", "é", &"x".repeat(65)] {
            assert!(wrong.parse::<FrameworkId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn control_ids_are_as_printed() {
        for right in ["AC-2(1)", "GOVERN 1.1", "LLM01:2025", "Article 15", "§ 8a"] {
            assert_eq!(right.parse::<ControlId>().unwrap().as_str(), right);
        }
        for wrong in ["", " AC-2", "AC-2 ", "AC\n2", &"x".repeat(65)] {
            assert!(wrong.parse::<ControlId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_reference_is_split_at_its_first_colon() {
        let reference = "owasp-llm-2025:LLM01:2025".parse::<ControlReference>().unwrap();
        assert_eq!(reference.framework.as_str(), "owasp-llm-2025");
        assert_eq!(reference.control.as_str(), "LLM01:2025");
        assert_eq!(reference.to_string(), "owasp-llm-2025:LLM01:2025");
        for wrong in ["NS-2", ":NS-2", "mcsb-v1:", "MCSB:NS-2"] {
            assert!(wrong.parse::<ControlReference>().is_err(), "{wrong}");
        }
    }
}
