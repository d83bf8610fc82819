//! The arguments of `postern rules new` and `postern rules build`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = "\
The project needs Rust with the target wasm32-unknown-unknown, and nothing of Postern's sources: what a rule is
written with comes along in its folder `vendor`. Its one rule is an example that explains every field.

Examples:
  postern rules new contoso-rules
  postern rules new contoso-rules --path ~/src/rules

Then, in the project:
  cargo test                     run the rules on their cases
  postern rules build            make dist/contoso-rules.wasm
  postern rules test --pack dist/contoso-rules.wasm
                                 run the cases against what was built")]
pub(crate) struct NewRulesArguments {
    /// The pack's name: lower-case letters, digits and dashes. The example rule's id is made of it.
    #[arg(value_name = "NAME")]
    pub name: PackName,
    /// The folder to make, or an empty one [default: NAME].
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
This compiles the project with cargo for wasm32-unknown-unknown, makes a component of the module, and loads it
as the server would, so that a pack that would be refused is refused now.
The same sources, Cargo.lock and version of Rust give the same bytes in any folder on any machine; RUSTFLAGS are left out.

Examples:
  postern rules build
  postern rules build ~/src/rules --out contoso-rules-1.2.0.wasm

Then:
  minisign -S -s minisign.key -m dist/contoso-rules.wasm
  postern rules activate dist/contoso-rules.wasm --trusted-key minisign.pub --reason \"our own rules\"")]
pub(crate) struct BuildRulesArguments {
    /// The pack's project.
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// The file to write; an existing one is replaced once the new one is complete [default: DIR/dist/NAME.wasm].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The cargo to compile with.
    #[arg(
        long,
        value_name = "PROGRAM",
        env = "CARGO",
        hide_env_values = true,
        default_value = "cargo"
    )]
    pub cargo: PathBuf,
}

/// A pack's name that can also be a crate's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackName(String);

/// The text is no name for a pack.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackNameError {
    /// It has other characters.
    #[error(
        "a pack's name is made of lower-case letters, digits and dashes, such as contoso-rules"
    )]
    Characters,
    /// Crates and rules' ids begin and end otherwise.
    #[error("a pack's name begins with a letter and does not end with a dash")]
    Ends,
    /// The ids of rules are made of it.
    #[error("a pack's name has at most {MOST_LETTERS} characters")]
    Long,
    /// Rust has another use for it.
    #[error("\"{0}\" is a word of Rust; choose another name")]
    Reserved(String),
}

/// A rule's id, `NAME-01`, has at most 64.
const MOST_LETTERS: usize = 60;

/// Words that cannot be the name of a crate: Rust's own, and crates that every program has.
const RESERVED: [&str; 56] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

impl PackName {
    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackName {
    type Err = PackNameError;

    fn from_str(text: &str) -> Result<Self, PackNameError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(PackNameError::Characters);
        }
        if !text.starts_with(|first: char| first.is_ascii_lowercase()) || text.ends_with('-') {
            return Err(PackNameError::Ends);
        }
        if text.len() > MOST_LETTERS {
            return Err(PackNameError::Long);
        }
        if RESERVED.contains(&text) {
            return Err(PackNameError::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PackName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_crates() {
        for name in ["contoso", "contoso-rules-2", "a"] {
            assert_eq!(name.parse::<PackName>().unwrap().as_str(), name);
        }
        let check = |name: &str, error: PackNameError| {
            assert_eq!(name.parse::<PackName>(), Err(error), "{name}");
        };
        for name in
            ["", "Contoso", "contoso_rules", "contoso rules", "../contoso", "contoso.wasm", "größe"]
        {
            check(name, PackNameError::Characters);
        }
        for name in ["2contoso", "-contoso", "contoso-", "-"] {
            check(name, PackNameError::Ends);
        }
        check(&"a".repeat(61), PackNameError::Long);
        check("match", PackNameError::Reserved("match".to_owned()));
    }
}
