//! The plots: throughput and percentiles by size, as SVG. Sizes double from step to step, figures grow
//! by powers of ten.

use anyhow::anyhow;
use plotters::{
    coord::Shift,
    prelude::*,
    style::{RGBColor, ShapeStyle},
};

use crate::{
    report,
    size::Size,
    tally::{Operation, Row},
};

const WIDTH: u32 = 1100;
const HEIGHT: u32 = 900;
/// The width of the legend: beside the diagram, for there is no corner that no line goes through.
const LEGEND: u32 = 110;

/// Colours that are told apart in print and by colour-blind eyes (Okabe and Ito).
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(230, 159, 0),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
];

/// Two SVG documents.
#[derive(Debug)]
pub(crate) struct Plots {
    pub(crate) throughput: String,
    pub(crate) latency: String,
}

/// One diagram.
struct Panel {
    title: String,
    unit: &'static str,
    lines: Vec<Line>,
}

/// A line through figures by size.
struct Line {
    name: String,
    /// The power of two of the size, and the figure.
    points: Vec<(i32, f64)>,
}

/// Plots what was measured; nothing when nothing was.
pub(crate) fn draw(rows: &[Row], clients: u32) -> anyhow::Result<Option<Plots>> {
    if rows.iter().all(|row| row.latency.is_none()) {
        return Ok(None);
    }
    let who = report::clients(clients);
    let rates = |title: &str, unit, figure: fn(&Row) -> Option<f64>| Panel {
        title: format!("{title}, {who}"),
        unit,
        lines: Operation::ALL
            .map(|operation| line(operation.to_string(), rows, operation, figure))
            .into(),
    };
    let throughput = [
        rates("Operations a second", "operations/s", |row| Some(row.operations_per_second)),
        rates("Bits of values a second", "Mbit/s", |row| Some(row.megabits_per_second)),
    ];
    let latency = Operation::ALL.map(|operation| Panel {
        title: format!("Latency of {operation}, {who}"),
        unit: "ms",
        lines: percentiles(rows, operation),
    });
    Ok(Some(Plots { throughput: document(&throughput)?, latency: document(&latency)? }))
}

fn line(
    name: String,
    rows: &[Row],
    operation: Operation,
    figure: impl Fn(&Row) -> Option<f64>,
) -> Line {
    let of_operation = rows.iter().filter(|row| row.operation == operation);
    // There is no place for nothing on a logarithmic axis.
    let point = |row: &Row| Some((exponent(row.size), figure(row).filter(|figure| *figure > 0.0)?));
    Line { name, points: of_operation.filter_map(point).collect() }
}

fn percentiles(rows: &[Row], operation: Operation) -> Vec<Line> {
    type Figure = fn(&acd_measure::latency::Percentiles) -> f64;
    let figures: [(&str, Figure); 5] = [
        ("p50", |p| p.p50_ms),
        ("p90", |p| p.p90_ms),
        ("p99", |p| p.p99_ms),
        ("p99.9", |p| p.p999_ms),
        ("max", |p| p.max_ms),
    ];
    let line = |(name, figure): (&str, Figure)| {
        line(name.to_owned(), rows, operation, |row| row.latency.as_ref().map(figure))
    };
    figures.map(line).into()
}

fn exponent(size: Size) -> i32 {
    size.exponent().cast_signed()
}

/// The panels, one below the other.
fn document(panels: &[Panel]) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&WHITE).map_err(|error| anyhow!("plot: {error}"))?;
        for (place, panel) in area.split_evenly((panels.len(), 1)).iter().zip(panels) {
            drawn(panel, place).map_err(|error| anyhow!("plot: {error}"))?;
        }
        area.present().map_err(|error| anyhow!("plot: {error}"))?;
    }
    Ok(svg)
}

type Place<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn drawn<'a>(panel: &Panel, place: &Place<'a>) -> Result<(), Failure<'a>> {
    let sizes = sizes(panel);
    let (from, to) = (*sizes.start(), *sizes.end());
    // A single size stands in the middle.
    let beside = i32::from(from == to);
    let figures =
        decades(panel.lines.iter().flat_map(|line| line.points.iter().map(|(_, figure)| *figure)));
    let mut chart = ChartBuilder::on(place)
        .caption(&panel.title, ("sans-serif", 20))
        .margin(12)
        .margin_right(LEGEND)
        .x_label_area_size(48)
        .y_label_area_size(80)
        .build_cartesian_2d(from - beside..to + beside, figures.log_scale())?;
    chart
        .configure_mesh()
        .x_desc("size of a value")
        .y_desc(panel.unit)
        .x_labels(sizes.clone().count() + 2)
        .x_label_formatter(&|exponent| label(*exponent, &sizes))
        .y_label_formatter(&|figure| short(*figure))
        .label_style(("sans-serif", 13))
        .axis_desc_style(("sans-serif", 15))
        .bold_line_style(BLACK.mix(0.2))
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    for (line, colour) in panel.lines.iter().zip(COLOURS) {
        let style = ShapeStyle::from(colour).stroke_width(2);
        chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        let dots = line.points.iter().map(|point| Circle::new(*point, 3, colour.filled()));
        chart.draw_series(dots)?;
    }
    legend(panel, place)
}

