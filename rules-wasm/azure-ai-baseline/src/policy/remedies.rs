//! How policies are assigned: the same in each rule but for the policy and its parameters.

/// The ways to assign a policy or an initiative to the subscription.
///
/// Takes the summary, the assignment's name, the kind (`policyDefinitions` or `policySetDefinitions`), the name of
/// the definition, the flag of the command line that takes it, and the parameters as JSON, Bicep and Terraform.
macro_rules! assign {
    (
        $summary:literal, $name:literal, $kind:literal, $definition:literal, $flag:literal,
        $json:literal, $bicep:literal, $terraform:literal
    ) => {
        postern_rules_sdk::Remedy {
            summary: $summary,
            az: Some(concat!(
                "az policy assignment create --name ", $name, " --scope $ID ", $flag, " ",
                $definition, " --params '", $json, "'"
            )),
            bicep: Some(concat!(
                "targetScope = 'subscription'\n\nresource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  name: '",
                $name,
                "'\n  properties: {\n    policyDefinitionId: tenantResourceId('Microsoft.Authorization/",
                $kind, "', '", $definition, "')\n    enforcementMode: 'Default'\n    parameters: {\n      ",
                $bicep, "\n    }\n  }\n}"
            )),
            terraform: Some(concat!(
                "resource \"azurerm_subscription_policy_assignment\" \"this\" {\n  name                 = \"",
                $name,
                "\"\n  subscription_id      = \"$ID\"\n  policy_definition_id = \"/providers/Microsoft.Authorization/",
                $kind, "/", $definition, "\"\n  parameters           = jsonencode({ ", $terraform, " })\n}"
            )),
            portal: Some("Policy > Authoring > Assignments > Assign policy"),
        }
    };
}

pub(super) use assign;
