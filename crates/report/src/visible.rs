//! Text for a screen: nothing in it is invisible, and nothing reorders or ends what stands beside it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with what is invisible or would reorder its neighbours written as `[U+202E]`: nothing is lost, nothing is
/// hidden. Tabs and line breaks stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            write!(out, "[U+{:04X}]", u32::from(character)).expect("a string takes any text");
        } else {
            out.push(character);
        }
    }
    out.into()
}

/// A text of one line, without white space at its ends; `empty` where nothing is left.
pub(crate) fn one_line(text: &str, empty: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = visible(&words.join(" ")).into_owned();
    if line.is_empty() { empty.to_owned() } else { line }
}

/// The text, cut in the open where it is longer than so many UTF-16 units, as spreadsheets count.
pub(crate) fn at_most(text: &str, longest: usize, where_whole: &str) -> String {
    let units = |text: &str| text.encode_utf16().count();
    if text.len() <= longest || units(text) <= longest {
        return text.to_owned();
    }
    let note = format!("… (cut; all {} characters are in {where_whole})", text.chars().count());
    let mut left = longest.saturating_sub(units(&note));
    let mut kept = String::new();
    for character in text.chars() {
        let size = character.len_utf16();
        if size > left {
            break;
        }
        left -= size;
        kept.push(character);
    }
    kept + &note
}

fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fffe}'
        | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden() {
        for (text, expected) in [
            ("plain, ünïcødé, 株式会社 🚀\n\t", "plain, ünïcødé, 株式会社 🚀\n\t"),
            ("a\u{202e}b\u{0}", "a[U+202E]b[U+0000]"),
            ("\r\n", "[U+000D]\n"),
        ] {
            assert_eq!(visible(text), expected);
        }
        assert_eq!(one_line(" \r\n a \n b\u{7} ", "none"), "a b[U+0007]");
        assert_eq!(one_line(" \n ", "none"), "none");
    }

    #[test]
    fn what_is_cut_says_so_and_fits() {
        let text = "🚀".repeat(100);
        let cut = at_most(&text, 80, "the CSV");
        assert!(cut.ends_with("🚀… (cut; all 100 characters are in the CSV)"), "{cut}");
        assert!(cut.encode_utf16().count() <= 80);
        assert_eq!(at_most(&text, 200, "the CSV"), text);
    }
}
