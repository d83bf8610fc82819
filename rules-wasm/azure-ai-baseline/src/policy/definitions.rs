//! Azure's built-in policies on AI resources, as the repository `Azure/azure-policy` has them at commit f4a50ba.

use std::cmp::Ordering;

/// The types that a policy is about, as a selector of an assignment may write them.
type Types = &'static [&'static str];

/// Accounts; of a policy on search services too these are the first, and of one on the types that a parameter names.
pub const ACCOUNTS: Types = &["Microsoft.CognitiveServices/accounts"];
/// The policies of the mode `Microsoft.CognitiveServices.Data` name a type that only they know.
const MODELS: Types = &[
    "Microsoft.CognitiveServices.Data/accounts/deployments",
    "Microsoft.CognitiveServices/accounts/deployments",
    "Microsoft.CognitiveServices/accounts",
];
const SEARCH: Types = &["Microsoft.Search/searchServices"];
const WORKSPACES: Types = &["Microsoft.MachineLearningServices/workspaces"];
/// Likewise of the modes of Machine Learning.
const LEARNING_DATA: Types = &[
    "Microsoft.MachineLearningServices.v2.Data/workspaces/deployments",
    "Microsoft.MachineLearningServices/workspaces",
];
const COMPUTES: Types = &["Microsoft.MachineLearningServices/workspaces/computes"];
const ENDPOINTS: Types = &["Microsoft.MachineLearningServices/workspaces/onlineEndpoints"];
const REGISTRIES: Types = &["Microsoft.MachineLearningServices/registries"];
const BOTS: Types = &["Microsoft.BotService/botServices"];
const PRIVATE_ENDPOINTS: Types = &["Microsoft.Network/privateEndpoints"];
const SUBSCRIPTIONS: Types = &["Microsoft.Resources/subscriptions"];

