//! Statements with lists: many rows written at once, many ids asked for at once.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// Rows written or asked for by one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766.
pub(crate) const CHUNK: usize = 500;

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
    fn parameters_are_numbered_through() {
        assert_eq!(tuples(2, 3, 2), "($2, $3, $4), ($5, $6, $7)");
        let (filled, list) = id_list(&[7, 8], 2);
        assert_eq!((filled.len(), &filled[..3]), (16, &[7, 8, 8][..]));
        assert!(list.starts_with("($2, $3, ") && list.ends_with(", $17)"));
    }
}
