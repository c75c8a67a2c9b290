//! Statements with lists: many rows written at once, many ids asked for at once.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// Ids asked for by one statement.
pub(crate) const CHUNK: usize = 500;

/// Most parameters of a statement that writes rows. SQLite looks each parameter's name up in a list of all of them, so that a
/// statement's cost grows with the square of their number.
const PARAMETERS: usize = 512;

/// Sizes to which lists of ids are filled up, so that there are few texts to prepare.
const LIST_SIZES: [usize; 4] = [1, 16, 100, CHUNK];

/// Returns `items` filled up with its last one, and `($1, $2, …)` from parameter `first` on.
pub(crate) fn id_list<T: Copy>(items: &[T], first: usize) -> (Vec<T>, String) {
    let size = LIST_SIZES
        .into_iter()
        .find(|size| *size >= items.len())
        .unwrap_or(items.len());
    let mut filled = items.to_vec();
    if let Some(last) = items.last() {
        filled.resize(size, *last);
    }
    (filled, format!("({})", parameters(first, size)))
}

/// Cuts rows of `columns` values into those that one statement writes: in three sizes only, so that there are few texts to
/// prepare.
pub(crate) fn row_chunks<T>(mut rows: &[T], columns: usize) -> impl Iterator<Item = &[T]> {
    let most = (PARAMETERS / columns.max(1)).max(1);
    std::iter::from_fn(move || {
        let size = [most, (most / 8).max(1), 1]
            .into_iter()
            .find(|&size| size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// Returns `($1, $2), ($3, $4), …` from parameter `first` on.
pub(crate) fn tuples(rows: usize, columns: usize, first: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 7);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        text.push_str(&parameters(first + row * columns, columns));
        text.push(')');
    }
    text
}

fn parameters(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    names.join(", ")
}

/// Marks a text that was put together here, of words of this program and numbers of parameters only.
pub(crate) fn ours(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_in_three_sizes() {
        let sizes = |rows: usize, columns| {
            let rows: Vec<usize> = (0..rows).collect();
            let chunks: Vec<&[usize]> = row_chunks(&rows, columns).collect();
            assert_eq!(chunks.concat(), rows);
            chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(150, 8), [64, 64, 8, 8, 1, 1, 1, 1, 1, 1]);
        assert_eq!(sizes(2, 600), [1, 1]);
        assert_eq!(sizes(0, 3), [0; 0]);
    }

    #[test]
    fn parameters_are_numbered_through() {
        assert_eq!(tuples(2, 3, 2), "($2, $3, $4), ($5, $6, $7)");
        let (filled, list) = id_list(&[7, 8], 2);
        assert_eq!((filled.len(), &filled[..3]), (16, &[7, 8, 8][..]));
        assert!(list.starts_with("($2, $3, ") && list.ends_with(", $17)"));
    }
}