/// The name of each definition with the effect that it has where an assignment gives none, and what it is about; in the order of the names.
///
/// An empty effect means that the assignment has to give one.
static AI_POLICIES: [(&str, &str, Types); 94] = [
    // Azure AI Services resources should restrict network access
    ("037eea7a-bd0a-46c5-9a66-03aea78705d3", "Audit", ACCOUNTS),
    // Enable logging by category group for Cognitive Services (microsoft.cognitiveservices/accounts) to Event Hub
    ("0628b917-d4b4-4af5-bc2b-b4f87cd173ab", "DeployIfNotExists", ACCOUNTS),
    // [Deprecated]: Cognitive Services accounts should disable public network access
    ("0725b4dd-7e76-479c-a735-68e7ee23d5ca", "Disabled", ACCOUNTS),
    // Deploy Diagnostic Settings for Search Services to Log Analytics workspace
    ("08ba64b8-738f-4918-9686-730d2ed79c7d", "DeployIfNotExists", SEARCH),
    // [Deprecated]: Azure AI Search services should use private link
    ("0fda3595-9f2b-4592-8675-4231d6fa82fe", "Audit", SEARCH),
    // [Deprecated]: Cognitive Services accounts should use customer owned storage or enable data encryption.
    ("11566b39-f7f7-4b82-ab06-68d8700eb0a4", "Disabled", ACCOUNTS),
    // Enable logging by category group for microsoft.machinelearningservices/registries to Event Hub
    ("12000b3e-e38b-4bef-9098-38785f06ea32", "DeployIfNotExists", REGISTRIES),
    // [Preview]: Azure Machine Learning Deployments should only use approved Registry Models
    ("12e5dd16-d201-47ff-849b-8454061c293d", "Audit", LEARNING_DATA),
    // Configure Cognitive Services accounts to disable local authentication methods
    ("14de9e63-1b31-492e-a5a3-c3f7fd57f555", "Modify", ACCOUNTS),
    // Enable logging by category group for Cognitive Services (microsoft.cognitiveservices/accounts) to Storage
    ("14e81583-c89c-47db-af0d-f9ddddcccd9f", "DeployIfNotExists", ACCOUNTS),
    // Resource logs should be enabled for Audit on supported resources
    ("187242f4-89c6-4c43-9a4e-188c0efacc5f", "AuditIfNotExists", ACCOUNTS),
    // [Preview]: Azure Machine Learning Model Registry Deployments are restricted except for the allowed Registry
    ("19539b54-c61e-4196-9a38-67598701be90", "", LEARNING_DATA),
    // Diagnostic logs in Azure AI services resources should be enabled
    ("1b4d1c4e-934c-4703-944c-27c82c06bebb", "AuditIfNotExists", ACCOUNTS),
    // [Preview]: Configure log filter expressions and datastore to be used for full logs for specified Azure Machine Learning computes
    ("1d413020-63de-11ea-bc55-0242ac130003", "enforceSetting", LEARNING_DATA),
    // Configure BotService resources with private endpoints
    ("29261f8e-efdb-4255-95b8-8215414515d6", "DeployIfNotExists", BOTS),
    // [Deprecated]: Cognitive Services accounts should enable data encryption
    ("2bdd0062-9d75-436e-89df-487dd8e4b3c7", "Disabled", ACCOUNTS),
    // Enable logging by category group for microsoft.machinelearningservices/workspaces/onlineendpoints to Storage
    ("315c965f-c0d7-4397-86d3-c05a0981437a", "DeployIfNotExists", ENDPOINTS),
    // Enable logging by category group for microsoft.machinelearningservices/registries to Log Analytics
    ("33835ef6-bc67-4bde-bf5f-5a857f195a57", "DeployIfNotExists", REGISTRIES),
    // Configure Azure AI Search services to enforce customer-managed keys to encrypt data at rest
    ("356da939-f20a-4bb9-86f8-5db445b0e354", "Deny", SEARCH),
    // Configure Microsoft Defender threat protection for AI Services
    ("359a48a3-351a-4618-bb32-f1628645694b", "DeployIfNotExists", SUBSCRIPTIONS),
    // [Preview]: Configure an approval endpoint called prior to jobs running for specified Azure Machine Learning computes
    ("3948394e-63de-11ea-bc55-0242ac130003", "enforceSetting", LEARNING_DATA),
    // Deploy Diagnostic Settings for Search Services to Event Hub
    ("3d5da587-71bd-41f5-ac95-dd3330c2d58d", "DeployIfNotExists", SEARCH),
    // [Deprecated]: Azure Machine Learning workspaces should use private link
    ("40cec1dd-a100-4920-b15b-3024fe8901ab", "Audit", WORKSPACES),
    // Enable logging by category group for Bot Services (microsoft.botservice/botservices) to Log Analytics
    ("415eaa04-e9db-476a-ba43-092d70ebe1e7", "DeployIfNotExists", BOTS),
    // Azure Machine Learning Workspaces should disable public network access
    ("438c38d2-3772-465a-a9cc-7a6666a275ce", "Audit", WORKSPACES),
    // Azure Machine Learning workspaces should use private link
    ("45e05259-1eb5-4f70-9574-baf73e9d219b", "Audit", WORKSPACES),
    // Cognitive Services accounts should use customer owned storage
    ("46aa9b05-0e60-4eae-a88b-1e9d374fa515", "Audit", ACCOUNTS),
    // Configure Cognitive Services accounts to disable public network access
    ("47ba1dd7-28d9-4b07-a8d5-9813bed64e0c", "Modify", ACCOUNTS),
    // Enable logging by category group for Search services (microsoft.search/searchservices) to Storage
    ("480ee186-7504-48ac-b64e-af38673aa2c6", "DeployIfNotExists", SEARCH),
    // Configure Azure AI Search services to disable local authentication
    ("4eb216f2-9dba-4979-86e6-5d7e63ce3b75", "Modify", SEARCH),
    // Bot Service should be encrypted with a customer-managed key
    ("51522a96-0869-4791-82f3-981000c2c67f", "Audit", BOTS),
    // Bot Service should have isolated mode enabled
    ("52152f42-0dda-40d9-976e-abb1acdd611e", "Audit", BOTS),
    // [Preview]: Configure allowed module authors for specified Azure Machine Learning computes
    ("53c70b02-63dd-11ea-bc55-0242ac130003", "enforceSetting", LEARNING_DATA),
    // Enable logging by category group for Cognitive Services (microsoft.cognitiveservices/accounts) to Log Analytics
    ("55d1f543-d1b0-4811-9663-d6d0dbc6326d", "DeployIfNotExists", ACCOUNTS),
    // Configure Azure AI Services resources to disable local key access (disable local authentication)
    ("55eff01b-f2bd-4c32-9203-db285f709d30", "DeployIfNotExists", ACCOUNTS),
    // [Preview]: Configure allowed registries for specified Azure Machine Learning computes
    ("5853517a-63de-11ea-bc55-0242ac130003", "enforceSetting", LEARNING_DATA),
    // Enable logging by category group for microsoft.machinelearningservices/workspaces/onlineendpoints to Log Analytics
    ("5cfb9e8a-2f13-40bd-a527-c89bc596d299", "DeployIfNotExists", ENDPOINTS),
    // Bot Service should have public network access disabled
    ("5e8168db-69e3-4beb-9822-57cb59202a9d", "Audit", BOTS),
    // Azure Machine Learning workspaces should use user-assigned managed identity
    ("5f0c7d88-c7de-45b8-ac49-db49e72eaa78", "Audit", WORKSPACES),
    // Bot Service endpoint should be a valid HTTPS URI
    ("6164527b-e1ee-4882-8673-572f425f5e0a", "Audit", BOTS),
    // Azure AI Search services should have local authentication methods disabled
    ("6300012e-e9a4-4649-b41f-a85f5c43be91", "Audit", SEARCH),
    // Azure AI Services resources should encrypt data at rest with a customer-managed key (CMK)
    ("67121cc7-ff39-4ab8-b7e3-95b84dab487d", "Audit", ACCOUNTS),
    // Azure Machine Learning Compute Instance should have idle shutdown.
    ("679ddf89-ab8f-48a5-9029-e76054077449", "Audit", COMPUTES),
    // Configure BotService resources to use private DNS zones
    ("6a4e6f44-f2af-4082-9702-033c9e88b9f8", "DeployIfNotExists", PRIVATE_ENDPOINTS),
    // [Preview]: Configure code signing for training code for specified Azure Machine Learning computes
    ("6a6f7384-63de-11ea-bc55-0242ac130003", "enforceSetting", LEARNING_DATA),
    // Azure Machine Learning and Ai Studio should use Allow Only Approved Outbound Managed Vnet mode
    ("6ddb1705-c8cf-450e-aa4b-19ad6703c440", "Audit", WORKSPACES),
    // Azure AI Services resources should have key access disabled (disable local authentication)
    ("71ef260a-8f18-47b7-abcb-62d0673d94dc", "Audit", ACCOUNTS),
    // Azure AI Search services should use customer-managed keys to encrypt data at rest
    ("76a56461-9dc0-40f0-82f5-2453283afa2f", "AuditIfNotExists", SEARCH),
    // [Preview]: Configure allowed Python packages for specified Azure Machine Learning computes
    ("77eeea86-7e81-4a7d-9067-de844d096752", "enforceSetting", LEARNING_DATA),
    // Azure Machine Learning Computes should be in a virtual network
    ("7804b5c7-01dc-4723-969b-ae300cc07ff1", "Audit", COMPUTES),
    // Configure Azure Machine Learning workspaces with private endpoints
    ("7838fd83-5cbb-4b5d-888c-bfa240972597", "DeployIfNotExists", WORKSPACES),
    // Enable threat protection for AI workloads
    ("7e92882a-2f8a-4991-9bc4-d3147d40abb0", "DeployIfNotExists", SUBSCRIPTIONS),
    // Azure Machine Learning workspaces should be encrypted with the use of a customer-managed key
    ("7f40cee6-e933-4d0f-a782-b96615e0f4a6", "AuditIfNotExists", WORKSPACES),
    // Audit diagnostic setting for selected resource types
    ("7f89b1eb-583c-429a-8828-af049802c1d9", "AuditIfNotExists", ACCOUNTS),
    // Enable logging by category group for microsoft.machinelearningservices/registries to Storage
    ("84d8a69f-788a-4025-ba96-f36406cc9ee5", "DeployIfNotExists", REGISTRIES),
    // [Deprecated]: Azure Machine Learning Model Registry Deployments are restricted except for the allowed Registry. Versioning Test BuiltIn.
    ("85793e88-5a58-4555-93fa-4df63c86ae9c", "Disabled", LEARNING_DATA),
    // Enable logging by category group for Search services (microsoft.search/searchservices) to Log Analytics
    ("8def4bdd-4362-4ed6-a26f-7bf8f2c58839", "DeployIfNotExists", SEARCH),
    // [Preview]: Azure AI Search Service should be Zone Redundant
    ("90bc8109-d21a-4692-88fc-51419391da3d", "Audit", SEARCH),
    // Enable logging by category group for Azure Machine Learning (microsoft.machinelearningservices/workspaces) to Log Analytics
    ("90c90eda-bfe7-4c67-bf26-410420ed1047", "DeployIfNotExists", WORKSPACES),
    // [Preview]: Cognitive Services Deployments should only use allowed control
    ("930f48f9-f07e-427c-9494-52603581c6a9", "Audit", MODELS),
    // Enable logging by category group for Search services (microsoft.search/searchservices) to Event Hub
    ("971199b6-1971-4d3e-85b0-fa7639044679", "DeployIfNotExists", SEARCH),
    // Configure Azure AI Search services to disable public network access
    ("9cee519f-d9c1-4fd9-9f79-24ec3449ed30", "Modify", SEARCH),
    // Azure AI Search service should use a SKU that supports private link
    ("a049bf77-880b-470f-ba6d-9f21c530cf83", "Audit", SEARCH),
    // Configure Azure Machine Learning Workspaces to disable public network access
    ("a10ee784-7409-4941-b091-663697637c0f", "Modify", WORKSPACES),
    // Configure Azure Machine Learning Computes to disable local authentication methods
    ("a6f9a2d0-cff7-4855-83ad-4cd750666512", "Modify", COMPUTES),
    // Enable logging by category group for Azure Machine Learning (microsoft.machinelearningservices/workspaces) to Storage
    ("a8de4d0a-d637-4684-b70e-6df73b74d117", "DeployIfNotExists", WORKSPACES),
    // Cognitive Services Deployments should only use approved Registry Models
    ("aafe3651-cb78-4f68-9f81-e7e41509110f", "Audit", MODELS),
    // BotService resources should use private link
    ("ad5621d6-a877-4407-aa93-a950b428315e", "Audit", BOTS),
    // Enable logging by category group for Azure Machine Learning (microsoft.machinelearningservices/workspaces) to Event Hub
    ("ae48c709-d2b4-4fad-8c5c-838524130aa4", "DeployIfNotExists", WORKSPACES),
    // [Preview]: Cognitive Services Deployments should only use allowed completion content filtering
    ("af253d37-136a-42f8-a1fc-30010c083d41", "Audit", MODELS),
    // Resource logs in Azure Machine Learning Workspaces should be enabled
    ("afe0c3be-ba3b-4544-ba52-0c99672a8ad6", "AuditIfNotExists", WORKSPACES),
    // Resource logs in Search services should be enabled
    ("b4330a05-a843-4bc8-bf9a-cacce50c67f4", "AuditIfNotExists", SEARCH),
    // Configure Azure AI Search services with private endpoints
    ("b698b005-b660-4837-b833-a7aaab26ddba", "DeployIfNotExists", SEARCH),
    // Azure Machine Learning workspaces should be encrypted with a customer-managed key
    ("ba769a63-b8cc-4b2d-abf6-ac33c7204be8", "Audit", WORKSPACES),
    // [Preview]: Cognitive Services Deployments Should Only Use Allowed Control Mode
    ("c1ad46c6-37f8-4af0-9c71-c208375c87dd", "Audit", MODELS),
    // Microsoft Defender for AI Services should be enabled
    ("c2c0c6d8-007b-4a48-8d9b-3539bddd8e87", "AuditIfNotExists", SUBSCRIPTIONS),
    // Configure Cognitive Services accounts to use private DNS zones
    ("c4bc6f10-cb41-49eb-b000-d5ab82e2a091", "DeployIfNotExists", PRIVATE_ENDPOINTS),
    // Enable logging by category group for Bot Services (microsoft.botservice/botservices) to Event Hub
    ("ca05d7f2-6625-4cc3-a65a-4931b45ff139", "DeployIfNotExists", BOTS),
    // Enable logging by category group for microsoft.machinelearningservices/workspaces/onlineendpoints to Event Hub
    ("cc789f91-3e63-4cfb-86f4-87565055f269", "DeployIfNotExists", ENDPOINTS),
    // [Deprecated]: Cognitive Services should use private link
    ("cddd188c-4b82-4c48-a19d-ddf74ee66a01", "Audit", ACCOUNTS),
    // Configure Azure AI Services resources  to disable local key access (disable local authentication)
    ("d45520cb-31ca-44ba-8da2-fcf914608544", "DeployIfNotExists", SEARCH),
    // Azure AI Services resources should use Azure Private Link
    ("d6759c02-b87f-42b7-892e-71b3f471d782", "Audit", ACCOUNTS),
    // Configure Cognitive Services accounts with private endpoints
    ("db630ad5-52e9-4f4d-9c44-53912fe40053", "DeployIfNotExists", ACCOUNTS),
    // Azure Machine Learning workspaces should enable V1LegacyMode to support network isolation backward compatibility
    ("e413671a-dd10-4cc1-a943-45b598596cb7", "Audit", WORKSPACES),
    // Azure Machine Learning Computes should have local authentication methods disabled
    ("e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f", "Audit", COMPUTES),
    // Enable logging by category group for Bot Services (microsoft.botservice/botservices) to Storage
    ("e97f20f4-8bf0-4a35-a319-38f4144228f5", "DeployIfNotExists", BOTS),
    // Configure Azure Machine Learning workspace to use private DNS zones
    ("ee40564d-486e-4f68-a5ca-7a621edae0fb", "DeployIfNotExists", PRIVATE_ENDPOINTS),
    // Azure AI Search services should disable public network access
    ("ee980b6d-0eca-4501-8d54-f6290fd512c3", "Audit", SEARCH),
    // Azure Machine Learning compute instances should be recreated to get the latest software updates
    ("f110a506-2dcb-422e-bcea-d533fc8c35e2", "Audit", COMPUTES),
    // [Preview]: Cognitive Services Deployments should only use allowed prompt content filtering
    ("f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e", "Audit", MODELS),
    // Configure diagnostic settings for Azure Machine Learning Workspaces to Log Analytics workspace
    ("f59276f0-5740-4aaf-821d-45d185aa210e", "DeployIfNotExists", WORKSPACES),
    // Configure Azure AI Search services to use private DNS zones
    ("fbc14a67-53e4-4932-abcc-2049c6706009", "DeployIfNotExists", PRIVATE_ENDPOINTS),
    // Cognitive Services accounts should use a managed identity
    ("fe3fd216-4f83-4fc1-8984-2bbec80a3418", "Audit", ACCOUNTS),
    // Bot Service should have local authentication methods disabled
    ("ffea632e-4e3a-4424-bf78-10e179bb2e1a", "Audit", BOTS),
];

