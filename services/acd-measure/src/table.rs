//! Text tables for people: columns as wide as they must be, figures to the right.

use std::fmt;

use crate::latency::Percentiles;

/// A table; the first column is text, the others are figures.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table that begins with these headings.
    pub fn with_headings<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).into()] }
    }

    /// A table for what [`Table::latency`] adds.
    pub fn of_latencies(heading: &str) -> Self {
        Self::with_headings([heading, "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"])
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Adds a row of percentiles, in ms.
    pub fn latency(&mut self, name: &str, p: Option<&Percentiles>) {
        let mut cells = vec![name.to_owned()];
        match p {
            None => cells.push("0".to_owned()),
            Some(p) => {
                cells.push(p.count.to_string());
                let quantiles = [p.p50_ms, p.p90_ms, p.p95_ms, p.p99_ms, p.p999_ms];
                cells.push(short(p.mean_ms));
                cells.extend(quantiles.map(short));
                cells.push(short(p.max_ms));
            }
        }
        self.rows.push(cells);
    }
}

/// A figure with as many digits as are worth reading.
pub fn short(value: f64) -> String {
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$}")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let wide = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(wide).collect();
        for row in &self.rows {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if column == 0 {
                    write!(f, "  {cell:<width$}")?;
                } else {
                    write!(f, "  {cell:>width$}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::with_headings(["what", "n"]);
        table.row(["señor".into(), "1".into()]);
        table.row(["x".into(), "1000".into()]);
        assert_eq!(table.to_string(), "  what      n\n  señor     1\n  x      1000\n");
    }

    #[test]
    fn digits_are_those_worth_reading() {
        assert_eq!([0.123, 12.34, 1234.5].map(short), ["0.12", "12.3", "1234"]);
    }
}
