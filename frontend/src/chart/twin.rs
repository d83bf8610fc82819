//! The table twin: the chart's numbers, in the same order.

use leptos::prelude::*;
use postern_domain::trend::TrendPoint;

use super::annotation::Annotation;
use super::geometry::{Blank, BlankKind};
use super::open_findings::SeriesName;
use crate::part::{Moment, count, counted, day_and_time};

/// The chart's numbers as a table.
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
    let summary = format!(
        "The same numbers as a table ({})",
        counted(u64::try_from(points.len()).unwrap_or_default(), "scan", "scans")
    );
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
    let names: Vec<_> = shown
        .iter()
        .map(|name| view! { <th scope="col" class="number">{name.label()}</th> })
        .collect();
    view! {
        <details class="twin">
            <summary>{summary}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Open findings by scan">
                <table>
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Scan finished"</th>
                            {names}
                            <th scope="col" class="number">"Checks answered"</th>
                            {counts_assets.then(|| view! { <th scope="col" class="number">"Assets read"</th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