/// The default effect of a policy on AI resources; `None` for any other policy.
pub fn default_effect(policy: &str) -> Option<&'static str> {
    find(policy).map(|(_, effect, _)| *effect)
}

/// The types that a policy on AI resources is about; `None` for any other policy.
pub fn types(policy: &str) -> Option<Types> {
    find(policy).map(|(_, _, types)| *types)
}

fn find(policy: &str) -> Option<&'static (&'static str, &'static str, Types)> {
    let found = AI_POLICIES.binary_search_by(|(known, ..)| compare(known, policy)).ok()?;
    AI_POLICIES.get(found)
}

/// The known name, in lower case, against one in any case.
fn compare(known: &str, policy: &str) -> Ordering {
    known.bytes().cmp(policy.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_is_found_in_any_case() {
        for (policy, effect, about) in AI_POLICIES {
            assert_eq!(default_effect(&policy.to_ascii_uppercase()), Some(effect), "{policy}");
            assert_eq!(types(policy), Some(about), "{policy}");
        }
        assert_eq!(default_effect("e56962a6-4747-49cd-b67b-bf8b01975c4c"), None);
        assert_eq!(default_effect(""), None);
    }

    #[test]
    fn each_policy_stands_once_and_in_order() {
        for pair in AI_POLICIES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} and {}", pair[0].0, pair[1].0);
        }
        assert!(AI_POLICIES.iter().all(|(policy, ..)| !policy.contains(char::is_uppercase)));
    }
}
