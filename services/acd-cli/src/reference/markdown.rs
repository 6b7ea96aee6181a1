//! Tables in Markdown.

/// A table with a header and rows of cells.
pub(super) fn markdown<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.map(str::to_owned));
    text.extend(["|", &"---|".repeat(N), "\n"]);
    for row in rows {
        text.push_str(&line(row.map(|cell| cell.replace('|', "\\|").replace('\n', " "))));
    }
    text
}
