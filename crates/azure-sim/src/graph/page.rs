//! Pages of a query's rows.

use serde_json::Value;

use super::record::Record;
use super::select::{ABOVE, ODD, Place, Rows, Selection, table_rows};
use super::syntax::Stage;
use crate::view::View;

/// How the rows of a page are written.
pub(super) struct Page {
    /// The rows, as JSON with commas between them.
    pub data: Vec<u8>,
    pub count: usize,
}

impl Page {
    /// Writes some of the rows.
    pub(super) fn write(
        selection: &Selection,
        range: std::ops::Range<usize>,
        view: &View,
        tenant: &str,
    ) -> Self {
        let mut page = Self { data: Vec::new(), count: 0 };
        match &selection.rows {
            Rows::Ready(rows) => {
                rows.get(range).unwrap_or_default().iter().for_each(|row| page.push(row));
            }
            Rows::Places(places) => {
                let places = places.get(range).unwrap_or_default();
                for of_source in places.chunk_by(|left, right| left.source == right.source) {
                    page.push_places(selection, of_source, view, tenant);
                }
            }
        }
        page
    }

    /// Writes rows of one source, which is looked up once.
    fn push_places(&mut self, selection: &Selection, places: &[Place], view: &View, tenant: &str) {
        let Some(source) = places.first().map(|place| place.source) else { return };
        let query = &selection.query;
        match source {
            ABOVE => {
                for row in places.iter().filter_map(|place| at(&selection.scope.above, *place)) {
                    self.push_made(row, &query.stages, query.table, tenant);
                }
            }
            ODD => {
                for row in places.iter().filter_map(|place| at(&view.faults.changes.rows, *place)) {
                    self.push(row);
                }
            }
            _ => {
                let position = usize::try_from(source).unwrap_or(usize::MAX);
                let subscription = selection.scope.subscriptions.get(position);
                let territory = subscription.and_then(|id| view.territory(id));
                let Some(territory) = territory else { return };
                let rows: Vec<_> = table_rows(&territory, query.table).collect();
                for place in places {
                    let Some((id, row)) = at(&rows, *place) else { continue };
                    let id = id.unwrap_or_default();
                    if view.is_unknown_to_graph(id) {
                        continue;
                    }
                    match view.odd_body(id) {
                        Some(odd) if !odd.is_object() => self.push(odd),
                        odd => {
                            let row = odd.unwrap_or(row);
                            self.push_made(row, &query.stages, query.table, tenant);
                        }
                    }
                }
            }
        }
    }

    fn push_made(&mut self, row: &Value, stages: &[Stage], table: &str, tenant: &str) {
        let mut record = Record::new(row, table, tenant);
        for stage in stages {
            // The rows are chosen already, by what they were before a fault changed them.
            if !matches!(stage, Stage::Where(_)) {
                record.pass(stage);
            }
        }
        self.push(&record.into_row());
    }

    fn push(&mut self, row: &Value) {
        if self.count > 0 {
            self.data.push(b',');
        }
        self.count += 1;
        serde_json::to_writer(&mut self.data, row).expect("JSON values are written to memory");
    }
}

fn at<T>(rows: &[T], place: Place) -> Option<&T> {
    rows.get(usize::try_from(place.index).ok()?)
}
