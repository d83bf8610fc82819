//! The arguments of `postern people`.

use clap::{Args, Subcommand};
use postern_domain::id::PersonId;

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
What people may follows from what the identity provider says of them, by the rules of the file that `serve --sign-in`
reads: take a role away there, or at the provider. Whoever was signed in already keeps what the provider said then, until
their session ends.

Examples:
  postern people list
  postern people sign-out P-7")]
pub(crate) struct PeopleArguments {
    #[command(subcommand)]
    pub command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// List who signed in, and in how many browsers they are.
    List(ListPeopleArguments),
    /// End every session of somebody: their next request leads to signing in.
    SignOut(SignOutArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListPeopleArguments {
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SignOutArguments {
    /// The person's number, as the list says it.
    #[arg(value_name = "PERSON")]
    pub person: PersonId,
    #[command(flatten)]
    pub database: DatabaseArguments,
}
