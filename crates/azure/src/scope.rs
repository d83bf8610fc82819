//! What of a tenant is read.

/// How an id of a management group begins, where it is given in full.
const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";
/// Azure's limit for the id of a management group.
const MANAGEMENT_GROUP_LENGTH: usize = 90;
/// Longer than any name of a subscription, which ends at 64 characters.
const PATTERN_LENGTH: usize = 200;

/// What of a tenant is read: management groups and subscriptions, of which patterns leave some in or out.
///
/// Without management groups and subscriptions it is everything that the credential sees.
/// Subscriptions that appear later are found by themselves, unless subscriptions are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Ids of management groups, whose subscriptions at any depth are read.
    pub management_groups: Vec<String>,
    /// Ids of subscriptions, in lower case.
    pub subscriptions: Vec<String>,
    /// Patterns, see [`Scope::admits`]; none: all of them.
    pub include: Vec<String>,
    /// Patterns of what is left out, also of what `include` lets in.
    pub exclude: Vec<String>,
}

/// The scope cannot be meant like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Not an id of a subscription.
    #[error(
        "\"{0}\" is not the id of a subscription, which looks like 00000000-0000-0000-0000-000000000000; \
         subscriptions are chosen by their names with patterns to include and exclude"
    )]
    Subscription(String),
    /// Not an id of a management group.
    #[error(
        "\"{0}\" is not the id of a management group: up to 90 letters, digits and - _ ( ) . without a full stop at the end"
    )]
    ManagementGroup(String),
    /// Not a pattern.
    #[error(
        "\"{}\" is not a pattern: a part of a subscription's name or id with * for any text and ? for one character, \
         of at most 200 characters", shown(.0)
    )]
    Pattern(String),
}

impl Scope {
    /// Reads what people wrote: ids trimmed and of one spelling, none twice.
    pub fn parse(written: Self) -> Result<Self, ScopeError> {
        Ok(Self {
            management_groups: each(written.management_groups, management_group)?,
            subscriptions: each(written.subscriptions, subscription)?,
            include: each(written.include, pattern)?,
            exclude: each(written.exclude, pattern)?,
        })
    }

    /// Whether the patterns let a subscription in: `include` is empty or has one that matches its id or its display
    /// name, and `exclude` has none.
    ///
    /// `*` stands for any text, `?` for one character; case does not matter.
    pub fn admits(&self, id: &str, name: &str) -> bool {
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| matches(pattern, id) || matches(pattern, name))
        };
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

fn each(
    written: Vec<String>,
    read: fn(&str) -> Result<String, ScopeError>,
) -> Result<Vec<String>, ScopeError> {
    let mut done = Vec::with_capacity(written.len());
    for text in written {
        let text = read(text.trim())?;
        if !done.contains(&text) {
            done.push(text);
        }
    }
    Ok(done)
}

fn subscription(text: &str) -> Result<String, ScopeError> {
    let refused = || ScopeError::Subscription(text.to_owned());
    let id = text.to_ascii_lowercase();
    let id = id.strip_prefix("/subscriptions/").unwrap_or(&id);
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    let is_guid = lengths == [8, 4, 4, 4, 12]
        && id.chars().all(|character| character == '-' || character.is_ascii_hexdigit());
    if is_guid { Ok(id.to_owned()) } else { Err(refused()) }
}

fn management_group(text: &str) -> Result<String, ScopeError> {
    let refused = || ScopeError::ManagementGroup(text.to_owned());
    let begins_in_full = text
        .get(..MANAGEMENT_GROUPS.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(MANAGEMENT_GROUPS));
    let id =
        if begins_in_full { text.get(MANAGEMENT_GROUPS.len()..).unwrap_or_default() } else { text };
    let is_allowed = |character: char| character.is_alphanumeric() || "-_().".contains(character);
    let is_id = !id.is_empty()
        && id.chars().count() <= MANAGEMENT_GROUP_LENGTH
        && id.chars().all(is_allowed)
        && !id.ends_with('.');
    if is_id { Ok(id.to_owned()) } else { Err(refused()) }
}

