//! The arguments of `postern retention`.

use clap::{Args, Subcommand};

use super::DatabaseArguments;

#[derive(Args, Debug)]
#[command(after_help = "\
Everything is kept for ever until you say otherwise. Of each connection, in whole months (UTC):

  history        what shows moments of the past: resources, verdicts, findings and owners as they changed
  trend          the points of the trend charts; at least as long as history
  failed scans   scans that failed or were cancelled

What later moments are made of stays, so that every moment that is kept looks as it did. Scans that came to an end stay
listed, and so does what is said of packs, settings and teams. A worker removes what is due within an hour.

Examples:
  postern retention preview --history-days 1095
  postern retention set --history-days 1095 --failed-scans-days 90 --reason 'three years, as our policy has it'
  postern retention apply")]
pub(crate) struct RetentionArguments {
    #[command(subcommand)]
    pub command: RetentionCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Say how long each kind is kept, and where what is left of each connection begins.
    Show(ShowRetentionArguments),
    /// Say what keeping each kind so long would remove now; changes nothing.
    Preview(PreviewRetentionArguments),
    /// Say how long each kind is kept from now on.
    Set(SetRetentionArguments),
    /// Remove at once what is kept no longer.
    Apply(ApplyRetentionArguments),
}

/// How long each kind is kept; what is not named stays as it is.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct KeepArguments {
    /// Keep history for so many days, or `forever`.
    #[arg(long = "history-days", value_name = "DAYS", value_parser = keep)]
    pub history: Option<Keep>,
    /// Keep the points of trend charts for so many days, or `forever`.
    #[arg(long = "trend-days", value_name = "DAYS", value_parser = keep)]
    pub trend: Option<Keep>,
    /// Keep scans that failed for so many days, or `forever`.
    #[arg(long = "failed-scans-days", value_name = "DAYS", value_parser = keep)]
    pub failed_scans: Option<Keep>,
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Days(u16),
    Forever,
}

fn keep(text: &str) -> Result<Keep, String> {
    if text.eq_ignore_ascii_case("forever") {
        return Ok(Keep::Forever);
    }
    let days = text.parse().ok().filter(|days| *days > 0);
    days.map(Keep::Days)
        .ok_or_else(|| format!("a number of days from 1 to {}, or forever", u16::MAX))
}

#[derive(Args, Debug)]
pub(crate) struct ShowRetentionArguments {
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(after_help = "\
What is removed is counted by removing it and undoing that: scans wait meanwhile with what they read.")]
pub(crate) struct PreviewRetentionArguments {
    #[command(flatten)]
    pub keep: KeepArguments,
    /// Print it as JSON, sizes in bytes.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SetRetentionArguments {
    #[command(flatten)]
    pub keep: KeepArguments,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ApplyRetentionArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
}

#[cfg(test)]
mod tests {
    use super::{Keep, keep};

    #[test]
    fn days_are_a_number_or_for_ever() {
        assert_eq!(keep("90"), Ok(Keep::Days(90)));
        assert_eq!(keep("Forever"), Ok(Keep::Forever));
        for wrong in ["", "0", "-1", "90d", "65536", "never"] {
            assert!(keep(wrong).is_err(), "{wrong}");
        }
    }
}
