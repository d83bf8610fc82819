//! Colours stand in one file, so that light and dark stay a pair and contrast can be judged in one place.

use super::{Problem, SourceFile};

/// The palette and the semantic tokens made of it.
const TOKENS: &str = "frontend/styles/tokens.css";

pub fn problems(file: &SourceFile) -> Vec<Problem> {
    let judged = file.path.starts_with("frontend/")
        && !file.path.starts_with("frontend/e2e/")
        && (file.has_extension("css") || file.has_extension("rs"));
    if !judged || file.path == TOKENS {
        return Vec::new();
    }
    file.code_lines()
        .filter_map(|(number, line)| {
            let colour = hex_colour(line)?;
            Some(Problem::in_line(
                &file.path,
                number,
                format!("`{colour}`: use a token of `{TOKENS}`"),
            ))
        })
        .collect()
}

/// The first `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa` in a line.
fn hex_colour(line: &str) -> Option<&str> {
    line.match_indices('#').find_map(|(at, _)| {
        // `&#160;` is a character.
        if line[..at].ends_with('&') {
            return None;
        }
        let digits = line[at + 1..]
            .find(|character: char| {
                !character.is_ascii_alphanumeric() && character != '-' && character != '_'
            })
            .map_or(&line[at + 1..], |end| &line[at + 1..at + 1 + end]);
        let is_colour = matches!(digits.len(), 3 | 4 | 6 | 8)
            && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        is_colour.then(|| &line[at..=at + digits.len()])
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_raw_colour_is_refused_outside_the_tokens() {
        for (text, broken) in [
            ("color: #fff;", 1),
            ("color: #0a1B2c80", 1),
            ("color: var(--text);", 0),
            ("href=\"#findings\"", 0),
            ("&#160;", 0),
            ("#abc-def { }", 0),
        ] {
            assert_eq!(problems(&file("frontend/styles/page.css", text)).len(), broken, "{text}");
            assert_eq!(problems(&file(TOKENS, text)).len(), 0, "{text}");
            assert_eq!(problems(&file("README.md", text)).len(), 0, "{text}");
        }
    }
}
