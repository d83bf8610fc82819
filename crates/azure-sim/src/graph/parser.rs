//! Words into queries; everything that is not known is refused by name.

mod expression;

use std::collections::BTreeMap;

use serde_json::Value;

use super::lexer::{Placed, Word, words};
use super::syntax::{
    COLUMNS, Direction, Expression, Function, Named, Query, QueryError, Stage, Step, TABLES,
};

pub(super) fn parse(query: &str) -> Result<Query, QueryError> {
    let words = words(query)?;
    let columns = COLUMNS.iter().map(|(name, is_dynamic)| ((*name).to_owned(), *is_dynamic));
    Parser { words, next: 0, columns: columns.collect() }.query()
}

struct Parser {
    /// Ends with [`Word::End`].
    words: Vec<Placed>,
    next: usize,
    /// The columns at this point of the query, and whether they are dynamic.
    columns: BTreeMap<String, bool>,
}

type Parsed<T> = Result<T, QueryError>;

impl Parser {
    fn query(mut self) -> Parsed<Query> {
        let name = self.name("a table")?;
        let known = TABLES.iter().find(|table| table.eq_ignore_ascii_case(&name));
        let Some(table) = known else {
            return Err(self
                .refuse_last("InvalidTable", &format!("Table {name} is invalid or unsupported")));
        };
        let mut stages = Vec::new();
        while self.takes_sign("|") {
            stages.push(self.stage()?);
        }
        if self.peek().word != Word::End {
            return Err(self.unexpected("'|' or the end"));
        }
        Ok(Query { table, stages, keeps_id: self.columns.contains_key("id") })
    }

    fn stage(&mut self) -> Parsed<Stage> {
        let name = self.name("an operator")?;
        Ok(match name.as_str() {
            "where" => Stage::Where(self.condition()?),
            "extend" => {
                let added = self.named_list()?;
                self.add(&added);
                Stage::Extend(added)
            }
            "project" => {
                let kept = self.named_list()?;
                self.keep(&kept);
                Stage::Project(kept)
            }
            "order" | "sort" => {
                self.keyword("by")?;
                Stage::Order(self.order()?)
            }
            "summarize" => self.summarize()?,
            "limit" | "take" => Stage::Limit(self.whole_number()?),
            "distinct" => {
                let kept = self.named_list()?;
                self.refuse_dynamic(&kept, "distinct")?;
                self.keep(&kept);
                Stage::Distinct(kept)
            }
            "count" => {
                self.columns = BTreeMap::from([("Count".to_owned(), false)]);
                Stage::Count
            }
            _ => {
                let message = format!("Operator {name} is unknown or unsupported");
                return Err(self.refuse_last("UnsupportedOperator", &message));
            }
        })
    }

    /// `a, b.c, d = expression`.
    fn named_list(&mut self) -> Parsed<Vec<Named>> {
        let mut list = vec![self.named()?];
        while self.takes_sign(",") {
            list.push(self.named()?);
        }
        Ok(list)
    }

    fn named(&mut self) -> Parsed<Named> {
        if let (Word::Name(name), Word::Sign(sign)) = (&self.peek().word, &self.peek_second().word)
            && sign == "="
        {
            let name = name.clone();
            self.next += 2;
            return Ok(Named { name, value: self.expression()? });
        }
        let value = self.expression()?;
        let path = match &value {
            Expression::Call(Function::ToString, argument) => argument.as_ref(),
            other => other,
        };
        let Expression::Path { column, steps } = path else {
            return Err(self.unexpected("a name for the column"));
        };
        let name = automatic_name(column, steps);
        Ok(Named { name, value })
    }

    fn order(&mut self) -> Parsed<Vec<(Expression, Direction)>> {
        let mut keys = Vec::new();
        loop {
            let key = self.expression()?;
            if self.is_dynamic(&key) {
                let message = "Order by key is of a 'dynamic' type. Please use an explicit cast";
                return Err(self.refuse_last("OrderByDynamic", message));
            }
            let direction = if self.takes_name("asc") {
                Direction::Ascending
            } else {
                // Kusto's default, whether it is written or not.
                self.takes_name("desc");
                Direction::Descending
            };
            keys.push((key, direction));
            if !self.takes_sign(",") {
                return Ok(keys);
            }
        }
    }

