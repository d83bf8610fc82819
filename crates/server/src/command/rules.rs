//! `postern rules`: one file a thing that can be done.

mod activate;
mod bench;
mod build;
mod compare;
mod list;
mod new;
pub(super) mod packs;
mod settings;
mod test;

use crate::cli::{RulesArguments, RulesCommand};
use crate::{Environment, Outcome};

pub(super) async fn run(
    arguments: RulesArguments,
    environment: &Environment,
) -> anyhow::Result<Outcome> {
    let done = match arguments.command {
        RulesCommand::List(arguments) => list::list(arguments, environment).await,
        RulesCommand::Show(arguments) => list::show(arguments).await,
        RulesCommand::New(arguments) => new::run(arguments),
        RulesCommand::Build(arguments) => build::run(arguments).await,
        RulesCommand::Test(arguments) => test::run(arguments).await,
        RulesCommand::Bench(arguments) => bench::run(arguments).await,
        RulesCommand::Compare(arguments) => compare::run(arguments, environment).await,
        RulesCommand::Activate(arguments) => activate::activate(arguments, environment).await,
        RulesCommand::Deactivate(arguments) => activate::deactivate(arguments, environment).await,
        RulesCommand::Settings(arguments) => settings::run(arguments, environment).await,
        RulesCommand::History(arguments) => activate::history(arguments, environment).await,
    };
    done.map(|()| Outcome::Done)
}
