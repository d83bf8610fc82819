//! The arguments of the simulated Azure.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postern_azure_sim::{Fault, Quotas};
use time::Date;

use super::fault;
use postern_domain::moment;

#[derive(Args, Debug)]
#[command(after_help = "\
Writes ca.pem and azure.env to the directory; azure.env holds the settings that `postern serve` needs, with a
client secret that is worth nothing anywhere else.

Faults, each with --fault; PATH is a part of a request's path, and an empty one is every request:
  status:PATH:403              answers with an error status
  burst:PATH:503:TIMES         the same, so many times
  throttle:PATH:SECONDS:TIMES  429 with Retry-After
  flaky:PERCENT                500, 503, 429, silence, half of the answer
  slow:PATH:MILLIS             answers late
  hang:PATH                    never answers
  drop:PATH:TIMES              closes the connection
  malformed:PATH               no JSON
  truncated:PATH               half of the answer
  oversized:PATH:MEGABYTES     a huge answer
  looping-links:PATH           pages that lead to themselves
  endless-links:PATH           pages without end
  graph-refused:STATUS         Resource Graph refuses
  graph-truncated              Resource Graph gives half and no more
  denied:ACTION[:SCOPE]        the caller lacks an action, at and below a scope
  refuse-credentials           Entra ID refuses every secret
  revoked-secret:TOKENS        the secret expires after so many tokens
  expiring-tokens:SECONDS      tokens live so long
  wrong-clock:SECONDS          Azure's clock is ahead by so much
  deleted:ID:REQUESTS          a resource is gone after so many requests
  gone:ID:REQUESTS             a subscription, likewise

Examples:
  postern simulate-azure --listen 127.0.0.1:8443 --out-dir sim &
  set -a; . sim/azure.env; set +a; postern serve --data-dir ~/postern

  postern simulate-azure --out-dir sim --estate huge --quotas 100 --fault status:/deployments:403 --fault flaky:5")]
pub(crate) struct SimulateAzureArguments {
    /// Where to serve.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// Where to write ca.pem and azure.env.
    #[arg(long, value_name = "DIR")]
    pub out_dir: PathBuf,
    /// Further names that the certificate is valid for, separated by commas; the first is used in azure.env.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub host_names: Vec<String>,
    /// What Azure holds.
    #[arg(long, value_name = "ESTATE", default_value = "company")]
    pub estate: EstateKind,
    /// Serve the ARM JSON files of this folder instead of an invented estate.
    #[arg(long, value_name = "DIR", conflicts_with = "estate")]
    pub folder: Option<PathBuf>,
    /// How many Azure resources the estate has [default: 70 of a company, 100000 of a huge tenant].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub assets: Option<u32>,
    /// How many subscriptions a huge tenant has [default: 200].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub subscriptions: Option<u32>,
    /// Another number gives another estate.
    #[arg(long, value_name = "NUMBER", default_value_t = 7)]
    pub seed: u64,
    /// The day on which the invented estate begins to drift; the same day gives the same estate again.
    #[arg(long, value_name = "DATE", default_value = "2026-01-01", value_parser = moment::parse_date)]
    pub first_day: Date,
    /// Azure's quotas: off, or how many times as fast as in Azure they refill, such as 1 or 100.
    #[arg(long, value_name = "SPEED", default_value = "off", value_parser = parse_quotas)]
    pub quotas: Quotas,
    /// A way to fail; may be given several times.
    #[arg(long = "fault", value_name = "FAULT", value_parser = fault::parse)]
    pub faults: Vec<Fault>,
}

/// An invented estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EstateKind {
    /// One of each kind of thing, in a few subscriptions.
    Small,
    /// A company that drifts from day to day.
    Company,
    /// A tenant as large as they come.
    Huge,
}

fn parse_quotas(text: &str) -> Result<Quotas, String> {
    if text == "off" {
        return Ok(Quotas::Off);
    }
    text.parse()
        .ok()
        .filter(|speed: &f64| speed.is_finite() && *speed > 0.0)
        .map(|speed| Quotas::Scaled { speed })
        .ok_or_else(|| "expected off, or a number above 0 such as 1 or 100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_off_or_a_speed() {
        assert_eq!(parse_quotas("off"), Ok(Quotas::Off));
        assert_eq!(parse_quotas("100"), Ok(Quotas::Scaled { speed: 100.0 }));
        for wrong in ["", "on", "0", "-1", "NaN", "inf"] {
            assert!(parse_quotas(wrong).is_err(), "{wrong}");
        }
    }
}
