//! Tables for people, in columns of text.

/// A table with a line of titles.
pub(super) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with these titles and no rows.
    pub fn new(titles: [&str; COLUMNS]) -> Self {
        Self { rows: vec![titles.map(str::to_owned)] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }

    /// The lines; the columns with these positions hold numbers and are flush right.
    pub fn text(&self, numbers: &[usize]) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
        let line = |row: &[String; COLUMNS]| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if numbers.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["Name", "Calls"]);
        table.row(["größer".to_owned(), "1000000".to_owned()]);
        table.row(["a".to_owned(), "2".to_owned()]);
        assert_eq!(table.text(&[1]), "Name      Calls\ngrößer  1000000\na             2\n");
    }
}
