//! The queries, in Resource Graph's language.

use postern_domain::arm::SCANNED_TYPES;

/// A query with what it asks for, in words.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// What the rows are: `private endpoints`.
    pub subject: &'static str,
    pub text: String,
    /// Whether what management groups above the subscriptions hold is asked for as well.
    pub is_above_too: bool,
}

/// What becomes of a resource's row; ordered by the id, because only then do pages follow each other.
const RESOURCE: &str =
    "| project id, name, type, kind, location, sku, identity, tags, properties | order by id asc";
const ROW: &str = "| project id, name, type, properties | order by id asc";

/// A text as a literal of the query language.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('\'');
    literal
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    texts.join(", ")
}

fn query(subject: &'static str, text: String) -> Query {
    Query { subject, text, is_above_too: false }
}

/// Whether the properties name an asset of a scanned type anywhere.
fn names_an_asset() -> String {
    let named: Vec<String> = SCANNED_TYPES
        .iter()
        .map(|asset_type| {
            format!("tostring(properties) contains {}", quoted(&format!("/{asset_type}/")))
        })
        .collect();
    named.join(" or ")
}

impl Query {
    /// How many assets there are of each type and kind.
    pub(crate) fn count_assets() -> Self {
        query(
            "numbers of assets",
            format!(
                "resources | where type in~ ({}) | extend projects = tostring(properties.allowProjectManagement) \
                 | summarize assets = count() by subscriptionId, type, kind, projects",
                list(SCANNED_TYPES)
            ),
        )
    }

    /// How many private endpoints lead to assets.
    pub(crate) fn count_endpoints() -> Self {
        query(
            "numbers of private endpoints",
            format!(
                "resources | where type =~ 'microsoft.network/privateendpoints' | where {} \
                 | summarize endpoints = count() by type",
                names_an_asset()
            ),
        )
    }

    pub(crate) fn assets() -> Self {
        query("assets", format!("resources | where type in~ ({}) {RESOURCE}", list(SCANNED_TYPES)))
    }

    pub(crate) fn private_endpoints() -> Self {
        query(
            "private endpoints",
            format!(
                "resources | where type =~ 'microsoft.network/privateendpoints' | where {} {RESOURCE}",
                names_an_asset()
            ),
        )
    }

    pub(crate) fn private_dns_zones() -> Self {
        query(
            "private DNS zones",
            format!(
                "resources | where type =~ 'microsoft.network/privatednszones' \
                 | where name startswith 'privatelink.' {RESOURCE}"
            ),
        )
    }

    pub(crate) fn alerts() -> Self {
        query(
            "alert rules",
            format!(
                "resources | where type in~ ('microsoft.insights/metricalerts', \
                 'microsoft.insights/activitylogalerts') {RESOURCE}"
            ),
        )
    }

    /// Resources by their ids.
    pub(crate) fn by_id<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        query("linked resources", format!("resources | where id in~ ({}) {RESOURCE}", list(ids)))
    }

    /// Key vaults by their names, which are unique in a cloud.
    pub(crate) fn vaults<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        query(
            "key vaults",
            format!(
                "resources | where type =~ 'microsoft.keyvault/vaults' | where name in~ ({}) {RESOURCE}",
                list(names)
            ),
        )
    }

    /// The definitions of all roles, built-in ones and those of the tenant.
    pub(crate) fn role_definitions() -> Self {
        Self {
            is_above_too: true,
            ..query(
                "role definitions",
                format!(
                    "authorizationresources | where type =~ 'microsoft.authorization/roledefinitions' {ROW}"
                ),
            )
        }
    }

    /// The subscriptions with the management groups above them.
    pub(crate) fn management_groups() -> Self {
        query(
            "management groups",
            format!("resourcecontainers | where type =~ 'microsoft.resources/subscriptions' {ROW}"),
        )
    }

    /// What Azure Policy finds wrong with assets.
    pub(crate) fn policy_states() -> Self {
        query(
            "policy states",
            format!(
                "policyresources | where type =~ 'microsoft.policyinsights/policystates' \
                 | where properties.complianceState =~ 'NonCompliant' \
                 | where properties.resourceType in~ ({}) {ROW}",
                list(SCANNED_TYPES)
            ),
        )
    }

    pub(crate) fn defender_plans() -> Self {
        query(
            "Defender plans",
            format!("securityresources | where type =~ 'microsoft.security/pricings' {ROW}"),
        )
    }

    pub(crate) fn security_alerts() -> Self {
        query(
            "security alerts",
            format!(
                "securityresources | where type =~ 'microsoft.security/locations/alerts' | where {} {ROW}",
                names_an_asset()
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_their_literals() {
        assert_eq!(quoted("kv-1"), "'kv-1'");
        assert_eq!(quoted(r"a' or 'b\"), r"'a\' or \'b\\'");
    }
}
