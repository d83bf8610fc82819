//! Queries into words.

use serde_json::{Number, Value};

use super::syntax::QueryError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    Name(String),
    Literal(Value),
    /// Punctuation and operators, those that begin with `!` and `in~` included.
    Sign(String),
    End,
}

impl Word {
    /// As it stood in the query.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Name(text) | Self::Sign(text) => text.clone(),
            Self::Literal(value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub word: Word,
    pub line: usize,
    pub position: usize,
}

/// The longest first.
const SIGNS: [&str; 20] = [
    "!contains",
    "!in~",
    "!in",
    "==",
    "=~",
    "!=",
    "!~",
    "<=",
    ">=",
    "|",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "=",
    "<",
    ">",
    "-",
];

pub(super) fn words(query: &str) -> Result<Vec<Placed>, QueryError> {
    let mut lexer = Lexer { rest: query, line: 1, position: 0 };
    let mut words = Vec::new();
    loop {
        lexer.skip_blanks();
        let (line, position) = (lexer.line, lexer.position);
        let word = lexer.next()?;
        let is_end = word == Word::End;
        words.push(Placed { word, line, position });
        if is_end {
            return Ok(words);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    position: usize,
}

impl<'a> Lexer<'a> {
    fn skip_blanks(&mut self) {
        loop {
            let blanks = self.rest.len() - self.rest.trim_start().len();
            self.take(blanks);
            if !self.rest.starts_with("//") {
                return;
            }
            self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        for character in taken.chars() {
            if character == '\n' {
                self.line += 1;
                self.position = 0;
            } else {
                self.position += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn next(&mut self) -> Result<Word, QueryError> {
        let Some(first) = self.rest.chars().next() else { return Ok(Word::End) };
        if first.is_ascii_alphabetic() || first == '_' {
            let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_').to_owned();
            if name == "in" && self.rest.starts_with('~') {
                self.take(1);
                return Ok(Word::Sign("in~".to_owned()));
            }
            return Ok(match name.as_str() {
                "true" => Word::Literal(Value::Bool(true)),
                "false" => Word::Literal(Value::Bool(false)),
                _ => Word::Name(name),
            });
        }
        if first.is_ascii_digit() {
            return self.number();
        }
        if first == '\'' || first == '"' {
            return self.text(first);
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
            return Ok(Word::Sign(self.take(sign.len()).to_owned()));
        }
        Err(self.error("UnexpectedCharacter", &first.to_string()))
    }

    fn number(&mut self) -> Result<Word, QueryError> {
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
        let number = match digits.parse::<u64>() {
            Ok(whole) => Some(Number::from(whole)),
            Err(_) => digits.parse().ok().and_then(Number::from_f64),
        };
        number
            .map(|number| Word::Literal(Value::Number(number)))
            .ok_or_else(|| self.error("ParserFailure", digits))
    }

    fn text(&mut self, quote: char) -> Result<Word, QueryError> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            if character == quote {
                self.take(index + 1);
                return Ok(Word::Literal(Value::String(text)));
            }
            if character == '\\' {
                match characters.next() {
                    Some((_, escaped @ ('\\' | '\'' | '"'))) => text.push(escaped),
                    _ => return Err(self.error("ParserFailure", "\\")),
                }
            } else {
                text.push(character);
            }
        }
        Err(self.error("ParserFailure", &quote.to_string()))
    }

    fn error(&self, code: &'static str, token: &str) -> QueryError {
        QueryError {
            code,
            message: format!("Unexpected '{token}'"),
            token: token.to_owned(),
            line: self.line,
            position: self.position,
        }
    }
}
