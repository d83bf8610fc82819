//! Roles: what an entry of the fact `roleAssignments` says, and what a role's definition grants.

use postern_rules_sdk::{Evidence, Node, Read, Reading, Setting, SettingKind, Unreadable, Value};

/// Where the fact comes from.
pub const ASSIGNMENTS: &str = "RoleAssignments_ListForSubscription 2022-04-01";
/// Where the definitions come from.
pub const DEFINITIONS: &str = "ResourceGraph_Resources 2024-04-01 (authorizationresources)";

/// The path of an assignment's role in evidence.
pub const ROLE_PATH: &str = "roleAssignments[].assignment.properties.roleDefinitionId";
/// The path of an assignment's principal in evidence.
pub const PRINCIPAL_PATH: &str = "roleAssignments[].assignment.properties.principalId";
/// The path of the kind of an assignment's principal in evidence.
pub const KIND_PATH: &str = "roleAssignments[].assignment.properties.principalType";
/// For what Azure always returns.
pub const NEVER_ABSENT: &str = "not documented: Azure always returns it";

/// The path of what a role's definition grants in evidence.
pub const PERMISSIONS_PATH: &str = "roleAssignments[].definition.properties.permissions";
/// What it means where Azure does not show that.
pub const PERMISSIONS_ABSENT: &str =
    "not known: Azure did not show the role's definition; built-in roles are known by id";

/// What [`name`] reads beside a role's id.
pub const ROLE_NAME: Read = Read {
    path: "roleAssignments[].definition.properties.roleName",
    source: DEFINITIONS,
    absent: "not known: Azure did not show the role's definition; built-in roles are named by id",
};

/// Who may administer.
pub static APPROVED_ADMINISTRATORS: Setting = Setting {
    name: "approvedAdministrators",
    description: "Object ids of the principals (users, groups, service principals) that may hold Owner, Contributor and other administrator roles. Empty: nobody is named; then groups may own and contribute, and pipelines may contribute.",
    kind: SettingKind::Texts {
        default: &[],
        pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    },
};

pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
pub const USER_ACCESS_ADMINISTRATOR: &str = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
pub const RBAC_ADMINISTRATOR: &str = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
pub const COGNITIVE_CONTRIBUTOR: &str = "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68";
pub const COGNITIVE_USER: &str = "a97b65f3-24c7-4388-baec-2e87135dc908";
pub const OPENAI_CONTRIBUTOR: &str = "a001fd3d-188f-4b5d-821b-7da978bf7442";
pub const SEARCH_CONTRIBUTOR: &str = "7ca78c08-252a-4471-8644-bb5ff32d4ba0";
pub const AI_DEVELOPER: &str = "64702f94-c441-49e6-a78b-ef80e0188fee";
pub const AI_ADMINISTRATOR: &str = "b78c5d69-af96-48a3-bf8d-a8b4d589de94";
pub const FOUNDRY_OWNER: &str = "c883944f-8b7b-4483-af10-35834be79c4a";
pub const FOUNDRY_ACCOUNT_OWNER: &str = "e47c6f54-e4a2-4754-9501-8e0985b135e1";
pub const FOUNDRY_PROJECT_MANAGER: &str = "eadc314b-1a2d-4efa-be10-5d325db5065e";

/// What makes a role an administrator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It writes everything, as Contributor does.
    Contributes,
    /// It writes everything and assigns roles, as Owner does.
    Owns,
    /// It assigns roles, so that its holder can have any.
    AssignsRoles,
}

/// The built-in roles with such a power.
const ADMINISTRATORS: [(&str, Power); 4] = [
    (OWNER, Power::Owns),
    (CONTRIBUTOR, Power::Contributes),
    (USER_ACCESS_ADMINISTRATOR, Power::AssignsRoles),
    (RBAC_ADMINISTRATOR, Power::AssignsRoles),
];
/// What assigns roles.
const ASSIGNS_ROLES: &str = "Microsoft.Authorization/roleAssignments/write";
/// What a role that writes everything writes too.
const WRITES: [&str; 4] = [
    "Microsoft.CognitiveServices/accounts/write",
    "Microsoft.Search/searchServices/write",
    "Microsoft.MachineLearningServices/workspaces/write",
    "Microsoft.BotService/botServices/write",
];

