//! Cells of a pasted text: tabs from a spreadsheet, else the separator of the lines of a chat.

/// Longest paste, in bytes.
pub const MAX_BYTES: usize = 512 * 1024;
/// Most rows of one paste.
pub const MAX_ROWS: usize = 500;
/// Most cells of a row.
const MAX_CELLS: usize = 40;

/// A paste beyond the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Returns rows of cells; empty rows are left out.
///
/// # Errors
///
/// [`TooLarge`] beyond [`MAX_BYTES`] or [`MAX_ROWS`].
pub fn split(text: &str) -> Result<Vec<Vec<String>>, TooLarge> {
    if text.len() > MAX_BYTES {
        return Err(TooLarge);
    }
    let rows = if text.contains('\t') {
        tabbed(text)
    } else {
        text.lines().map(chat_line).collect()
    };
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|cells| {
            cells
                .into_iter()
                .take(MAX_CELLS)
                .map(|cell| cell.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|cells| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    if rows.len() > MAX_ROWS { Err(TooLarge) } else { Ok(rows) }
}

/// Tab-separated cells; a quoted cell may hold tabs, line breaks and doubled quotes.
fn tabbed(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut at_start) = (false, true);
    let mut signs = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if at_start => quoted = true,
            '\t' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\n' => cell.push(' '),
            sign => cell.push(sign),
        }
        at_start = !quoted && (sign == '\t' || sign == '\n');
    }
    row.push(cell);
    rows.push(row);
    rows
}

/// A line such as `3. Lê Thị Ánh - 1990 - 0912 345 678 - vợ`.
fn chat_line(line: &str) -> Vec<String> {
    let line = without_number(line.trim().trim_start_matches(['-', '•', '*', '+']).trim_start());
    let separator = [";", "|", " - ", " – ", ","]
        .into_iter()
        .find(|separator| line.contains(separator));
    match separator {
        Some(separator) => line.split(separator).map(str::to_owned).collect(),
        None => vec![line.to_owned()],
    }
}

/// Cuts a leading `3.`, `3)` or `3/` off; a number without such a sign belongs to the cell.
fn without_number(line: &str) -> &str {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    match rest.strip_prefix(['.', ')', '/', ':']) {
        Some(rest) if (1..=3).contains(&digits) && rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => line,
    }
}
