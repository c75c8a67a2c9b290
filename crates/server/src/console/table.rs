//! Lists as addresses: `?sort=-due&after=…&gen=f1,f2` read against what the list allows, links that keep the rest, and pages
//! found by seeking from a row instead of counting rows.
//!
//! A list declares a [`ListSpec`]; the page reads the address into a [`ListQuery`], the store answers
//! `query.limit()` rows beyond `query.seek()` in the order `query.sort()`, and [`ListPage::of`] cuts the page and makes the cursors.
//! A cursor stands in an address: sort by what may be read there, never by a name.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Texts;
use super::address::Address;
use super::html::component;
use super::icon::Icon;
use crate::error::ServiceError;

/// Longest search text and longest filter value, in bytes.
const MAX_VALUE: usize = 120;
/// Most values of one filter.
const MAX_VALUES: usize = 20;
/// Longest cursor as text.
const MAX_CURSOR: usize = 360;
/// Longest text key and longest row id in a cursor, in bytes.
const MAX_KEY: usize = 128;
const MAX_ID: usize = 64;
/// First byte of a cursor; another one is of another release.
const CURSOR_VERSION: u8 = 1;

/// A column of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its name in `?sort=`.
    pub(crate) key: &'static str,
    /// Id of its text.
    pub(crate) label: &'static str,
    /// The list may be sorted by it.
    pub(crate) sortable: bool,
    /// Numbers stand to the right.
    pub(crate) numeric: bool,
}

/// What a filter accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Accepts {
    /// One of these words.
    One(&'static [&'static str]),
    /// Some of these words, with commas between them.
    Some(&'static [&'static str]),
    /// A code of letters, digits, `-` and `_`, such as that of a unit.
    Code,
    /// A day, `yyyy-mm-dd`.
    Day,
}

/// A filter of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    /// Its parameter.
    pub(crate) key: &'static str,
    /// What it accepts.
    pub(crate) accepts: Accepts,
}

/// What a list allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListSpec {
    /// From left to right.
    pub(crate) columns: &'static [Column],
    /// All filters.
    pub(crate) filters: &'static [Filter],
    /// Column and direction without `?sort=`; true is descending.
    pub(crate) usual: (&'static str, bool),
    /// Rows of a page.
    pub(crate) rows: u32,
}

/// Order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    /// Key of a column of the list that may be sorted.
    pub(crate) column: &'static str,
    /// Highest first.
    pub(crate) descending: bool,
}

/// The value by which a row is sorted. It is never nothing: the store gives what is missing a place (`COALESCE`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    /// A number, a time, a date.
    Number(i64),
    /// A text that may stand in an address.
    Text(String),
}

/// A row as a place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Its value in the sorted column.
    pub(crate) key: SortKey,
    /// Its id, which decides between equal values.
    pub(crate) id: String,
    /// Rows up to and with it, for `51–100`; only shown, never used to find rows.
    rank: u32,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seek {
    /// With the first row.
    Start,
    /// After this row.
    After(Cursor),
    /// Before this row: the store answers the nearest first, that is, in the opposite order.
    Before(Cursor),
}

/// What somebody asked of a list; every part of it is allowed.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    spec: &'static ListSpec,
    sort: Sort,
    seek: Seek,
    search: Option<String>,
    filters: Vec<(&'static str, Vec<String>)>,
    address: Address,
}