/// What each line is, to the right of the diagram.
fn legend<'a>(panel: &Panel, place: &Place<'a>) -> Result<(), Failure<'a>> {
    let left = (WIDTH - LEGEND).cast_signed() + 30;
    for ((line, colour), row) in panel.lines.iter().zip(COLOURS).zip(1..) {
        let y = 30 + row * 22;
        let style = ShapeStyle::from(colour).stroke_width(2);
        place.draw(&PathElement::new([(left, y), (left + 20, y)], style))?;
        place.draw(&Text::new(line.name.clone(), (left + 26, y - 7), ("sans-serif", 14)))?;
    }
    Ok(())
}

/// From the smallest to the largest size that is in a panel.
fn sizes(panel: &Panel) -> std::ops::RangeInclusive<i32> {
    let all = || panel.lines.iter().flat_map(|line| line.points.iter().map(|(size, _)| *size));
    let first = all().min().unwrap_or_default();
    first..=all().max().unwrap_or(first)
}

fn label(exponent: i32, sizes: &std::ops::RangeInclusive<i32>) -> String {
    match u32::try_from(exponent) {
        Ok(power) if sizes.contains(&exponent) => Size::of_exponent(power).to_string(),
        _ => String::new(),
    }
}

/// The powers of ten that all `figures` are between, the first one a little lower: then it is on the
/// axis however it is rounded.
fn decades(figures: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for figure in figures {
        low = low.min(figure);
        high = high.max(figure);
    }
    if high == 0.0 {
        return 1.0..10.0;
    }
    let from = low.log10().floor();
    let to = high.log10().ceil().max(from + 1.0);
    10_f64.powf(from) * 0.999..10_f64.powf(to)
}

/// A power of ten without needless digits.
fn short(figure: f64) -> String {
    match figure {
        1_000_000.0.. => format!("{:.0} M", figure / 1_000_000.0),
        1000.0.. => format!("{:.0} k", figure / 1000.0),
        1.0.. => format!("{figure:.0}"),
        _ => format!("{figure:.4}").trim_end_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tally::{Counts, OK};

    fn rows(sizes: &str) -> Vec<Row> {
        let mut counts = Counts::default();
        counts.add(OK, Duration::from_micros(120));
        counts.lasted(Duration::from_secs(1));
        let sizes: crate::size::Sizes = sizes.parse().unwrap();
        sizes
            .iter()
            .flat_map(|size| Operation::ALL.map(|operation| Row::new(operation, size, &counts)))
            .collect()
    }

    #[test]
    fn all_sizes_and_percentiles_are_named() {
        let plots = draw(&rows("128bit..4Mbit"), 2).unwrap().unwrap();
        for (svg, names) in [
            (
                &plots.throughput,
                vec!["operations/s", "Mbit/s", "SET", "GET", "2 clients", "128 bit", "4 Mbit"],
            ),
            (
                &plots.latency,
                vec!["ms", "p50", "p99.9", "max", "Latency of GET", "size of a value", "64 Kbit"],
            ),
        ] {
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
            for name in names {
                assert!(svg.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn one_size_or_none_can_be_plotted() {
        assert!(draw(&rows("1Mbit"), 1).unwrap().unwrap().latency.contains("1 Mbit"));
        let nothing = Row::new(Operation::Get, "128bit".parse().unwrap(), &Counts::default());
        assert!(draw(std::slice::from_ref(&nothing), 1).unwrap().is_none());
        let mut some = rows("128bit");
        some[1] = nothing;
        assert!(draw(&some, 1).unwrap().is_some());
    }

    #[test]
    fn axes_end_at_powers_of_ten() {
        let (from, to) =
            (decades([0.03, 7.0].into_iter()).start, decades([0.03, 7.0].into_iter()).end);
        assert!((from - 0.01).abs() < 1e-4 && (to - 10.0).abs() < 1e-9, "{from} {to}");
        assert_eq!([0.01, 1.0, 100.0, 1e4, 1e6].map(short), ["0.01", "1", "100", "10 k", "1 M"]);
    }
}
