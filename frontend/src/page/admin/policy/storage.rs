//! The room that the database takes.

use leptos::prelude::*;
use postern_service::storage::{StorageView, TableView};

use crate::address::POLICY;
use crate::page::admin::Crumbs;
use crate::part::{Column, Day, ListTable, count, counted};

/// Tables that are named; the others are small.
const SHOWN: usize = 15;

/// What the database takes, table by table, and where its growth leads.
#[component]
pub fn StoragePage(
    /// What was measured.
    view: StorageView,
) -> impl IntoView {
    let summary = format!(
        "The database takes {}, what Postgres keeps for itself included.",
        bytes(view.database_bytes)
    );
    let growth = match &view.growth {
        None => view! { <p>"How it grows shows after the second scan of a connection: the first is the base."</p> }.into_any(),
        Some(growth) => {
            let pace = format!(
                "It grows by {} a scan, on average of {} from ",
                size(growth.bytes_per_scan),
                counted(u64::try_from(growth.scans).unwrap_or(0), "scan", "scans")
            );
            let forecast = growth.in_a_year.map_or_else(
                || " A forecast needs scans over a day at least.".to_owned(),
                |then| format!(" At this pace it takes {} in a year.", size(then)),
            );
            view! { <p>{pace} <Day at=growth.from /> " to " <Day at=growth.until /> "." {forecast}</p> }
                .into_any()
        }
    };
    let rows: Vec<_> = view.tables.iter().take(SHOWN).map(row).collect();
    let rest = view.tables.iter().skip(SHOWN);
    let (others, room) =
        rest.fold((0_u64, 0), |(others, room), table| (others + 1, room + table.bytes));
    let others = (others > 0).then(|| {
        let sentence = format!(
            "{} take {} together.",
            counted(others, "other table", "other tables"),
            bytes(room)
        );
        view! { <p>{sentence}</p> }
    });
    view! {
        <Crumbs of=(POLICY, "Policy") here="Room".to_owned() />
        <h1>"Room that the database takes"</h1>
        <p class="summary">{summary}</p>
        {growth}
        <ListTable
            label="Table of sizes"
            caption="Tables, the largest first"
            columns=&[
                Column::Text("Table"),
                Column::Number("Size"),
                Column::Number("Of that, indexes"),
                Column::Number("Rows"),
                Column::Number("Size a scan"),
            ]
        >
            {rows}
        </ListTable>
        {others}
    }
    .into_any()
}

fn row(table: &TableView) -> AnyView {
    let (rows, pace) = table.growth.map_or_else(
        || ("not counted".to_owned(), "not measured".to_owned()),
        |growth| (count(u64::try_from(growth.rows).unwrap_or(0)), size(growth.bytes_per_scan)),
    );
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Table"><code>{table.table.clone()}</code></th>
            <td role="cell" data-label="Size" class="number">{bytes(table.bytes)}</td>
            <td role="cell" data-label="Indexes" class="number">{bytes(table.index_bytes)}</td>
            <td role="cell" data-label="Rows" class="number">{rows}</td>
            <td role="cell" data-label="Size a scan" class="number">{pace}</td>
        </tr>
    }
    .into_any()
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn bytes(bytes: i64) -> String {
    size(bytes as f64)
}

/// A size in the largest unit of which there is one.
fn size(bytes: f64) -> String {
    let mut rest = bytes;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if rest < 1024.0 {
            return if unit == "bytes" {
                format!("{rest:.0} bytes")
            } else {
                format!("{rest:.1} {unit}")
            };
        }
        rest /= 1024.0;
    }
    format!("{rest:.1} TiB")
}