impl ListSpec {
    /// Reads an address. Parameters that the list does not know are dropped from its links: senders of links add theirs.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] names the parameter that is known and does not fit: a list that silently showed more rows
    /// than the link meant would be believed.
    pub(crate) fn read(&'static self, address: &Address) -> Result<ListQuery, ServiceError> {
        let known = |key: &str| matches!(key, "sort" | "after" | "before" | "q") || self.filter(key).is_some();
        let address = address.only(known);
        let sort = match address.value("sort") {
            Some(text) => self.sort(text).ok_or_else(|| invalid("sort"))?,
            None => Sort {
                column: self.usual.0,
                descending: self.usual.1,
            },
        };
        let cursor = |key: &'static str| match address.value(key) {
            Some(text) => self.open(sort, text).map(Some).ok_or_else(|| invalid(key)),
            None => Ok(None),
        };
        let seek = match (cursor("after")?, cursor("before")?) {
            (None, None) => Seek::Start,
            (Some(row), None) => Seek::After(row),
            (None, Some(row)) => Seek::Before(row),
            (Some(_), Some(_)) => return Err(invalid("before")),
        };
        let search = match address.value("q").map(str::trim) {
            Some(text) if text.len() > MAX_VALUE || text.chars().any(char::is_control) => return Err(invalid("q")),
            text => text.filter(|text| !text.is_empty()).map(str::to_owned),
        };
        let mut filters = Vec::new();
        for filter in self.filters {
            if let Some(text) = address.value(filter.key) {
                filters.push((filter.key, filter.read(text).ok_or_else(|| invalid(filter.key))?));
            }
        }
        Ok(ListQuery {
            spec: self,
            sort,
            seek,
            search,
            filters,
            address,
        })
    }

    fn filter(&self, key: &str) -> Option<&'static Filter> {
        self.filters.iter().find(|filter| filter.key == key)
    }

    fn sort(&self, text: &str) -> Option<Sort> {
        let (descending, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
        let column = self
            .columns
            .iter()
            .find(|column| column.key == key && column.sortable)?;
        Some(Sort {
            column: column.key,
            descending,
        })
    }

    fn place(&self, sort: Sort) -> u8 {
        let at = self.columns.iter().position(|column| column.key == sort.column);
        u8::try_from(at.unwrap_or_default() * 2 + usize::from(sort.descending)).unwrap_or(u8::MAX)
    }

    /// Writes a cursor: version, order, rank, key with its kind and length, id.
    fn seal(&self, sort: Sort, cursor: &Cursor) -> String {
        let mut bytes = vec![CURSOR_VERSION, self.place(sort)];
        bytes.extend(cursor.rank.to_be_bytes());
        match &cursor.key {
            SortKey::Number(number) => {
                bytes.push(b'n');
                bytes.extend(number.to_be_bytes());
            }
            SortKey::Text(text) => {
                // A longer key is cut at a letter: the page may begin a few rows early, and loses none.
                let end = (0..=MAX_KEY.min(text.len()))
                    .rev()
                    .find(|end| text.is_char_boundary(*end));
                let text = &text[..end.unwrap_or_default()];
                bytes.push(b't');
                bytes.push(u8::try_from(text.len()).unwrap_or_default());
                bytes.extend(text.bytes());
            }
        }
        bytes.extend(cursor.id.bytes().take(MAX_ID));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of this list in this order.
    fn open(&self, sort: Sort, text: &str) -> Option<Cursor> {
        if text.len() > MAX_CURSOR {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (head, rest) = bytes.split_first_chunk::<7>()?;
        let [version, place, r0, r1, r2, r3, kind] = *head;
        if version != CURSOR_VERSION || place != self.place(sort) {
            return None;
        }
        let (key, id) = match kind {
            b'n' => {
                let (number, id) = rest.split_first_chunk::<8>()?;
                (SortKey::Number(i64::from_be_bytes(*number)), id)
            }
            b't' => {
                let (length, rest) = rest.split_first()?;
                let (text, id) = rest.split_at_checked(usize::from(*length))?;
                let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= MAX_KEY)?;
                (SortKey::Text(text.to_owned()), id)
            }
            _ => return None,
        };
        let id = std::str::from_utf8(id).ok()?;
        let is_id = !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(is_code_byte);
        is_id.then(|| Cursor {
            key,
            id: id.to_owned(),
            rank: u32::from_be_bytes([r0, r1, r2, r3]),
        })
    }
}

impl Filter {
    fn read(&self, text: &str) -> Option<Vec<String>> {
        if text.len() > MAX_VALUE {
            return None;
        }
        let values: Vec<&str> = match self.accepts {
            Accepts::Some(_) => text.split(',').collect(),
            _ => vec![text],
        };
        let fits = |value: &&str| match self.accepts {
            Accepts::One(words) | Accepts::Some(words) => words.contains(value),
            Accepts::Code => value.bytes().all(is_code_byte),
            Accepts::Day => crate::civil::CivilDate::parse(value).is_some(),
        };
        let is_good = values.len() <= MAX_VALUES && values.iter().all(fits);
        is_good.then(|| values.into_iter().map(str::to_owned).collect())
    }
}

fn is_code_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn invalid(field: &'static str) -> ServiceError {
    ServiceError::Invalid {
        field,
        why: "does not fit the list",
    }
}

impl ListQuery {
    /// Returns the order of the list.
    pub(crate) fn sort(&self) -> Sort {
        self.sort
    }

    /// Returns where the page begins.
    pub(crate) fn seek(&self) -> &Seek {
        &self.seek
    }

    /// Whether the store answers highest first: the order of the list, turned around before a row.
    pub(crate) fn reads_descending(&self) -> bool {
        self.sort.descending != matches!(self.seek, Seek::Before(_))
    }

    /// Returns how many rows the store answers at most: one more than the page has, which tells whether there are more.
    pub(crate) fn limit(&self) -> u32 {
        self.spec.rows.saturating_add(1)
    }

    /// Returns what was searched for, trimmed, without control characters.
    pub(crate) fn search(&self) -> Option<&str> {
        self.search.as_deref()
    }

    /// Returns the values of a filter; none when it is not set.
    pub(crate) fn filter(&self, key: &str) -> &[String] {
        let found = self.filters.iter().find(|(name, _)| *name == key);
        found.map_or(&[], |(_, values)| values)
    }

    /// Whether anything narrows the list.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.search.is_some() || !self.filters.is_empty()
    }

    /// Returns the address of the list from its first row, with all filters.
    pub(crate) fn first_page(&self) -> Address {
        self.address.without("after").without("before")
    }

    /// Returns the address with a filter set, from the first row.
    pub(crate) fn with_filter(&self, key: &str, value: &str) -> Address {
        self.first_page().with(key, value)
    }

    /// Returns the address without a filter, from the first row.
    pub(crate) fn without_filter(&self, key: &str) -> Address {
        self.first_page().without(key)
    }

    /// Returns the address with no filter and no search, in the same order.
    pub(crate) fn unfiltered(&self) -> Address {
        self.first_page().only(|key| key == "sort")
    }

    fn sorted_by(&self, column: &Column) -> Address {
        let turned = self.sort.column == column.key && !self.sort.descending;
        let value = if turned {
            format!("-{}", column.key)
        } else {
            column.key.to_owned()
        };
        self.first_page().with("sort", &value)
    }

    fn page_link(&self, key: &str, cursor: &Cursor) -> String {
        self.first_page()
            .with(key, &self.spec.seal(self.sort, cursor))
            .to_string()
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub(crate) struct ListPage<T> {
    /// In the order of the list.
    pub(crate) rows: Vec<T>,
    /// Rank of the first row, from 1.
    first: u32,
    before: Option<Cursor>,
    after: Option<Cursor>,
}

impl<T> ListPage<T> {
    /// Cuts what the store answered to a page; `place` says the sort key and the id of a row.
    pub(crate) fn of(query: &ListQuery, mut rows: Vec<T>, place: impl Fn(&T) -> (SortKey, String)) -> Self {
        let size = query.spec.rows as usize;
        let is_more = rows.len() > size;
        rows.truncate(size);
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let (first, is_before, is_after) = match &query.seek {
            Seek::Start => (1, false, is_more),
            Seek::After(row) => (row.rank.saturating_add(1), true, is_more),
            Seek::Before(row) => {
                rows.reverse();
                // Rows may have come or gone since: the first page begins with 1 all the same.
                let first = row.rank.saturating_sub(count);
                (if is_more { first.max(1) } else { 1 }, is_more, true)
            }
        };
        let cursor = |row: Option<&T>, rank: u32| row.map(&place).map(|(key, id)| Cursor { key, id, rank });
        let before = cursor(rows.first().filter(|_| is_before), first);
        let after = cursor(
            rows.last().filter(|_| is_after),
            first.saturating_add(count.saturating_sub(1)),
        );
        Self {
            rows,
            first,
            before,
            after,
        }
    }
}

/// A head cell.
struct HeadCell {
    label: String,
    numeric: bool,
    href: Option<String>,
    order: Option<&'static str>,
}

/// `<thead>` of a list: labels, links that sort, the box that selects all. Stands inside the page's `<table>`.
#[derive(Template)]
#[template(path = "parts/list_head.html")]
pub(crate) struct ListHead {
    texts: Texts,
    selects: bool,
    cells: Vec<HeadCell>,
}

impl ListHead {
    /// Returns the head; with `selects`, rows begin with a box.
    pub(crate) fn of(texts: Texts, query: &ListQuery, selects: bool) -> Self {
        let cells = query.spec.columns.iter().map(|column| {
            let sorted = query.sort.column == column.key;
            HeadCell {
                label: texts.get(column.label),
                numeric: column.numeric,
                href: column.sortable.then(|| query.sorted_by(column).to_string()),
                order: sorted.then_some(if query.sort.descending {
                    "descending"
                } else {
                    "ascending"
                }),
            }
        });
        Self {
            texts,
            selects,
            cells: cells.collect(),
        }
    }
}

/// What stands below a list: which rows of how many, the pages before and after, the button that copies.
#[derive(Template)]
#[template(path = "parts/list_foot.html")]
pub(crate) struct ListFoot {
    texts: Texts,
    range: String,
    before: Option<String>,
    after: Option<String>,
}

impl ListFoot {
    /// Returns the foot; `total` is how many rows the filters leave, where that was counted.
    pub(crate) fn of<T>(texts: Texts, query: &ListQuery, page: &ListPage<T>, total: Option<u64>) -> Self {
        let number = |value: u64| texts.number(i64::try_from(value).unwrap_or(i64::MAX));
        let first = u64::from(page.first);
        let last = (first + page.rows.len() as u64).saturating_sub(1);
        let (first, last) = (number(first), number(last));
        let range = match total {
            _ if page.rows.is_empty() => String::new(),
            Some(total) => texts.fill(
                "console-list-range-of",
                &[("first", &first), ("last", &last), ("total", &number(total))],
            ),
            None => texts.fill("console-list-range", &[("first", &first), ("last", &last)]),
        };
        Self {
            texts,
            range,
            before: page.before.as_ref().map(|cursor| query.page_link("before", cursor)),
            after: page.after.as_ref().map(|cursor| query.page_link("after", cursor)),
        }
    }
}

/// What stands in place of an empty list: why it is empty and what to do.
#[derive(Template)]
#[template(path = "parts/empty.html")]
pub(crate) struct Empty {
    /// What there is none of.
    pub(crate) title: String,
    /// How the first one comes about, or which filter hides them.
    pub(crate) text: String,
    /// What to do: label and address.
    pub(crate) action: Option<(String, String)>,
}

component!(ListHead, ListFoot, Empty);

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
