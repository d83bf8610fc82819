//! The table twin: a chart's numbers, in the same order.

use leptos::prelude::*;
use postern_domain::trend::TrendPoint;

use super::annotation::Annotation;
use super::geometry::{Blank, BlankKind};
use super::open_findings::SeriesName;
use crate::part::{Column, Moment, count, counted, day_and_time};

/// The numbers of a chart as a table, folded under it.
#[component]
pub fn TwinTable(
    /// How many rows there are, in words, where that is not plain from the chart.
    #[prop(optional)]
    number: Option<String>,
    /// What the table is, for those who listen.
    label: &'static str,
    /// The same with what its rows are.
    caption: String,
    /// The columns, the first of which names the rows.
    columns: Vec<Column>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let number = number.map(|number| format!(" ({number})")).unwrap_or_default();
    let heads: Vec<_> = columns
        .into_iter()
        .map(|column| match column {
            Column::Text(name) | Column::Unseen(name) => {
                view! { <th scope="col">{name}</th> }.into_any()
            }
            Column::Number(name) => view! { <th scope="col" class="number">{name}</th> }.into_any(),
        })
        .collect();
    view! {
        <details class="twin">
            <summary>{format!("The same numbers as a table{number}")}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=label>
                <table>
                    <caption>{caption}</caption>
                    <thead><tr>{heads}</tr></thead>
                    <tbody>{children()}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// The numbers of open findings as a table.
#[component]
pub fn Twin(
    /// The chart's points, oldest first.
    points: Vec<TrendPoint>,
    /// The chart's blank times.
    blanks: Vec<Blank>,
    /// The points' places on the time axis.
    places: Vec<f64>,
    /// Where the rules changed.
    annotations: Vec<Annotation>,
) -> impl IntoView {
    let number = counted(u64::try_from(points.len()).unwrap_or_default(), "scan", "scans");
    let late = |position: usize| {
        blanks.iter().any(|blank| blank.after == position && blank.kind == BlankKind::NoScan)
    };
    // Of a part of the connection they are not counted.
    let counts_assets = points.iter().any(|point| point.assets > 0);
    let shown = SeriesName::of(&points);
    let columns = shown.len() + if counts_assets { 3 } else { 2 };
    let excepted = if shown.contains(&SeriesName::Excepted) { "excepted findings, " } else { "" };
    let caption = format!(
        "Open findings by severity, {excepted}findings of unknown state, and coverage, by scan"
    );
    let rows: Vec<_> = points
        .iter()
        .zip(&places)
        .enumerate()
        .map(|(position, (point, place))| {
            let next = points.get(position + 1).filter(|_| late(position));
            let gap = next.map(|next| {
                view! {
                    <tr class="gap">
                        <td colspan=columns>
                            {format!("No scan between {} and {}", day_and_time(point.at), day_and_time(next.at))}
                        </td>
                    </tr>
                }
            });
            let cells: Vec<_> = shown
                .iter()
                .map(|name| view! { <td class="number">{count(name.value(point))}</td> })
                .collect();
            let changes: Vec<_> = annotations
                .iter()
                .filter(|annotation| annotation.point == position)
                .map(|annotation| {
                    view! {
                        <tr class="rules-changed">
                            <td colspan=columns>
                                {format!("Rules changed ({}). {}", annotation.number, annotation.texts.join(" "))}
                            </td>
                        </tr>
                    }
                })
                .collect();
            view! {
                {changes}
                <tr data-at=format!("{:.0}", place * 10_000.0)>
                    <th scope="row"><Moment at=point.at /></th>
                    {cells}
                    <td class="number">
                        {format!("{} of {}", count(point.checks.answered()), count(point.checks.planned()))}
                    </td>
                    {counts_assets.then(|| view! {
                        <td class="number">
                            {format!("{} of {}", count(point.assets.saturating_sub(point.assets_unread)), count(point.assets))}
                        </td>
                    })}
                </tr>
                {gap}
            }
        })
        .collect();
    let columns = std::iter::once(Column::Text("Scan finished"))
        .chain(shown.iter().map(|name| Column::Number(name.label())))
        .chain([Column::Number("Checks answered")])
        .chain(counts_assets.then_some(Column::Number("Assets read")))
        .collect();
    view! {
        <TwinTable number=number label="Open findings by scan" caption=caption columns=columns>
            {rows}
        </TwinTable>
    }
    .into_any()
}
