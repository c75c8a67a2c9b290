use std::io::{Cursor, Read, Write};

use super::*;

fn rows_of(bytes: &[u8]) -> Result<Vec<Vec<String>>, SheetError> {
    let mut file = Cursor::new(bytes);
    let format = format_of(&mut file)?;
    let mut rows = Vec::new();
    read(file, format, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

fn written(format: OutFormat, rows: &[&[&str]]) -> Vec<u8> {
    let texts = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut writer = SheetWriter::begin(format, &texts(rows[0])).expect("a temporary file");
    for row in &rows[1..] {
        writer.row(&texts(row), &[]).expect("written");
    }
    let mut bytes = Vec::new();
    let mut file = writer.finish(Some("export_1")).expect("written");
    file.read_to_end(&mut bytes).expect("read");
    bytes
}

const LIST: &[&[&str]] = &[
    &["Họ tên", "SĐT", "Ghi chú"],
    &["Nguyễn Thị Lan", "0912345678", "=cmd()"],
    &["Trần Văn Mười", "", "+84; \"x\""],
];

#[test]
fn what_is_written_is_read_again() {
    for format in [OutFormat::Xlsx, OutFormat::Csv] {
        let rows = rows_of(&written(format, LIST)).expect("read");
        let expected: Vec<Vec<String>> = LIST
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        assert_eq!(rows, expected, "{format:?}");
    }
}

#[test]
fn a_cell_of_text_is_never_a_formula() {
    let csv = String::from_utf8(written(OutFormat::Csv, LIST)).expect("UTF-8");
    assert!(csv.contains("'=cmd()") && csv.contains("'+84"), "{csv}");
    let mut book = zip::ZipArchive::new(Cursor::new(written(OutFormat::Xlsx, LIST))).expect("a workbook");
    let mut sheet = String::new();
    book.by_name("xl/worksheets/sheet1.xml")
        .expect("a sheet")
        .read_to_string(&mut sheet)
        .expect("XML");
    assert!(!sheet.contains("<f>") && sheet.contains("=cmd()"), "{sheet}");
}

#[test]
fn a_list_that_lost_a_row_is_refused() {
    let csv = String::from_utf8(written(OutFormat::Csv, LIST)).expect("UTF-8");
    let lines: Vec<&str> = csv.lines().collect();
    let without = [lines[0], lines[2], lines[3]].join("\n");
    assert_eq!(rows_of(without.as_bytes()), Err(SheetError::Control));
    let changed = csv.replace("0912345678", "0912345679");
    assert_eq!(rows_of(changed.as_bytes()), Err(SheetError::Control));
    let added = format!("{csv}Lê Văn A,0912345670,\n");
    assert_eq!(rows_of(added.as_bytes()), Err(SheetError::Control));
}

#[test]
fn separators_are_found() {
    for text in ["a,b\n1;2,3", "a;b\n1;2,3", "a\tb\n1\t2,3"] {
        let rows = rows_of(text.as_bytes()).expect("read");
        assert_eq!(rows[0], ["a", "b"], "{text}");
    }
    let rows = rows_of("CÔNG TY\nhọ tên;địa chỉ\nA;1, Lê Lợi, Mỹ Tho\nB;2 Lê Lợi, Mỹ Tho".as_bytes()).expect("read");
    assert_eq!(rows[3], ["B", "2 Lê Lợi, Mỹ Tho"]);
    assert_eq!(rows_of("\u{feff}họ;tên".as_bytes()).expect("read")[0], ["họ", "tên"]);
}

#[test]
fn json_lists_have_columns_by_name() {
    let text = r#"{"total": 2, "data": [{"id": "1", "age": 66.0, "source": ["CN", "2"]}, {"id": "2", "x": null}]}"#;
    let rows = rows_of(text.as_bytes()).expect("read");
    assert_eq!(rows[0], ["age", "id", "source", "x"]);
    assert_eq!(rows[1], ["66", "1", "CN, 2"]);
    assert_eq!(rows[2], ["", "2"]);
}

#[test]
fn what_is_no_list_is_refused_with_a_reason() {
    let zeros = vec![0u8; 64];
    let old = [&[0xd0, 0xcf, 0x11, 0xe0][..], &zeros].concat();
    for (bytes, error) in [
        (&b""[..], SheetError::Empty),
        (b" \n\n", SheetError::Empty),
        (&old, SheetError::OldWorkbook),
        (&[0xff, 0xfe, b'a', 0], SheetError::Encoding),
        (b"h\xe4 ten,b", SheetError::Encoding),
        (b"PK\x03\x04nothing", SheetError::Damaged),
        (b"{\"a\": 1}", SheetError::Unknown),
        (b"[1, 2]", SheetError::Unknown),
        (b"[{", SheetError::Damaged),
        (b"MZ\0\0abc", SheetError::Unknown),
    ] {
        assert_eq!(rows_of(bytes), Err(error), "{bytes:?}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_read() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/sharedStrings.xml", deflated).expect("a part");
    let block = vec![b' '; 1024 * 1024];
    for _ in 0..130 {
        zip.write_all(&block).expect("written");
    }
    let bytes = zip.finish().expect("a file").into_inner();
    assert!(bytes.len() < 1024 * 1024, "{}", bytes.len());
    assert_eq!(rows_of(&bytes), Err(SheetError::TooLarge));
}

#[test]
fn too_many_columns_are_refused_and_long_cells_are_cut() {
    let wide = vec!["a"; MAX_COLUMNS + 1].join(",");
    assert_eq!(rows_of(wide.as_bytes()), Err(SheetError::TooLarge));
    let long = "ă".repeat(MAX_CELL + 50);
    let rows = rows_of(long.as_bytes()).expect("read");
    assert_eq!(rows[0][0].chars().count(), MAX_CELL + 1);
}