/// The built-in roles by id: Microsoft has renamed some, never changed an id.
const NAMES: [(&str, &str); 13] = [
    (OWNER, "Owner"),
    (CONTRIBUTOR, "Contributor"),
    (USER_ACCESS_ADMINISTRATOR, "User Access Administrator"),
    (RBAC_ADMINISTRATOR, "Role Based Access Control Administrator"),
    (COGNITIVE_CONTRIBUTOR, "Cognitive Services Contributor"),
    (COGNITIVE_USER, "Cognitive Services User"),
    (OPENAI_CONTRIBUTOR, "Cognitive Services OpenAI Contributor"),
    (SEARCH_CONTRIBUTOR, "Search Service Contributor"),
    (AI_DEVELOPER, "Azure AI Developer"),
    (AI_ADMINISTRATOR, "Azure AI Administrator"),
    (FOUNDRY_OWNER, "Foundry Owner"),
    (FOUNDRY_ACCOUNT_OWNER, "Foundry Account Owner"),
    (FOUNDRY_PROJECT_MANAGER, "Foundry Project Manager"),
];

/// The id of an entry's role: the last step, which is the same in every scope.
pub fn id<'a>(entry: &Node<'a>) -> Result<&'a str, Unreadable> {
    let role = entry.text("assignment.properties.roleDefinitionId")?;
    match role.value {
        Some(id) => Ok(id.rsplit('/').next().unwrap_or(id)),
        None => Err(unnamed(&role, "the role")),
    }
}

/// Whether a role is one of these.
pub fn is_any_of(role: &str, ids: &[&str]) -> bool {
    ids.iter().any(|id| id.eq_ignore_ascii_case(role))
}

/// A role's name, for people.
pub fn name<'a>(entry: &Node<'a>, role: &'a str) -> &'a str {
    let of_definition = entry.text("definition.properties.roleName").ok();
    let known = NAMES.iter().find(|(id, _)| id.eq_ignore_ascii_case(role));
    of_definition.and_then(|name| name.value).or(known.map(|(_, name)| *name)).unwrap_or(role)
}

/// Who holds an entry's role.
pub fn principal<'a>(entry: &Node<'a>) -> Result<Reading<'a, &'a str>, Unreadable> {
    let principal = entry.text("assignment.properties.principalId")?;
    if principal.is_given() { Ok(principal) } else { Err(unnamed(&principal, "the principal")) }
}

/// Whether that is a user, a group or a service principal.
pub fn kind<'a>(entry: &Node<'a>) -> Result<Reading<'a, &'a str>, Unreadable> {
    let kind = entry.text("assignment.properties.principalType")?;
    if kind.is_given() { Ok(kind) } else { Err(unnamed(&kind, "what kind of principal it is")) }
}

/// Whether a condition limits which roles the principal may assign.
pub fn is_limited(entry: &Node<'_>) -> Result<bool, Unreadable> {
    Ok(entry.text("assignment.properties.condition")?.is_given())
}

fn unnamed(reading: &Reading<'_, &str>, what: &str) -> Unreadable {
    Unreadable::new(reading.expected("a text"), format!("The assignment does not say {what}."))
}

