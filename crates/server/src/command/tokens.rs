//! `postern tokens`.

use postern_domain::moment;
use postern_domain::person::Grant;
use postern_service::token::{
    NewToken, create_token, list_tokens, revoke_token, state, token_text,
};
use serde_json::json;

use super::table::Table;
use crate::cli::{
    CreateTokenArguments, ListTokensArguments, RevokeTokenArguments, TokensArguments, TokensCommand,
};
use crate::sign_in::new_secret;
use crate::{Environment, database, output};

pub(super) async fn run(
    arguments: TokensArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    match arguments.command {
        TokensCommand::Create(arguments) => create(arguments, environment).await,
        TokensCommand::List(arguments) => list(arguments, environment).await,
        TokensCommand::Revoke(arguments) => revoke(arguments, environment).await,
    }
}

async fn create(arguments: CreateTokenArguments, environment: &Environment) -> anyhow::Result<()> {
    let secret = new_secret()?;
    let grant = Grant { role: arguments.role, team: arguments.team, scope: None };
    let new = NewToken { name: arguments.name, grants: vec![grant], days: arguments.days };
    let database = database::open(&arguments.database, &environment.clock).await?;
    let created = create_token(&database.postern, &secret, new).await;
    database.close().await?;
    let id = created?;
    // The token alone on the standard output stream, so that a script can take it.
    eprintln!("Token {id}, shown this once; keep it where only the program can read it:");
    output::print(&format!("{}\n", token_text(&secret)))
}

async fn list(arguments: ListTokensArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let listed = list_tokens(&database.postern).await;
    database.close().await?;
    let (tokens, now) = (listed?, environment.clock.now());
    if arguments.json {
        let tokens: Vec<_> = tokens
            .iter()
            .map(|token| {
                json!({
                    "token": token.id,
                    "name": token.name,
                    "grants": token.grants,
                    "state": state(token, now).as_str(),
                    "created_at": moment::text(token.created_at),
                    "ends_at": moment::text(token.ends_at),
                    "last_used_at": token.last_used_at.map(moment::text),
                })
            })
            .collect();
        return output::print_json(&tokens.into());
    }
    if tokens.is_empty() {
        return output::print("There are no tokens.\n");
    }
    let mut table = Table::new(["Token", "Name", "Roles", "State", "Ends", "Last used"]);
    for token in &tokens {
        let roles: Vec<String> = token.grants.iter().map(ToString::to_string).collect();
        table.row([
            token.id.to_string(),
            token.name.clone(),
            roles.join(", "),
            state(token, now).as_str().to_owned(),
            moment::text(token.ends_at),
            token.last_used_at.map_or_else(|| "never".to_owned(), moment::text),
        ]);
    }
    output::print(&table.text(&[]))
}

async fn revoke(arguments: RevokeTokenArguments, environment: &Environment) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let revoked = revoke_token(&database.postern, arguments.token).await;
    database.close().await?;
    output::print(&format!("{} ({}) is revoked.\n", arguments.token, revoked?))
}
