//! The parameters of a query.

use url::form_urlencoded;

use super::refusal::Refusal;
use super::route::Route;

/// The parameters of a query, as sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a>(pub Option<&'a str>);

impl Parameters<'_> {
    /// A parameter's value, by its name in any case.
    pub(crate) fn get(&self, wanted: &str) -> Option<String> {
        let query = self.0.unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.into_owned())
    }

    /// The query without the token of a page: what stays the same in a `nextLink`.
    pub(crate) fn without_token(&self) -> String {
        let parts = self.0.unwrap_or_default().split('&');
        let kept: Vec<&str> = parts
            .filter(|part| {
                let name = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
                !part.is_empty() && name != "$skiptoken" && name != "%24skiptoken"
            })
            .collect();
        kept.join("&")
    }

    /// Refuses a version that the type does not have, as Azure does.
    pub(crate) fn check_version(&self, route: Option<&Route<'_>>) -> Result<(), Refusal> {
        let Some(version) = self.get("api-version") else {
            let message =
                "The api-version query parameter (?api-version=) is required for all requests.";
            return Err(Refusal::bad_request("MissingApiVersionParameter", message));
        };
        let Some(route) = route else { return Ok(()) };
        let kind = route.kind;
        if kind.versions.contains(&version.as_str()) {
            return Ok(());
        }
        let supported = kind.versions.join(", ");
        // Resource Manager's own types have no provider to name.
        if !is_version(&version) || kind.name.starts_with("Microsoft.Resources/") {
            let message = format!(
                "The api-version '{version}' is invalid. The supported versions are '{supported}'."
            );
            return Err(Refusal::bad_request("InvalidApiVersionParameter", message));
        }
        let short = kind.short_name();
        let message = format!(
            "No registered resource provider found for location 'global' and API version '{version}' for type \
             '{short}'. The supported api-versions are '{supported}'."
        );
        Err(Refusal::bad_request("NoRegisteredProviderFound", message))
    }
}

/// Whether a text is like `2025-06-01` or `2025-06-01-preview`.
fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let is_date_at = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    date.len() == 10 && date.bytes().enumerate().all(is_date_at)
}
