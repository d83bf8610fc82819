//! Files as evidence: what they may be called, and what they are by their first bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::is_unseen;

/// The most bytes of a file: 10 MiB.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The most files of an exception.
pub const MOST_FILES: usize = 20;

/// A file cannot be evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceFileError {
    /// The name could lead somewhere, or cannot be read by people.
    #[error(
        "the file's name has to have 1 to {most} characters, without slashes, quotes and what cannot be seen: rename it",
        most = FileName::MOST
    )]
    Name,
    /// It has none of the endings that are taken.
    #[error("a file has to be one of {}: \"{name}\" is none of them", FileKind::endings())]
    Kind {
        /// Its name.
        name: String,
    },
    /// What it holds is not what its name says.
    #[error("the file is not what its name says: it does not begin as a .{0} file does")]
    Content(&'static str),
    /// It is empty.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file is too large: at most {} MiB fit", MOST_BYTES / 1024 / 1024)]
    TooLarge,
    /// There are many already.
    #[error("there are {MOST_FILES} files already, which is the most: add a link instead")]
    TooMany,
}

/// What a file is called: a name and no path, which a browser saves under that name and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileName(String);

impl FileName {
    /// The most characters.
    pub const MOST: usize = 120;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn ending(&self) -> Option<String> {
        let (name, ending) = self.0.rsplit_once('.')?;
        (!name.is_empty()).then(|| ending.to_ascii_lowercase())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = EvidenceFileError;

    fn from_str(text: &str) -> Result<Self, EvidenceFileError> {
        let text = text.trim();
        let is_bad = |letter: char| is_unseen(letter) || "/\\:*?\"<>|%;".contains(letter);
        let fits = (1..=Self::MOST).contains(&text.chars().count());
        if !fits || text.starts_with('.') || text.ends_with('.') || text.chars().any(is_bad) {
            return Err(EvidenceFileError::Name);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for FileName {
    type Error = EvidenceFileError;

    fn try_from(text: String) -> Result<Self, EvidenceFileError> {
        text.parse()
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// A picture in PNG.
    Png,
    /// A picture in JPEG.
    Jpeg,
    /// Text in UTF-8.
    Text,
    /// Comma-separated values in UTF-8.
    Csv,
    /// A document of Word.
    Docx,
    /// A workbook of Excel.
    Xlsx,
}

impl FileKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Pdf, Self::Png, Self::Jpeg, Self::Text, Self::Csv, Self::Docx, Self::Xlsx];

    /// What a file is, by its name and by how it begins.
    pub fn of(name: &FileName, content: &[u8]) -> Result<Self, EvidenceFileError> {
        if content.is_empty() {
            return Err(EvidenceFileError::Empty);
        }
        if content.len() > MOST_BYTES {
            return Err(EvidenceFileError::TooLarge);
        }
        let ending = name.ending().unwrap_or_default();
        let found = Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.ending() == ending || (*kind == Self::Jpeg && ending == "jpeg"));
        let kind = found.ok_or_else(|| EvidenceFileError::Kind { name: name.to_string() })?;
        if !kind.begins(content) {
            return Err(EvidenceFileError::Content(kind.ending()));
        }
        Ok(kind)
    }

    /// How names of such files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
        }
    }

    /// What browsers are told that it is.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How all of them end, for people.
    pub fn endings() -> String {
        let endings: Vec<String> =
            Self::ALL.iter().map(|kind| format!(".{}", kind.ending())).collect();
        endings.join(", ")
    }

    /// Whether content begins as such a file does; a text is one throughout.
    fn begins(self, content: &[u8]) -> bool {
        match self {
            Self::Pdf => content.starts_with(b"%PDF-"),
            Self::Png => content.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => content.starts_with(b"\xff\xd8\xff"),
            Self::Text | Self::Csv => {
                std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0'))
            }
            Self::Docx | Self::Xlsx => content.starts_with(b"PK\x03\x04"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        for good in ["firewall.pdf", "Ausnahme März (2).docx", "a.b.csv", " trimmed.txt "] {
            assert!(good.parse::<FileName>().is_ok(), "{good}");
        }
        let long = format!("{}.pdf", "a".repeat(FileName::MOST));
        for bad in [
            "",
            " ",
            "../secret.pdf",
            "..\\secret.pdf",
            "/etc/passwd",
            "C:\\a.pdf",
            ".htaccess",
            "a.",
            "a\r\nSet-Cookie: b.pdf",
            "a\0.pdf",
            "<script>.pdf",
            "a\"b.pdf",
            "a%2e%2e%2fb.pdf",
            "a;b.pdf",
            "evil\u{202e}fdp.exe",
            &long,
        ] {
            assert_eq!(bad.parse::<FileName>(), Err(EvidenceFileError::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_file_is_what_its_name_says() {
        let of = |name: &str, content: &[u8]| FileKind::of(&name.parse().unwrap(), content);
        assert_eq!(of("a.PDF", b"%PDF-1.7"), Ok(FileKind::Pdf));
        assert_eq!(of("a.jpeg", b"\xff\xd8\xff\xe0"), Ok(FileKind::Jpeg));
        assert_eq!(of("a.txt", "März".as_bytes()), Ok(FileKind::Text));
        assert_eq!(of("a.xlsx", b"PK\x03\x04"), Ok(FileKind::Xlsx));
        assert_eq!(of("a.pdf", b"<script>"), Err(EvidenceFileError::Content("pdf")));
        assert_eq!(of("a.png", b"%PDF-1.7"), Err(EvidenceFileError::Content("png")));
        assert_eq!(of("a.csv", b"a,\0"), Err(EvidenceFileError::Content("csv")));
        assert_eq!(of("a.txt", b"\xff\xfe"), Err(EvidenceFileError::Content("txt")));
        assert_eq!(of("a.txt", b""), Err(EvidenceFileError::Empty));
        for name in ["a.html", "a.svg", "a.exe", "pdf", "a.pdf.js"] {
            assert!(matches!(of(name, b"%PDF-1.7"), Err(EvidenceFileError::Kind { .. })), "{name}");
        }
        let large = vec![b'a'; MOST_BYTES + 1];
        assert_eq!(of("a.txt", &large), Err(EvidenceFileError::TooLarge));
        assert_eq!(of("a.txt", &large[1..]), Ok(FileKind::Text));
    }

    #[test]
    fn errors_say_what_to_do() {
        let said = EvidenceFileError::Kind { name: "a.exe".to_owned() }.to_string();
        assert_eq!(
            said,
            "a file has to be one of .pdf, .png, .jpg, .txt, .csv, .docx, .xlsx: \"a.exe\" is none of them"
        );
        assert_eq!(
            EvidenceFileError::TooLarge.to_string(),
            "the file is too large: at most 10 MiB fit"
        );
    }
}
