//! From a file's bytes to JSON.

use std::path::Path;

use serde_json::Value;

/// A file is not JSON, or not at all readable.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("is empty")]
    Empty,
    #[error("is text neither in UTF-8 nor in UTF-16")]
    Encoding,
    #[error("is cut short: {0}")]
    Truncated(serde_json::Error),
    #[error("is not JSON: {0}")]
    NotJson(serde_json::Error),
}

pub(super) fn read(path: &Path) -> Result<Value, DecodeError> {
    decode(&std::fs::read(path)?)
}

fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let text = text(bytes).ok_or(DecodeError::Encoding)?;
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    serde_json::from_str(&text).map_err(|error| {
        if error.is_eof() { DecodeError::Truncated(error) } else { DecodeError::NotJson(error) }
    })
}

/// The text without its byte order mark; Windows PowerShell redirects into UTF-16.
fn text(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_is_read() {
        let text = r#"{"name":"Zürich"}"#;
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            [&[0xff, 0xfe][..], &le].concat(),
            [&[0xfe, 0xff][..], &be].concat(),
        ] {
            assert_eq!(decode(&bytes).unwrap()["name"], "Zürich");
        }
    }

    #[test]
    fn what_is_no_json_says_why() {
        for (bytes, begins) in [
            (&b""[..], "is empty"),
            (b" \n", "is empty"),
            (b"{\"value\": [", "is cut short"),
            (b"id\tname", "is not JSON"),
            (b"\xff\xfe{", "is text neither"),
            (b"\"\xc3\"", "is text neither"),
        ] {
            let said = decode(bytes).unwrap_err().to_string();
            assert!(said.starts_with(begins), "{said}");
        }
    }
}
