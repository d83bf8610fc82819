//! Parts of texts, without regard to case and without copies: Azure does not keep the case of names and ids.

/// Whether a text begins with another.
pub fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

/// Where in a text another stands first; `part` is ASCII.
pub fn position(text: &str, part: &str) -> Option<usize> {
    let is_it = |bytes: &[u8]| bytes.eq_ignore_ascii_case(part.as_bytes());
    text.as_bytes().windows(part.len()).position(is_it)
}

/// Whether an ARM id is of something below another.
pub fn is_below(id: &str, parent: &str) -> bool {
    starts_with(id, parent) && id.get(parent.len()..).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_any_case() {
        assert!(starts_with("Whisper-1", "whisper"));
        assert!(!starts_with("whi", "whisper"));
        assert!(!starts_with("wh\u{ef}sper", "whi"));
        assert_eq!(position("GlobalProvisionedManaged", "provisioned"), Some(6));
        assert_eq!(position("Standard", "provisioned"), None);
        assert_eq!(position("/a/SUBNETS/b", "/subnets/"), Some(2));
        assert!(is_below("/A/b/c", "/a/B"));
        assert!(!is_below("/a/bc", "/a/b"));
    }
}