    fn summarize(&mut self) -> Parsed<Stage> {
        let mut counts = Vec::new();
        while !matches!(&self.peek().word, Word::Name(name) if name == "by") {
            let mut name = self.name("count()")?;
            if self.takes_sign("=") {
                self.keyword("count")?;
            } else if name == "count" {
                "count_".clone_into(&mut name);
            } else {
                let message = format!("Aggregation {name} is unknown or unsupported");
                return Err(self.refuse_last("UnsupportedAggregation", &message));
            }
            self.sign("(")?;
            self.sign(")")?;
            counts.push(name);
            if !self.takes_sign(",") {
                break;
            }
        }
        let by = if self.takes_name("by") { self.named_list()? } else { Vec::new() };
        if by.is_empty() && counts.is_empty() {
            return Err(self.unexpected("count()"));
        }
        self.refuse_dynamic(&by, "Summarize group key")?;
        self.keep(&by);
        self.columns.extend(counts.iter().map(|name| (name.clone(), false)));
        Ok(Stage::Summarize { counts, by })
    }

    fn refuse_dynamic(&self, named: &[Named], place: &str) -> Parsed<()> {
        let Some(dynamic) = named.iter().find(|named| self.is_dynamic(&named.value)) else {
            return Ok(());
        };
        let name = &dynamic.name;
        let message =
            format!("{place} '{name}' is of a 'dynamic' type. Please use an explicit cast");
        Err(self.refuse_last("DynamicKey", &message))
    }

    fn add(&mut self, named: &[Named]) {
        for named in named {
            let is_dynamic = self.is_dynamic(&named.value);
            self.columns.insert(named.name.clone(), is_dynamic);
        }
    }

    fn keep(&mut self, named: &[Named]) {
        let kept = named.iter().map(|named| (named.name.clone(), self.is_dynamic(&named.value)));
        self.columns = kept.collect();
    }

    fn is_dynamic(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Path { column, .. } => self.columns.get(column).copied().unwrap_or(false),
            _ => false,
        }
    }

    fn whole_number(&mut self) -> Parsed<usize> {
        if let Word::Literal(Value::Number(number)) = &self.peek().word
            && let Some(number) = number.as_u64().and_then(|number| usize::try_from(number).ok())
        {
            self.next += 1;
            return Ok(number);
        }
        Err(self.unexpected("a number"))
    }

    fn peek(&self) -> &Placed {
        self.words.get(self.next).or(self.words.last()).expect("the words end with End")
    }

    fn peek_second(&self) -> &Placed {
        self.words.get(self.next + 1).or(self.words.last()).expect("the words end with End")
    }

    fn is_at_end_of_stage(&self) -> bool {
        match &self.peek().word {
            Word::End => true,
            Word::Sign(sign) => sign == "|",
            _ => false,
        }
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(&self.peek().word, Word::Sign(found) if found == sign);
        self.next += usize::from(is_it);
        is_it
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let is_it = matches!(&self.peek().word, Word::Name(found) if found == name);
        self.next += usize::from(is_it);
        is_it
    }

    fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("'{sign}'"))) }
    }

    fn keyword(&mut self, name: &str) -> Parsed<()> {
        if self.takes_name(name) { Ok(()) } else { Err(self.unexpected(&format!("'{name}'"))) }
    }

    fn name(&mut self, what: &str) -> Parsed<String> {
        if let Word::Name(name) = &self.peek().word {
            let name = name.clone();
            self.next += 1;
            return Ok(name);
        }
        Err(self.unexpected(what))
    }

    fn unexpected(&self, expected: &str) -> QueryError {
        let found = self.peek();
        let token = found.word.text();
        QueryError {
            code: "ParserFailure",
            message: format!("ParserFailure: '{token}' where {expected} is expected"),
            token,
            line: found.line,
            position: found.position,
        }
    }

    /// Refuses the word that was read last.
    fn refuse_last(&self, code: &'static str, message: &str) -> QueryError {
        let placed = self.words.get(self.next.saturating_sub(1)).unwrap_or(self.peek());
        QueryError {
            code,
            message: message.to_owned(),
            token: placed.word.text(),
            line: placed.line,
            position: placed.position,
        }
    }
}

/// What Kusto calls a column that is only a path: `properties.a[0]` is `properties_a_0`.
fn automatic_name(column: &str, steps: &[Step]) -> String {
    let mut name = column.to_owned();
    for step in steps {
        name.push('_');
        match step {
            Step::Key(key) => name.push_str(key),
            Step::Index(index) => name.push_str(&index.to_string()),
        }
    }
    name
}
