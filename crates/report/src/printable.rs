//! Text that may be printed: every character has a glyph, and every long word may be broken.

use std::sync::LazyLock;

use serde::Serialize;
use typst::text::Font;

use crate::pdf;

/// Text that the report's fonts can show; the only way for data into the document.
///
/// PDF/A forbids text without a glyph, so one Japanese tag would refuse the whole report.
/// Such a character, and one that is invisible or would reorder its neighbours, is written as
/// `[U+4E2D]`: nothing is lost, nothing is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Printed(String);

/// Where a line may end inside a word, without a hyphen; the templates turn it into a space of no width.
const BREAK: char = '\u{200b}';

/// A run of this many characters without a natural break gets one: it fits the narrowest column.
const LONGEST_RUN: usize = 14;

impl Printed {
    /// Text for a place that is wide enough.
    pub(crate) fn new(text: &str) -> Self {
        Self(shown(text))
    }

    /// Text for a narrow column: ids, paths and values may be broken anywhere, after punctuation where there is some.
    pub(crate) fn breakable(text: &str) -> Self {
        Self(with_breaks(&shown(text)))
    }

    /// Breakable text of at most about `longest` shown characters, cut in the open.
    pub(crate) fn shortened(text: &str, longest: usize) -> Self {
        let mut kept = String::new();
        for character in text.chars() {
            let before = kept.len();
            push_shown(&mut kept, character);
            if kept.chars().count() > longest {
                kept.truncate(before);
                let whole = crate::document::number(text.chars().count() as u64);
                kept.extend(["… (cut; all ", &whole, " characters are in the CSV)"]);
                break;
            }
        }
        Self(with_breaks(&kept))
    }

    /// Whether [`Self::shortened`] keeps the whole text.
    pub(crate) fn fits(text: &str, longest: usize) -> bool {
        shown(text).chars().count() <= longest
    }

    /// How long the text is, for guessing how high it will stand.
    pub(crate) fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The text in groups of eight, as digests are read.
    pub(crate) fn in_eights(text: &str) -> Self {
        let shown: Vec<char> = shown(text).chars().collect();
        let groups: Vec<String> = shown.chunks(8).map(|group| group.iter().collect()).collect();
        Self(groups.join(&BREAK.to_string()))
    }

    /// The text.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push_shown(&mut out, character);
    }
    out
}

fn push_shown(out: &mut String, character: char) {
    match character {
        '\t' | '\n' | '\r' => out.push(' '),
        _ if is_shown(character) => out.push(character),
        _ => out.extend([format!("[U+{:04X}]", u32::from(character))]),
    }
}

fn is_shown(character: char) -> bool {
    static SANS: LazyLock<Option<Font>> = LazyLock::new(pdf::text_font);

    if character.is_ascii_graphic() || character == ' ' {
        return true;
    }
    let is_private = matches!(character, '\u{e000}'..='\u{f8ff}');
    // Soft hyphen, joiners, direction marks, separators, byte order mark.
    let is_invisible = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !character.is_control()
        && !is_private
        && !is_invisible
        && SANS.as_ref().is_some_and(|font| font.info().coverage.contains(character.into()))
}

fn with_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut run = 0;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        out.push(character);
        run += 1;
        if character == ' ' {
            run = 0;
            continue;
        }
        let is_joint =
            matches!(character, '/' | '.' | '_' | '-' | ':' | '=' | ',' | ';' | '|' | '}' | ']');
        let word_goes_on = rest.peek().is_some_and(|next| *next != ' ');
        if word_goes_on && (run >= LONGEST_RUN || (is_joint && run >= 6)) {
            out.push(BREAK);
            run = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_glyph_is_named() {
        for (text, expected) in [
            ("Größe — Ελλάδα, Киев", "Größe — Ελλάδα, Киев"),
            ("中", "[U+4E2D]"),
            ("a\u{202e}b", "a[U+202E]b"),
            ("\u{0}\u{7}", "[U+0000][U+0007]"),
            ("\u{f8ff}", "[U+F8FF]"),
            ("one\ntwo", "one two"),
            ("🚀", "[U+1F680]"),
            ("#import \"x\" $1$ *b* @a", "#import \"x\" $1$ *b* @a"),
        ] {
            assert_eq!(Printed::new(text).as_str(), expected);
        }
    }

    #[test]
    fn a_long_value_is_cut_in_the_open() {
        for (text, expected) in [
            ("é".repeat(10), "éééééééééé".to_owned()),
            (
                "é".repeat(5_000),
                "éééééééééé… (cut; all 5,000 characters are in the CSV)".to_owned(),
            ),
            ("中".repeat(2), "[U+4E2D]… (cut; all 2 characters are in the CSV)".to_owned()),
        ] {
            let printed = Printed::shortened(&text, 10);
            assert_eq!(printed.as_str().replace(BREAK, ""), expected);
            assert_eq!(Printed::fits(&text, 10), !expected.contains("cut"));
        }
    }

    #[test]
    fn long_words_may_be_broken_and_lose_nothing() {
        let id = format!("/subscriptions/{}/x", "y".repeat(200));
        let printed = Printed::breakable(&id);
        assert_eq!(printed.as_str().replace(BREAK, ""), id);
        let longest = printed.as_str().split(BREAK).map(|run| run.chars().count()).max();
        assert!(longest <= Some(LONGEST_RUN), "{longest:?}");
        assert_eq!(Printed::in_eights("0123456789").as_str(), "01234567\u{200b}89");
    }
}
