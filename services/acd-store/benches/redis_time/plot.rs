//! A drawing of how a cost grows.

use std::fmt::Write;

/// An SVG with a line for each name: how many to the right, each step ten times as many, and
/// microseconds upwards from zero.
pub(crate) fn svg(steps: &[usize], lines: &[(&str, Vec<f64>)]) -> String {
    let most = lines.iter().flat_map(|(_, line)| line).copied().fold(1.0, f64::max);
    let at = |step: usize, us: f64| (70.0 + 130.0 * step as f64, 260.0 - 210.0 * us / most);
    let mut svg = String::from(concat!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 320" "#,
        r#"font-family="sans-serif" font-size="12">"#,
        r#"<rect width="660" height="320" fill="white"/>"#,
        r#"<text x="20" y="20">Redis time of freeing an agent and taking up what follows, "#,
        r#"in microseconds</text><text x="250" y="310">different signatures waiting</text>"#,
    ));
    for (step, count) in steps.iter().enumerate() {
        let (x, y) = at(step, 0.0);
        let _ =
            write!(svg, r#"<text x="{x}" y="{:.0}" text-anchor="middle">{count}</text>"#, y + 24.0);
    }
    for ((name, line), colour) in lines.iter().zip(["#0b6e99", "#c4551a"]) {
        let points: Vec<_> = line.iter().enumerate().map(|(step, us)| at(step, *us)).collect();
        let _ = write!(svg, r#"<polyline fill="none" stroke="{colour}" stroke-width="2" points=""#);
        for (x, y) in &points {
            let _ = write!(svg, "{x:.0},{y:.0} ");
        }
        svg.push_str(r#""/>"#);
        for ((x, y), us) in points.iter().zip(line) {
            let _ = write!(
                svg,
                r#"<text x="{x:.0}" y="{:.0}" fill="{colour}">{us:.0}</text>"#,
                y - 6.0
            );
        }
        if let Some((x, y)) = points.last() {
            let (x, y) = (x + 40.0, y + 16.0);
            let _ = write!(
                svg,
                r#"<text x="{x:.0}" y="{y:.0}" text-anchor="end" fill="{colour}">{name}</text>"#
            );
        }
    }
    svg + "</svg>\n"
}
