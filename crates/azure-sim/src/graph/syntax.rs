//! The queries that are understood: a strict part of the Kusto query language.

use serde_json::Value;

/// The tables that are there.
pub(super) const TABLES: [&str; 5] = [
    "resources",
    "resourcecontainers",
    "authorizationresources",
    "policyresources",
    "securityresources",
];

/// The columns of every table, and whether their values are dynamic.
pub(super) const COLUMNS: [(&str, bool); 16] = [
    ("id", false),
    ("name", false),
    ("type", false),
    ("tenantId", false),
    ("kind", false),
    ("location", false),
    ("resourceGroup", false),
    ("subscriptionId", false),
    ("managedBy", false),
    ("sku", true),
    ("plan", true),
    ("properties", true),
    ("tags", true),
    ("identity", true),
    ("zones", true),
    ("extendedLocation", true),
];

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub table: &'static str,
    pub stages: Vec<Stage>,
    /// Whether the rows still have a column `id` at the end, without which Azure does not page.
    pub keeps_id: bool,
}

/// What stands between two bars.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    Where(Expression),
    Extend(Vec<Named>),
    Project(Vec<Named>),
    Order(Vec<(Expression, Direction)>),
    Summarize { counts: Vec<String>, by: Vec<Named> },
    Limit(usize),
    Distinct(Vec<Named>),
    Count,
}

/// A column and what makes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub name: String,
    pub value: Expression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Literal(Value),
    Path { column: String, steps: Vec<Step> },
    Call(Function, Box<Expression>),
    Compare(Operator, Box<Expression>, Box<Expression>),
    Among { how: Membership, subject: Box<Expression>, choices: Vec<Expression> },
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Not,
    IsNull,
    IsNotNull,
    IsEmpty,
    IsNotEmpty,
    ToString,
    ToLower,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "not" => Self::Not,
            "isnull" => Self::IsNull,
            "isnotnull" => Self::IsNotNull,
            "isempty" => Self::IsEmpty,
            "isnotempty" => Self::IsNotEmpty,
            "tostring" => Self::ToString,
            "tolower" => Self::ToLower,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    EqualAnyCase,
    NotEqualAnyCase,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Has,
}

impl Operator {
    pub(super) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "=~" => Self::EqualAnyCase,
            "!~" => Self::NotEqualAnyCase,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "contains" => Self::Contains,
            "!contains" => Self::NotContains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "has" => Self::Has,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    In,
    NotIn,
    InAnyCase,
    NotInAnyCase,
    HasAny,
}

impl Membership {
    pub(super) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "in" => Self::In,
            "!in" => Self::NotIn,
            "in~" => Self::InAnyCase,
            "!in~" => Self::NotInAnyCase,
            "has_any" => Self::HasAny,
            _ => return None,
        })
    }
}

/// What is not understood, as Resource Graph says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueryError {
    /// Such as `ParserFailure`.
    pub code: &'static str,
    /// A sentence that names the part.
    pub message: String,
    /// The part.
    pub token: String,
    /// From 1.
    pub line: usize,
    /// From 0, as Resource Graph counts.
    pub position: usize,
}
