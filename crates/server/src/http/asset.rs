//! Styles, scripts and WASM.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::State as AppState;
use super::error_page;
use crate::embedded;

/// Gives a file of the pages, as the build compressed it where the browser takes that.
pub(super) async fn show_asset(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let known = media_type(&name).zip(embedded::site_file(&name));
    let Some((media_type, bytes)) = known else {
        return error_page::page(&state.site, StatusCode::NOT_FOUND);
    };
    let caching = if is_hashed(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, caching)];
    let packed = takes_brotli(&headers).then(|| embedded::site_file(&format!("{name}.br")));
    let Some(packed) = packed.flatten() else {
        return (about, bytes.into_owned()).into_response();
    };
    // What has an encoding already is not compressed once more.
    let encoding = [(header::CONTENT_ENCODING, "br"), (header::VARY, "accept-encoding")];
    (about, encoding, packed.into_owned()).into_response()
}

/// Whether a request accepts `br` (RFC 9110, section 12.5.3), by name: no browser means it by `*` alone.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let named = |header: &HeaderValue| {
        let Ok(list) = header.to_str() else { return false };
        list.split(',').any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().trim_start_matches(['q', 'Q', '=']).parse::<f32>();
            name.trim().eq_ignore_ascii_case("br") && weight.is_ok_and(|weight| weight > 0.0)
        })
    };
    headers.get_all(header::ACCEPT_ENCODING).iter().any(named)
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
    fn brotli_is_for_those_who_ask_for_it() {
        let check = |accepted: Option<&'static str>, expected| {
            let value = accepted.map(HeaderValue::from_static);
            let headers = value.map(|value| (header::ACCEPT_ENCODING, value)).into_iter().collect();
            assert_eq!(takes_brotli(&headers), expected, "{accepted:?}");
        };
        check(Some("gzip, deflate, br, zstd"), true);
        check(Some("gzip;q=0.5, BR;q=0.9"), true);
        check(Some("br;q=0, gzip"), false);
        check(Some("gzip"), false);
        check(Some("brand"), false);
        check(None, false);
    }

    #[test]
    fn only_names_that_change_with_the_content_are_kept_for_ever() {
        let check = |name, expected| assert_eq!(is_hashed(name), expected, "{name}");
        check("postern-0123456789ab.css", true);
        check("postern-0123456789ab_bg.wasm", true);
        check("postern.css", false);
        check("boot.js", false);
    }
}
