//! JSON in: a list of objects; each name of a member is a column.

use std::io::Read;

use serde_json::Value;

use super::{Reading, SheetError};

/// Largest JSON file, in bytes: it is held as a whole.
const MAX_JSON: u64 = 32 * 1024 * 1024;

pub(super) fn read<F: Read>(file: F, reading: &mut Reading<'_>) -> Result<(), SheetError> {
    let mut text = Vec::new();
    file.take(MAX_JSON + 1)
        .read_to_end(&mut text)
        .map_err(|_| SheetError::Damaged)?;
    if text.len() as u64 > MAX_JSON {
        return Err(SheetError::TooLarge);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let value: Value = serde_json::from_slice(text).map_err(|_| SheetError::Damaged)?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(members) => {
            let mut lists = members.into_iter().filter_map(|(_, value)| match value {
                Value::Array(list) => Some(list),
                _ => None,
            });
            match (lists.next(), lists.next()) {
                (Some(list), None) => list,
                _ => return Err(SheetError::Unknown),
            }
        }
        _ => return Err(SheetError::Unknown),
    };
    let mut names: Vec<String> = Vec::new();
    for item in &list {
        for name in item.as_object().ok_or(SheetError::Unknown)?.keys() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    reading.row(names.clone())?;
    for item in &list {
        reading.row(names.iter().map(|name| cell(item.get(name))).collect())?;
    }
    Ok(())
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null | Value::Object(_)) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(value)) => if *value { "x" } else { "" }.to_owned(),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
            _ => number.to_string(),
        },
        Some(Value::Array(items)) => {
            let texts: Vec<String> = items.iter().map(|item| cell(Some(item))).collect();
            texts.join(", ")
        }
    }
}
