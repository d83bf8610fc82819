//! Expressions: `or` binds least, then `and`, then the comparisons.

use serde_json::Value;

use super::super::lexer::Word;
use super::super::syntax::{Expression, Function, Membership, Operator, Step};
use super::{Parsed, Parser};

impl Parser {
    /// An expression that is true or false.
    pub(super) fn condition(&mut self) -> Parsed<Expression> {
        let condition = self.expression()?;
        if !self.is_at_end_of_stage() {
            return Err(self.unexpected("an operator"));
        }
        let is_boolean = match &condition {
            Expression::Literal(value) => value.is_boolean(),
            Expression::Path { .. } => false,
            Expression::Call(function, _) => {
                !matches!(function, Function::ToString | Function::ToLower)
            }
            _ => true,
        };
        if is_boolean {
            return Ok(condition);
        }
        Err(self.refuse_last("InvalidCondition", "The condition of where is not a boolean"))
    }

    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        let mut terms = vec![self.conjunction()?];
        while self.takes_name("or") {
            terms.push(self.conjunction()?);
        }
        Ok(single_or(terms, Expression::Or))
    }

    fn conjunction(&mut self) -> Parsed<Expression> {
        let mut terms = vec![self.comparison()?];
        while self.takes_name("and") {
            terms.push(self.comparison()?);
        }
        Ok(single_or(terms, Expression::And))
    }

    fn comparison(&mut self) -> Parsed<Expression> {
        let left = self.operand()?;
        let sign = match &self.peek().word {
            Word::Name(text) | Word::Sign(text) => text.clone(),
            _ => return Ok(left),
        };
        if let Some(operator) = Operator::named(&sign) {
            self.next += 1;
            let right = self.operand()?;
            return Ok(Expression::Compare(operator, Box::new(left), Box::new(right)));
        }
        if let Some(how) = Membership::named(&sign) {
            self.next += 1;
            self.sign("(")?;
            let mut choices = vec![self.operand()?];
            while self.takes_sign(",") {
                choices.push(self.operand()?);
            }
            self.sign(")")?;
            return Ok(Expression::Among { how, subject: Box::new(left), choices });
        }
        Ok(left)
    }

    fn operand(&mut self) -> Parsed<Expression> {
        match self.peek().word.clone() {
            Word::Literal(value) => {
                self.next += 1;
                Ok(Expression::Literal(value))
            }
            Word::Sign(sign) if sign == "(" => {
                self.next += 1;
                let inner = self.expression()?;
                self.sign(")")?;
                Ok(inner)
            }
            Word::Name(name) => {
                self.next += 1;
                if self.takes_sign("(") { self.call(&name) } else { self.path(name) }
            }
            Word::Sign(_) | Word::End => Err(self.unexpected("a value")),
        }
    }

    fn call(&mut self, name: &str) -> Parsed<Expression> {
        let Some(function) = Function::named(name) else {
            // Back to the name, for the message.
            self.next -= 1;
            let message = format!("Function {name} is unknown or unsupported");
            return Err(self.refuse_last("UnknownFunction", &message));
        };
        let argument = self.expression()?;
        self.sign(")")?;
        Ok(Expression::Call(function, Box::new(argument)))
    }

    /// `column.key['another key'][0]`.
    fn path(&mut self, column: String) -> Parsed<Expression> {
        let Some(is_dynamic) = self.columns.get(&column).copied() else {
            let message = format!("Failed to resolve column named '{column}'");
            return Err(self.refuse_last("InvalidColumnName", &message));
        };
        let mut steps = Vec::new();
        loop {
            if self.takes_sign(".") {
                steps.push(Step::Key(self.name("a property's name")?));
            } else if self.takes_sign("[") {
                steps.push(self.step()?);
                self.sign("]")?;
            } else {
                break;
            }
        }
        if !steps.is_empty() && !is_dynamic {
            let message = format!("Column '{column}' has no properties");
            return Err(self.refuse_last("InvalidPath", &message));
        }
        Ok(Expression::Path { column, steps })
    }

    fn step(&mut self) -> Parsed<Step> {
        if let Word::Literal(Value::String(key)) = &self.peek().word {
            let key = key.clone();
            self.next += 1;
            return Ok(Step::Key(key));
        }
        Ok(Step::Index(self.whole_number()?))
    }
}

fn single_or(mut terms: Vec<Expression>, make: fn(Vec<Expression>) -> Expression) -> Expression {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            make(terms)
        }
    }
}
