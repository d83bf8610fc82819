//! Azure Resource Manager's ids and resource types.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An Azure Resource Manager id, parsed.
///
/// Azure compares ids without regard to case and returns them in varying case, so the key is lower case;
/// the text as Azure wrote it is kept for people.
#[derive(Clone, Debug)]
pub struct ArmId {
    written: String,
    key: String,
    subscription: String,
    resource_group: Option<String>,
    asset_type: AssetType,
    name: String,
}

/// The text is not the id of an Azure resource.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not the id of an Azure resource")]
pub struct ArmIdError(String);

impl ArmId {
    /// Reads `/subscriptions/{id}[/resourceGroups/{name}]/providers/{namespace}/{type}/{name}[/{type}/{name}…]`,
    /// or `/subscriptions/{id}`: a subscription is an asset too, of the type [`SUBSCRIPTION`].
    ///
    /// Of an extension resource (`…/providers/A/b/c/providers/D/e/f`) the last provider gives the type.
    pub fn parse(text: &str) -> Result<Self, ArmIdError> {
        let refuse = || ArmIdError(text.to_owned());
        let trimmed = text.trim_end_matches('/');
        let parts: Vec<&str> = trimmed.strip_prefix('/').ok_or_else(refuse)?.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(refuse());
        }
        let is = |position: usize, word: &str| {
            parts.get(position).is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        if !is(0, "subscriptions") {
            return Err(refuse());
        }
        let subscription = parts.get(1).ok_or_else(refuse)?.to_ascii_lowercase();
        if parts.len() == 2 {
            return Ok(Self {
                written: trimmed.to_owned(),
                key: trimmed.to_ascii_lowercase(),
                name: subscription.clone(),
                subscription,
                resource_group: None,
                asset_type: AssetType::new(SUBSCRIPTION),
            });
        }
        let resource_group = if is(2, "resourceGroups") {
            parts.get(3).map(|name| (*name).to_owned())
        } else {
            None
        };
        let provider = parts
            .iter()
            .rposition(|part| part.eq_ignore_ascii_case("providers"))
            .ok_or_else(refuse)?;
        let tail = parts.get(provider + 1..).unwrap_or_default();
        // A namespace, then pairs of type and name.
        if tail.len() < 3 || tail.len() % 2 == 0 {
            return Err(refuse());
        }
        let mut asset_type =
            tail.first().map(|namespace| (*namespace).to_owned()).ok_or_else(refuse)?;
        for kind in tail.iter().skip(1).step_by(2) {
            asset_type.push('/');
            asset_type.push_str(kind);
        }
        Ok(Self {
            written: trimmed.to_owned(),
            key: trimmed.to_ascii_lowercase(),
            subscription,
            resource_group,
            asset_type: AssetType::new(&asset_type),
            name: tail.last().map(|name| (*name).to_owned()).ok_or_else(refuse)?,
        })
    }

    /// The id of the asset that this names: lower case.
    pub fn asset_id(&self) -> AssetId {
        AssetId(self.key.as_str().into())
    }

    /// The id as Azure wrote it.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// The subscription's id, lower case, without `/subscriptions/`.
    pub fn subscription(&self) -> &str {
        &self.subscription
    }

    /// The resource group's name as Azure wrote it; `None` for a resource of the subscription itself.
    pub fn resource_group(&self) -> Option<&str> {
        self.resource_group.as_deref()
    }

    /// The resource's type, child types included.
    pub fn asset_type(&self) -> &AssetType {
        &self.asset_type
    }

