//! `postern serve`.

use std::sync::Arc;

use postern_domain::clock::Clock;
use postern_frontend::Installation;
use postern_service::notification::Courier;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::azure_connection::{self, Resolver};
use crate::cli::ServeArguments;
use crate::embedded::{self, Audience};
use crate::listen::Reach;
use crate::sign_in::{Provider, SignIn, SignInSettings, new_secret};
use crate::{Environment, database, http, listen, output, shutdown, trust};

pub(super) async fn run(
    arguments: ServeArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    // All that can be refused is refused before anything is started.
    let environment = &ahead(environment, arguments.days_ahead);
    let (sign_in, reach) = sign_in(&arguments, environment)?;
    if arguments.days_ahead.is_some() && reach == Reach::Everybody {
        anyhow::bail!(
            "--days-ahead is for this machine alone: give it a sign-in file whose public_url is http"
        );
    }
    let courier = super::notifications::courier(&arguments.notify, environment)?;
    let listener = listen::open(arguments.listen, reach).await?;
    let resolver = Resolver::with_arguments(&arguments.azure, environment);
    let connection = resolver.connection(&arguments.azure)?;
    let packs = trust::pack_folder(&arguments.packs)?;
    let site = embedded::site_assets(Audience::Real)?;
    let shutdown = shutdown::on_signal()?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    azure_connection::ensure(&database.postern, connection).await?;
    let address = listener.local_addr()?;
    let installation = installation(&sign_in, courier.as_deref(), &resolver);
    let state = http::State { postern: database.postern.clone(), site, sign_in, installation };
    let people = state.sign_in.public_url().map(|url| format!(", for people at {url}"));
    output::print(&format!("Postern is at http://{address}/{}\n", people.unwrap_or_default()))?;
    // A server that ends for whatever reason ends what runs beside it.
    let ended = shutdown.child_token();
    let worker = async {
        if !arguments.no_worker {
            super::worker::work(&database.postern, resolver, packs, ended.clone()).await;
        }
    };
    let notify = super::notifications::send(&database.postern, courier, ended.clone());
    let serve = serve_then_end(listener, state, &ended);
    let (served, (), ()) = tokio::join!(serve, worker, notify);
    served?;
    database.close().await
}

/// What the pages of administration say of this process.
pub(super) fn installation(
    sign_in: &SignIn,
    courier: Option<&dyn Courier>,
    resolver: &Resolver,
) -> Arc<Installation> {
    let resolver = resolver.clone();
    Arc::new(Installation {
        grants: sign_in.sessions().map(|(rules, _)| rules.clone()),
        channels: courier.map(|courier| courier.channels().clone()),
        azure: Arc::new(move |stored| resolver.in_words(stored)),
        new_secret: || new_secret().ok(),
    })
}

/// The same some days later.
fn ahead(environment: &Environment, days: Option<u16>) -> Environment {
    let (clock, days) = (environment.clock.clone(), Duration::days(days.unwrap_or(0).into()));
    Environment { clock: Clock::new(move || clock.now() + days), ..environment.clone() }
}

/// How people sign in, and who may reach the address therefore.
fn sign_in(
    arguments: &ServeArguments,
    environment: &Environment,
) -> anyhow::Result<(SignIn, Reach)> {
    match (&arguments.sign_in, arguments.single_user) {
        (Some(file), _) => {
            let settings = SignInSettings::read(file)?;
            // What comes without https is this machine's own, and stays there.
            let reach = match settings.public_url.scheme() {
                "https" => Reach::Everybody,
                _ => Reach::ThisMachine,
            };
            let provider = Provider::new(settings, &environment.variables, &environment.clock)?;
            Ok((SignIn::Provider(Arc::new(provider)), reach))
        }
        (None, true) => Ok((SignIn::SingleUser, Reach::ThisMachine)),
        (None, false) => anyhow::bail!(
            "refusing to serve without sign-in: give --sign-in FILE to let people sign in with your identity provider, \
             or --single-user to let whoever uses this machine do everything"
        ),
    }
}

/// Serves, and ends everything beside it when serving ends.
pub(super) async fn serve_then_end(
    listener: tokio::net::TcpListener,
    state: http::State,
    ended: &CancellationToken,
) -> anyhow::Result<()> {
    let served = http::serve(listener, state, ended.clone()).await;
    ended.cancel();
    served
}
