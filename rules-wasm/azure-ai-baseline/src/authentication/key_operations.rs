//! The operations that show keys and other secrets: what roles grant, what the activity log names.

/// What shows an account's keys.
pub const ACCOUNT: [&str; 2] = [
    "Microsoft.CognitiveServices/accounts/listKeys/action",
    "Microsoft.CognitiveServices/accounts/regenerateKey/action",
];
/// What shows a search service's keys.
pub const SEARCH: [&str; 4] = [
    "Microsoft.Search/searchServices/listAdminKeys/action",
    "Microsoft.Search/searchServices/listQueryKeys/action",
    "Microsoft.Search/searchServices/regenerateAdminKey/action",
    "Microsoft.Search/searchServices/createQueryKey/action",
];
/// What shows the keys of a workspace and of what it holds.
pub const WORKSPACE: [&str; 11] = [
    "Microsoft.MachineLearningServices/workspaces/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/listStorageAccountKeys/action",
    "Microsoft.MachineLearningServices/workspaces/listNotebookKeys/action",
    "Microsoft.MachineLearningServices/workspaces/listNotebookAccessToken/action",
    "Microsoft.MachineLearningServices/workspaces/connections/listSecrets/action",
    "Microsoft.MachineLearningServices/workspaces/datastores/listSecrets/action",
    "Microsoft.MachineLearningServices/workspaces/computes/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints/listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints/regenerateKeys/action",
];
/// What shows a bot's secrets.
pub const BOT: [&str; 3] = [
    "Microsoft.BotService/botServices/connections/listWithSecrets/write",
    "Microsoft.BotService/botServices/channels/listChannelWithKeys/action",
    "Microsoft.BotService/botServices/channels/regenerateKeys/action",
];
/// All of them.
pub const ALL: [&[&str]; 4] = [&ACCOUNT, &SEARCH, &WORKSPACE, &BOT];

/// The ends of all of them, since below a resource the activity log knows more types than are listed here.
///
/// An online endpoint's token is left out: it is its caller's own, and short-lived. So is the regeneration of an
/// online endpoint's keys: its answer shows none.
const ENDS: [&str; 15] = [
    "/listKeys/action",
    "/listAdminKeys/action",
    "/listQueryKeys/action",
    "/listSecrets/action",
    "/listChannelWithKeys/action",
    "/listWithSecrets/action",
    "/listWithSecrets/write",
    "/listStorageAccountKeys/action",
    "/listNotebookKeys/action",
    "/listNotebookAccessToken/action",
    "/regenerateKey/action",
    "/regenerateAdminKey/action",
    "/createQueryKey/action",
    "/serverlessEndpoints/regenerateKeys/action",
    "/channels/regenerateKeys/action",
];

/// Whether an operation of the activity log shows keys.
pub fn shows(operation: &str) -> bool {
    ENDS.iter().any(|end| ends_with(operation, end))
}

/// Whether a text ends with another, in any case.
pub fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_what_roles_grant() {
        for operation in ALL.into_iter().flatten() {
            assert!(shows(operation), "{operation}");
            assert!(shows(&operation.to_uppercase()), "{operation}");
        }
        for operation in [
            "Microsoft.CognitiveServices/accounts/read",
            "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/regenerateKeys/action",
            "Microsoft.Search/searchServices/deleteQueryKey/delete",
            "/action",
            "",
        ] {
            assert!(!shows(operation), "{operation}");
        }
    }
}
