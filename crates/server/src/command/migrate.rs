//! `postern migrate`.

use serde_json::json;

use crate::cli::MigrateArguments;
use crate::{database, output};

pub(super) async fn run(arguments: MigrateArguments) -> anyhow::Result<()> {
    database::migrate(&arguments.database).await?;
    if arguments.json {
        output::print_json(&json!({"migrated": true}))
    } else {
        output::print("The database is up to date.\n")
    }
}
