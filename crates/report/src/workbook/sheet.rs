//! A sheet that is written row by row.

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Worksheet, XlsxError};
use time::OffsetDateTime;

use crate::ReportError;
use crate::visible::{at_most, visible};

/// The most that a cell holds, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;

/// A column's head and its width in characters.
#[derive(Clone, Copy)]
pub(super) struct Column(pub(super) &'static str, pub(super) f64);

/// What stands in a cell.
pub(super) enum Cell<'a> {
    None,
    Text(&'a str),
    Own(String),
    Number(u64),
    Time(OffsetDateTime),
}

impl<'a> Cell<'a> {
    pub(super) fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::Text)
    }

    pub(super) fn at(at: Option<OffsetDateTime>) -> Self {
        at.map_or(Self::None, Self::Time)
    }
}

/// A sheet and the row that comes next.
pub(super) struct Sheet<'a> {
    rows: &'a mut Worksheet,
    next: u32,
    columns: u16,
    time: Format,
    head: Format,
    heading: Format,
}

impl<'a> Sheet<'a> {
    /// A sheet with these widths and nothing in it.
    pub(super) fn plain(sheet: &'a mut Worksheet, widths: &[f64]) -> Result<Self, ReportError> {
        for (column, width) in (0..).zip(widths) {
            sheet.set_column_width(column, *width)?;
        }
        Ok(Self {
            rows: sheet,
            next: 0,
            columns: u16::try_from(widths.len()).unwrap_or(u16::MAX),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
            head: Format::new().set_bold(),
            heading: Format::new().set_bold().set_font_size(14),
        })
    }

    /// A table: a head that stays where it is when rows are scrolled.
    pub(super) fn table(sheet: &'a mut Worksheet, columns: &[Column]) -> Result<Self, ReportError> {
        sheet.set_freeze_panes(1, 0)?;
        let widths: Vec<f64> = columns.iter().map(|Column(_, width)| *width).collect();
        let mut table = Self::plain(sheet, &widths)?;
        let heads: Vec<&str> = columns.iter().map(|Column(head, _)| *head).collect();
        table.head(&heads)?;
        Ok(table)
    }

    /// A row of heads.
    pub(super) fn head(&mut self, heads: &[&str]) -> Result<(), ReportError> {
        for (column, head) in (0..).zip(heads) {
            self.rows.write_string_with_format(self.next, column, *head, &self.head)?;
        }
        self.next += 1;
        Ok(())
    }

    /// A heading on a row of its own.
    pub(super) fn heading(&mut self, text: &str) -> Result<(), ReportError> {
        self.rows.write_string_with_format(self.next, 0, text, &self.heading)?;
        self.next += 1;
        Ok(())
    }

    /// A sentence on a row of its own.
    pub(super) fn note(&mut self, text: &str) -> Result<(), ReportError> {
        self.rows.write_string_with_format(self.next, 0, text, &self.head)?;
        self.next += 1;
        Ok(())
    }

    /// A row that stays empty.
    pub(super) fn space(&mut self) {
        self.next += 1;
    }

    /// A row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::None => {}
                Cell::Text(text) => self.text(column, text)?,
                Cell::Own(text) => self.text(column, text)?,
                // Numbers of things are far below where a cell would round them.
                #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
                Cell::Number(number) => {
                    self.rows.write_number(self.next, column, *number as f64)?;
                }
                Cell::Time(at) => self.time(column, *at)?,
            }
        }
        self.next += 1;
        Ok(())
    }

    /// The end of a table: filters over all its rows.
    pub(super) fn end(&mut self) -> Result<(), ReportError> {
        let (last_row, last_column) = (self.next - 1, self.columns - 1);
        self.rows.autofilter(0, 0, last_row, last_column)?;
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str) -> Result<(), ReportError> {
        let text = at_most(&visible(text), LONGEST_CELL, "the CSV");
        self.rows.write_string(self.next, column, text)?;
        Ok(())
    }

    /// A real date and time, in UTC; as text where it lies outside of what a sheet has dates for.
    fn time(&mut self, column: u16, at: OffsetDateTime) -> Result<(), ReportError> {
        match ExcelDateTime::from_timestamp(at.unix_timestamp()) {
            Ok(time) => {
                self.rows.write_datetime_with_format(self.next, column, &time, &self.time)?;
            }
            Err(XlsxError::DateTimeRangeError(_)) => {
                self.text(column, &crate::instant::instant(at))?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