    /// The last name in the id.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// An asset's key: its ARM id in lower case. Cheap to clone: every verdict has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AssetId(Arc<str>);

impl AssetId {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The subscription's id, lower case.
    pub fn subscription(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for AssetId {
    type Err = ArmIdError;

    fn from_str(text: &str) -> Result<Self, ArmIdError> {
        ArmId::parse(text).map(|id| id.asset_id())
    }
}

impl TryFrom<String> for AssetId {
    type Error = ArmIdError;

    fn try_from(text: String) -> Result<Self, ArmIdError> {
        text.parse()
    }
}

impl From<AssetId> for String {
    fn from(id: AssetId) -> Self {
        id.as_str().to_owned()
    }
}

/// A resource type such as `microsoft.cognitiveservices/accounts`, in lower case.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(into = "String", from = "String")]
pub struct AssetType(String);

/// `Microsoft.CognitiveServices/accounts`: Azure OpenAI, AI services, Foundry, Vision, Speech and others.
pub const COGNITIVE_SERVICES_ACCOUNT: &str = "microsoft.cognitiveservices/accounts";
/// `Microsoft.Search/searchServices`: Azure AI Search.
pub const SEARCH_SERVICE: &str = "microsoft.search/searchservices";
/// `Microsoft.MachineLearningServices/workspaces`: Azure Machine Learning, hubs and projects.
pub const MACHINE_LEARNING_WORKSPACE: &str = "microsoft.machinelearningservices/workspaces";
/// `Microsoft.BotService/botServices`: Azure AI Bot Service.
pub const BOT_SERVICE: &str = "microsoft.botservice/botservices";
/// `Microsoft.Resources/subscriptions`: what holds for a whole subscription, such as policy assignments and budgets.
pub const SUBSCRIPTION: &str = "microsoft.resources/subscriptions";

/// The resource types that a scan looks for; each subscription is an asset besides.
pub const SCANNED_TYPES: [&str; 4] =
    [COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, MACHINE_LEARNING_WORKSPACE, BOT_SERVICE];

/// The types that Postern judges, in the order in which it lists them: what answers questions first,
/// and last what holds it all.
pub const JUDGED_TYPES: [&str; 5] = [
    COGNITIVE_SERVICES_ACCOUNT,
    MACHINE_LEARNING_WORKSPACE,
    SEARCH_SERVICE,
    BOT_SERVICE,
    SUBSCRIPTION,
];

impl AssetType {
    /// Takes a type in any case.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// The type as text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a scan looks for resources of this type.
    pub fn is_scanned(&self) -> bool {
        SCANNED_TYPES.contains(&self.as_str())
    }

    /// What people call a resource of this type; the type itself where there is no shorter name.
    pub fn label(&self) -> &str {
        match self.as_str() {
            COGNITIVE_SERVICES_ACCOUNT => "AI services account",
            SEARCH_SERVICE => "AI Search service",
            MACHINE_LEARNING_WORKSPACE => "Machine Learning workspace",
            BOT_SERVICE => "bot",
            SUBSCRIPTION => "subscription",
            other => other,
        }
    }
}

impl From<String> for AssetType {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<AssetType> for String {
    fn from(asset_type: AssetType) -> Self {
        asset_type.0
    }
}

impl fmt::Display for AssetType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "/subscriptions/AAAA/resourceGroups/Rg-AI/providers/Microsoft.CognitiveServices/accounts/Oai-1";

    #[test]
    fn an_arm_id_gives_its_parts() {
        let id = ArmId::parse(ACCOUNT).unwrap();
        assert_eq!(id.asset_id().as_str(), ACCOUNT.to_ascii_lowercase());
        assert_eq!(id.subscription(), "aaaa");
        assert_eq!(id.asset_id().subscription(), "aaaa");
        assert_eq!(id.resource_group(), Some("Rg-AI"));
        assert_eq!(id.asset_type().as_str(), COGNITIVE_SERVICES_ACCOUNT);
        assert_eq!(id.name(), "Oai-1");
    }

    #[test]
    fn a_child_and_an_extension_have_their_own_type() {
        let child = ArmId::parse(&format!("{ACCOUNT}/deployments/gpt")).unwrap();
        assert_eq!(child.asset_type().as_str(), "microsoft.cognitiveservices/accounts/deployments");
        let extension =
            ArmId::parse(&format!("{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/d"))
                .unwrap();
        assert_eq!(extension.asset_type().as_str(), "microsoft.insights/diagnosticsettings");
    }

    #[test]
    fn a_subscription_is_an_asset() {
        let id = ArmId::parse("/subscriptions/AAAA").unwrap();
        assert_eq!(id.asset_id().as_str(), "/subscriptions/aaaa");
        assert_eq!((id.asset_type().as_str(), id.name()), (SUBSCRIPTION, "aaaa"));
        assert_eq!(id.asset_id().subscription(), "aaaa");
    }

    #[test]
    fn every_judged_type_has_a_name_for_people_and_is_scanned_or_holds_what_is() {
        for judged in JUDGED_TYPES {
            let asset_type = AssetType::new(judged);
            assert_ne!(asset_type.label(), judged);
            assert!(asset_type.is_scanned() || judged == SUBSCRIPTION, "{judged}");
        }
        for scanned in SCANNED_TYPES {
            assert!(JUDGED_TYPES.contains(&scanned), "{scanned} is read for nothing");
        }
    }

    #[test]
    fn what_is_no_resource_is_refused() {
        for wrong in [
            "",
            "/",
            "oai-1",
            "/subscriptions",
            "/subscriptions/aaaa/resourceGroups/rg",
            "/subscriptions/aaaa/providers/Microsoft.Search",
            "/subscriptions/aaaa/providers/Microsoft.Search/searchServices",
            "/subscriptions//resourceGroups/rg/providers/Microsoft.Search/searchServices/s",
        ] {
            assert!(ArmId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
