//! Styles, scripts and WASM.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::State as AppState;
use super::error_page;
use crate::embedded;

/// Gives a file of the pages.
pub(super) async fn show_asset(
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Response {
    let known = media_type(&name).zip(embedded::site_file(&name));
    let Some((media_type, bytes)) = known else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let caching = if is_hashed(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, caching)];
    (headers, bytes.into_owned()).into_response()
}

fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

/// Whether the name changes with the content: `postern-0123456789ab.css`, `postern-0123456789ab_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.'])
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_change_with_the_content_are_kept_for_ever() {
        let check = |name, expected| assert_eq!(is_hashed(name), expected, "{name}");
        check("postern-0123456789ab.css", true);
        check("postern-0123456789ab_bg.wasm", true);
        check("postern.css", false);
        check("boot.js", false);
    }
}