/// What makes an entry's role an administrator's; `None` where it is none.
///
/// Built-in roles are known by id, others by what their definitions grant.
pub fn power(entry: &Node<'_>, role: &str) -> Result<Option<Power>, Unreadable> {
    let is_role = |id: &str| id.eq_ignore_ascii_case(role);
    if let Some((_, power)) = ADMINISTRATORS.iter().find(|(id, _)| is_role(id)) {
        return Ok(Some(*power));
    }
    if NAMES.iter().any(|(id, _)| is_role(id)) {
        return Ok(None);
    }
    let Some(definition) = entry.child("definition")? else {
        return Err(without_definition(entry, role));
    };
    let (mut writes, mut assigns) = (false, false);
    for permission in permissions(&definition)?.entries().nodes() {
        let granted = permission.list("actions")?.value.unwrap_or_default();
        let refused = permission.list("notActions")?.value.unwrap_or_default();
        writes |= has_text(granted, |pattern| matches!(pattern, "*" | "*/write"))
            && WRITES.iter().any(|action| !covers(refused, action));
        // A condition of the definition limits which roles can be assigned.
        assigns |= covers(granted, ASSIGNS_ROLES)
            && !covers(refused, ASSIGNS_ROLES)
            && !permission.text("condition")?.is_given();
    }
    Ok(match (writes, assigns) {
        (true, true) => Some(Power::Owns),
        (true, false) => Some(Power::Contributes),
        (false, true) => Some(Power::AssignsRoles),
        (false, false) => None,
    })
}

/// For a role of which nothing but the id is known.
pub fn without_definition(entry: &Node<'_>, role: &str) -> Unreadable {
    let path = format!("{}.definition", entry.path());
    let evidence = Evidence::new(path, None, "the role's definition");
    Unreadable::new(evidence, format!("Azure did not show the definition of the role {role}."))
}

/// Whether a definition (`{"properties": {"permissions": …}}`) grants one of the actions.
pub fn grants(definition: &Node<'_>, actions: &[&str]) -> Result<bool, Unreadable> {
    for permission in permissions(definition)?.entries().nodes() {
        let granted = permission.list("actions")?.value.unwrap_or_default();
        let refused = permission.list("notActions")?.value.unwrap_or_default();
        if actions.iter().any(|action| covers(granted, action) && !covers(refused, action)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn permissions<'a>(definition: &Node<'a>) -> Result<Reading<'a, &'a [Value<'a>]>, Unreadable> {
    let permissions = definition.list("properties.permissions")?;
    if permissions.is_absent() {
        let note = "Azure's answer does not say what the role grants.";
        return Err(Unreadable::new(permissions.expected("what the role grants"), note));
    }
    Ok(permissions)
}

fn has_text(list: &[Value<'_>], is_it: impl Fn(&str) -> bool) -> bool {
    list.iter().filter_map(|one| one.as_str()).any(is_it)
}

/// Whether one of the patterns matches an action.
pub fn covers(patterns: &[Value<'_>], action: &str) -> bool {
    has_text(patterns, |pattern| matches(pattern, action))
}

/// Whether a pattern of a role's definition, in which `*` stands for any characters, matches an action.
pub fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // The place after the last star, and how far the action goes that the star stands for.
    let mut star = None;
    while let Some(letter) = action.get(seen) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                at += 1;
                star = Some((at, seen));
            }
            (Some(wanted), _) if wanted.eq_ignore_ascii_case(letter) => {
                at += 1;
                seen += 1;
            }
            (_, Some((after, from))) => {
                at = after;
                seen = from + 1;
                star = Some((after, seen));
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let action = "Microsoft.CognitiveServices/accounts/listKeys/action";
        for (pattern, expected) in [
            ("*", true),
            ("Microsoft.CognitiveServices/*", true),
            ("microsoft.cognitiveservices/ACCOUNTS/listkeys/action", true),
            ("*/listKeys/action", true),
            ("Microsoft.CognitiveServices/*/action", true),
            ("Microsoft.*/accounts/*/action*", true),
            ("*/read", false),
            ("Microsoft.CognitiveServices/accounts/listKeys", false),
            ("Microsoft.Search/*", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern, action), expected, "{pattern}");
        }
        assert!(matches("*", "") && matches("", ""));
    }
}
