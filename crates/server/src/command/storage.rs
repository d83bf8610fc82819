//! `postern storage`.

use postern_service::storage::{GrowthView, StorageView, show_storage};

use super::table::Table;
use crate::cli::StorageArguments;
use crate::{Environment, database, output};
use postern_domain::moment;

pub(super) async fn run(
    arguments: StorageArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let database = database::open(&arguments.database, &environment.clock).await?;
    let storage = show_storage(&database.postern).await;
    database.close().await?;
    let storage = storage?;
    if arguments.json {
        return output::print_json(&serde_json::to_value(&storage)?);
    }
    output::print(&as_text(&storage))
}

fn as_text(storage: &StorageView) -> String {
    let mut table = Table::new(["Table", "Size", "Indexes", "Rows", "Rows a scan", "Size a scan"]);
    for one in &storage.tables {
        let [rows, rows_per_scan, bytes_per_scan] = one.growth.map_or_else(
            || ["", "", ""].map(str::to_owned),
            |growth| {
                [
                    growth.rows.to_string(),
                    format!("{:.1}", growth.rows_per_scan),
                    size(growth.bytes_per_scan),
                ]
            },
        );
        let (bytes, index_bytes) = (whole_size(one.bytes), whole_size(one.index_bytes));
        table.row([one.table.clone(), bytes, index_bytes, rows, rows_per_scan, bytes_per_scan]);
    }
    format!(
        "{}\nThe database takes {}, what Postgres keeps for itself included.\n{}",
        table.text(&[1, 2, 3, 4, 5]),
        whole_size(storage.database_bytes),
        storage.growth.as_ref().map_or_else(
            || "How it grows shows after the second scan: the first is the base.\n".to_owned(),
            |growth| grows(growth, storage.database_bytes),
        ),
    )
}

fn grows(growth: &GrowthView, now: i64) -> String {
    let scans = if growth.scans == 1 { "scan" } else { "scans" };
    let pace = format!(
        "It grows by {} a scan, on average of {} {scans} from {} to {}.\n",
        size(growth.bytes_per_scan),
        growth.scans,
        moment::text(growth.from),
        moment::text(growth.until),
    );
    let forecast = growth.in_a_year.map_or_else(
        || "A forecast needs scans over a day at least.\n".to_owned(),
        |then| {
            let more = size(then - as_number(now));
            format!("At this pace it takes {} in a year, {more} more.\n", size(then))
        },
    );
    pace + &forecast
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn as_number(bytes: i64) -> f64 {
    bytes as f64
}

/// A size in the largest unit of which there is one.
pub(super) fn whole_size(bytes: i64) -> String {
    size(as_number(bytes))
}

/// A size in the largest unit of which there is one.
fn size(bytes: f64) -> String {
    let mut rest = bytes;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if rest < 1024.0 {
            return if unit == "B" { format!("{rest:.0} B") } else { format!("{rest:.1} {unit}") };
        }
        rest /= 1024.0;
    }
    format!("{rest:.1} TiB")
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_the_unit_that_people_would_choose() {
        let check = |bytes: f64, text: &str| assert_eq!(size(bytes), text);
        check(0.0, "0 B");
        check(1023.4, "1023 B");
        check(1024.0, "1.0 KiB");
        check(1_572_864.0, "1.5 MiB");
        check(2.0 * 1024.0 * 1024.0 * 1024.0, "2.0 GiB");
        check(1e13, "9.1 TiB");
    }
}