fn pattern(text: &str) -> Result<String, ScopeError> {
    let is_pattern = !text.is_empty()
        && text.chars().count() <= PATTERN_LENGTH
        && !text.chars().any(char::is_control);
    if is_pattern { Ok(text.to_owned()) } else { Err(ScopeError::Pattern(text.to_owned())) }
}

/// As much of a text as a sentence bears.
fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

/// Whether the whole text is what the pattern says.
///
/// In the worst case the work is the product of the two lengths: on a mismatch only the latest `*` takes one
/// character more.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut at, mut read) = (0, 0);
    // Where the latest star stands, and how far the text was read when it took its last character.
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = text.get(read) {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, read));
                at += 1;
            }
            (Some(wanted), _) if *wanted == '?' || wanted == character => {
                at += 1;
                read += 1;
            }
            (_, Some((position, taken))) => {
                star = Some((position, taken + 1));
                at = position + 1;
                read = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|character| *character == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5a0e0000-0000-4000-8000-000000000001";

    fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(str::to_owned).to_vec()
    }

    #[test]
    fn patterns_match_whole_names_and_ids() {
        let check = |pattern, text, expected| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        };
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("", ""),
            ("contoso-*", "Contoso-Prod"),
            ("*-prod", "contoso-prod-prod"),
            ("a?c", "aBc"),
            ("*a*b*c*", "xxaxxbxxcxx"),
            ("grün*", "GRÜN 1"),
            ("5a0e*0001", ID),
        ] {
            check(pattern, text, true);
        }
        for (pattern, text) in
            [("", "a"), ("a", ""), ("prod", "prod-1"), ("a?c", "ac"), ("*-prod", "prod"), ("?", "")]
        {
            check(pattern, text, false);
        }
        // Exponential work would not end.
        check(&"*a".repeat(60), &"b".repeat(60), false);
    }

    #[test]
    fn exclude_wins_over_include() {
        let scope = |include: &[&str], exclude: &[&str]| Scope {
            include: include.iter().map(|&text| text.to_owned()).collect(),
            exclude: exclude.iter().map(|&text| text.to_owned()).collect(),
            ..Scope::default()
        };
        let check = |scope: Scope, name, expected| {
            assert_eq!(scope.admits(ID, name), expected, "{scope:?} {name}");
        };
        check(scope(&[], &[]), "Anything", true);
        check(scope(&["prod*"], &[]), "Production", true);
        check(scope(&["prod*"], &[]), "Sandbox", false);
        check(scope(&[], &["*sandbox*"]), "AI Sandbox 3", false);
        check(scope(&["ai*"], &["*sandbox*"]), "AI Sandbox 3", false);
        check(scope(&["ai*", "prod*"], &["*sandbox*"]), "Prod", true);
        check(scope(&["5A0E*"], &[]), "Whatever", true);
    }

    #[test]
    fn what_people_write_is_read_or_refused() {
        let written = Scope {
            management_groups: texts([
                " contoso ",
                "/providers/Microsoft.Management/managementGroups/Landing_Zones",
            ]),
            subscriptions: texts([&ID.to_uppercase(), &format!("/subscriptions/{ID}")]),
            include: texts(["prod *"]),
            exclude: texts(["*sandbox*"]),
        };
        let scope = Scope::parse(written).unwrap();
        assert_eq!(scope.management_groups, ["contoso", "Landing_Zones"]);
        assert_eq!(scope.subscriptions, [ID], "none twice");

        let check = |scope: Scope, said: &str| {
            let error = Scope::parse(scope).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        };
        for id in ["", "Contoso production", "5a0e0000", "5a0e0000-0000-4000-8000-00000000000g"] {
            let subscriptions = texts([id]);
            check(Scope { subscriptions, ..Scope::default() }, "is not the id of a subscription");
        }
        for id in ["", "a/b", "ends.", "with space", &"x".repeat(91)] {
            let management_groups = texts([id]);
            check(Scope { management_groups, ..Scope::default() }, "of a management group");
        }
        for wrong in ["", " ", "a\nb", &"x".repeat(201)] {
            let exclude = texts([wrong]);
            check(Scope { exclude, ..Scope::default() }, "is not a pattern");
        }
    }
}
