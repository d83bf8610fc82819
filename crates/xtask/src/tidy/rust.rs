//! Rust: no lint switched off without a reason, no test left asleep, nothing half done.

use super::{Problem, SourceFile};

/// What is refused, and what to do. Written in parts, because this file is judged too.
const REFUSED: [(&str, &str); 6] = [
    (concat!("#[al", "low("), "use `#[expect(…, reason = \"…\")]`"),
    (concat!("#![al", "low("), "use `#![expect(…, reason = \"…\")]`"),
    (concat!("#[ig", "nore"), "a test that does not run proves nothing: mend it or remove it"),
    (concat!("to", "do!("), "finish it"),
    (concat!("unimple", "mented!("), "finish it"),
    (concat!("db", "g!("), "remove it"),
];

pub fn problems(file: &SourceFile) -> Vec<Problem> {
    if !file.has_extension("rs") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in file.code_lines() {
        for (refused, fix) in REFUSED {
            if line.contains(refused) {
                problems.push(Problem::in_line(
                    &file.path,
                    number,
                    format!("`{refused}` is refused: {fix}"),
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn each_is_refused_in_code_and_not_in_comments() {
        for (refused, _) in REFUSED {
            assert_eq!(problems(&file("a.rs", &format!("    {refused}"))).len(), 1, "{refused}");
            assert_eq!(problems(&file("a.rs", &format!("// {refused}"))).len(), 0, "{refused}");
            assert_eq!(problems(&file("a.md", refused)).len(), 0, "{refused}");
        }
    }

    #[test]
    fn an_expectation_with_a_reason_is_fine() {
        assert_eq!(problems(&file("a.rs", "#[expect(clippy::x, reason = \"y\")]")), []);
    }
}
