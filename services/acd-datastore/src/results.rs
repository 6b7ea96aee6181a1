//! The result files: CSV, whole after every size, so that even `kill -9` leaves what there was.
//!
//! Each client has four, of SET and of GET: a raw one in which every operation is (those of one
//! second that took the same time and ended the same way share a line), and a final one with a line
//! for each size. Several clients together have a final one more for each.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use acd_measure::Misuse;
use anyhow::Context;

use crate::{
    args::DatastoreArgs,
    size::Size,
    tally::{Operation, Outcome, Row},
};

/// The plot of operations and bits a second.
pub(crate) const THROUGHPUT: &str = "throughput.svg";
/// The plot of percentiles.
pub(crate) const LATENCY: &str = "latency.svg";

const RAW_HEADINGS: &str = "client,operation,value_bits,second,outcome,latency_us,count";
const FINAL_HEADINGS: &str = "client,operation,value_bits,value_bytes,seconds,operations,errors,\
    operations_per_second,megabits_per_second,\
    mean_ms,p50_ms,p90_ms,p95_ms,p99_ms,p999_ms,max_ms,errors_by_kind";

/// The directory that everything goes to.
#[derive(Debug)]
pub(crate) struct Output {
    directory: PathBuf,
}

impl Output {
    /// Looks whether there is anything in the way. Nothing is changed yet.
    pub(crate) fn find(args: &DatastoreArgs) -> Result<Self, Misuse> {
        let output = Self { directory: args.output.clone() };
        match output.earlier() {
            Ok(earlier) => match earlier.first() {
                Some(first) if !args.overwrite => Err(Misuse(format!(
                    "{} is there from an earlier run: take another --output, or --overwrite",
                    first.display()
                ))),
                _ => Ok(output),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(output),
            Err(error) => Err(Misuse(format!("--output {}: {error}", output.directory.display()))),
        }
    }

    /// Creates the directory, and removes the results of an earlier run: they may have been of more
    /// clients.
    pub(crate) fn create(&self) -> Result<(), Misuse> {
        let create = || {
            fs::create_dir_all(&self.directory)?;
            self.earlier()?.iter().try_for_each(fs::remove_file)
        };
        create().map_err(|error| Misuse(format!("--output {}: {error}", self.directory.display())))
    }

    /// What an earlier run left.
    fn earlier(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_ours) {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// The files of one client.
    pub(crate) fn of_client(&self, number: u32) -> anyhow::Result<Files> {
        let who = number.to_string();
        let sheet = |name: &str, headings| {
            self.sheet(&format!("results-{name}-client{who}.csv"), headings, &who)
        };
        Ok(Files {
            raw: [sheet("raw-set", RAW_HEADINGS)?, sheet("raw-get", RAW_HEADINGS)?],
            last: [sheet("set", FINAL_HEADINGS)?, sheet("get", FINAL_HEADINGS)?],
        })
    }

    /// The final files of all clients together.
    pub(crate) fn of_all(&self) -> anyhow::Result<[Sheet<File>; 2]> {
        let sheet = |name: &str| self.sheet(name, FINAL_HEADINGS, "all");
        Ok([sheet("results-set-all.csv")?, sheet("results-get-all.csv")?])
    }

    fn sheet(&self, name: &str, headings: &str, who: &str) -> anyhow::Result<Sheet<File>> {
        let path = self.directory.join(name);
        let new = File::create_new(&path).and_then(|file| Sheet::begin(file, headings, who));
        new.with_context(|| format!("write {}", path.display()))
    }

    /// Writes a plot.
    pub(crate) fn plot(&self, name: &str, svg: &str) -> anyhow::Result<()> {
        let path = self.directory.join(name);
        fs::write(&path, svg).with_context(|| format!("write {}", path.display()))
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Whether a file of this name is one that we write.
fn is_ours(name: &str) -> bool {
    let of = |rest: &str| {
        let client = rest.strip_prefix("client").is_some_and(|n| n.parse::<u32>().is_ok());
        client || rest == "all"
    };
    let result = name.strip_prefix("results-").and_then(|rest| rest.strip_suffix(".csv"));
    let result = result.map(|rest| rest.strip_prefix("raw-").unwrap_or(rest));
    let result = result.and_then(|rest| rest.strip_prefix("set-").or(rest.strip_prefix("get-")));
    result.is_some_and(of) || name == THROUGHPUT || name == LATENCY
}

/// The files of one client, of SET and of GET.
#[derive(Debug)]
pub(crate) struct Files {
    raw: [Sheet<File>; 2],
    last: [Sheet<File>; 2],
}

impl Files {
    pub(crate) fn raw(&mut self, operation: Operation) -> &mut Sheet<File> {
        &mut self.raw[operation as usize]
    }

    pub(crate) fn last(&mut self, operation: Operation) -> &mut Sheet<File> {
        &mut self.last[operation as usize]
    }
}

/// The operations of one second: how many ended so after so many µs.
pub(crate) type Second = BTreeMap<(Outcome, u128), u64>;

/// A CSV file. There is nothing in it that would need quotes.
#[derive(Debug)]
pub(crate) struct Sheet<W: Write> {
    to: BufWriter<W>,
    who: String,
}

impl<W: Write> Sheet<W> {
    fn begin(to: W, headings: &str, who: &str) -> io::Result<Self> {
        let mut to = BufWriter::new(to);
        writeln!(to, "{headings}")?;
        to.flush()?;
        Ok(Self { to, who: who.to_owned() })
    }

    /// Adds the operations of a second.
    pub(crate) fn second(
        &mut self,
        (operation, size): (Operation, Size),
        second: u64,
        operations: &Second,
    ) -> io::Result<()> {
        let (who, what, bits) = (&self.who, operation.name(), size.bits());
        for ((outcome, us), count) in operations {
            writeln!(self.to, "{who},{what},{bits},{second},{outcome},{us},{count}")?;
        }
        self.to.flush()
    }

    /// Adds what a size came to.
    pub(crate) fn row(&mut self, row: &Row) -> io::Result<()> {
        let Self { to, who } = self;
        let (what, bits, bytes) = (row.operation.name(), row.size.bits(), row.size.bytes());
        write!(to, "{who},{what},{bits},{bytes},{:.3},", row.seconds)?;
        write!(to, "{},{},", row.operations, row.errors)?;
        write!(to, "{:.3},{:.3},", row.operations_per_second, row.megabits_per_second)?;
        match &row.latency {
            Some(p) => {
                for ms in [p.mean_ms, p.p50_ms, p.p90_ms, p.p95_ms, p.p99_ms, p.p999_ms, p.max_ms] {
                    write!(to, "{ms:.3},")?;
                }
            }
            None => write!(to, ",,,,,,,")?,
        }
        let kinds = row.errors_by_kind.iter().map(|(kind, count)| format!("{kind}={count}"));
        writeln!(to, "{}", kinds.collect::<Vec<_>>().join(" "))?;
        to.flush()
    }
}

/// A duration in whole µs, the unit of raw results.
pub(crate) fn us(took: Duration) -> u128 {
    took.as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Counts, OK};

    fn text(sheet: Sheet<Vec<u8>>) -> String {
        String::from_utf8(sheet.to.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn a_final_line_has_a_cell_for_each_heading() {
        let mut sheet = Sheet::begin(Vec::new(), FINAL_HEADINGS, "1").unwrap();
        let mut counts = Counts::default();
        counts.lasted(Duration::from_secs(2));
        sheet.row(&Row::new(Operation::Set, "128bit".parse().unwrap(), &counts)).unwrap();
        counts.add(OK, Duration::from_millis(2));
        counts.add("time_out", Duration::from_secs(3));
        counts.add("connection", Duration::from_secs(1));
        sheet.row(&Row::new(Operation::Get, "4Mbit".parse().unwrap(), &counts)).unwrap();
        let text = text(sheet);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|cells| cells.len() == lines[0].len()), "{text}");
        assert_eq!(lines[1][..9], ["1", "set", "128", "16", "2.000", "0", "0", "0.000", "0.000"]);
        assert_eq!(lines[2][..8], ["1", "get", "4194304", "524288", "2.000", "1", "2", "0.500"]);
        assert_eq!(lines[2][9..11], ["2.000", "2.000"]);
        assert_eq!(lines[2][16], "connection=1 time_out=1");
    }

    #[test]
    fn raw_lines_share_what_is_the_same() {
        let mut sheet = Sheet::begin(Vec::new(), RAW_HEADINGS, "7").unwrap();
        let second = Second::from([(("ok", 31), 5), (("ok", 30), 2), (("time_out", 9), 1)]);
        sheet.second((Operation::Set, "1Kbit".parse().unwrap()), 4, &second).unwrap();
        let expected = "7,set,1024,4,ok,30,2\n7,set,1024,4,ok,31,5\n7,set,1024,4,time_out,9,1\n";
        assert_eq!(text(sheet), format!("{RAW_HEADINGS}\n{expected}"));
    }

    #[test]
    fn knows_its_own_files() {
        for name in [
            "results-set-client1.csv",
            "results-raw-get-client12.csv",
            "results-get-all.csv",
            LATENCY,
        ] {
            assert!(is_ours(name), "{name}");
        }
        for name in [
            "results.csv",
            "results-set-clientx.csv",
            "results-set-client1.csv.bak",
            "results-put-all.csv",
            "notes.svg",
        ] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
