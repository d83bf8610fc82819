//! The arguments of `postern tokens`.

use clap::{Args, Subcommand};
use postern_domain::id::TokenId;
use postern_domain::person::Role;
use postern_domain::team::TeamId;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
A program sends its token with each request, and never in an address, where it would be kept in logs:
  curl -H \"Authorization: Bearer $TOKEN\" https://postern.contoso.example/reports/findings.csv

Tokens are for a server that people sign in to; with --single-user nobody needs one.

Examples:
  postern tokens create nightly-report --role auditor --days 90
  postern tokens create claims-board --role viewer --team claims
  postern tokens list
  postern tokens revoke T-3")]
pub(crate) struct TokensArguments {
    #[command(subcommand)]
    pub command: TokensCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokensCommand {
    /// Make a token, and show it once: only its digest is stored.
    Create(CreateTokenArguments),
    /// List the tokens with their roles, their ends and when each was last used.
    List(ListTokensArguments),
    /// Revoke a token: its next request is refused.
    Revoke(RevokeTokenArguments),
}

#[derive(Args, Debug)]
pub(crate) struct CreateTokenArguments {
    /// What people call it; the decision log names it so.
    pub name: String,
    /// What the program may: viewer, contributor, approver, auditor, engineer or administrator.
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// The team that a viewer or contributor is limited to.
    #[arg(long, value_name = "TEAM")]
    pub team: Option<TeamId>,
    /// For how many days it holds.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub days: u16,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ListTokensArguments {
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeTokenArguments {
    /// The token's number, as the list says it.
    #[arg(value_name = "TOKEN")]
    pub token: TokenId,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
