//! Pastes as they come: a spreadsheet with a heading, one without, lines of a chat, and bad ones.

use super::*;

fn today() -> CivilDate {
    CivilDate::parse("2021-07-12").expect("a date")
}

fn rows(text: &str) -> Vec<Vec<String>> {
    split(text).expect("small")
}

fn defaults() -> Defaults {
    Defaults {
        exposed_on: CivilDate::parse("2021-07-10"),
        place: "chợ Mỹ Tho".into(),
        address: String::new(),
    }
}

#[test]
fn a_spreadsheet_with_a_heading_is_read_by_it() {
    let text = "STT\tHọ và tên\tNăm sinh\tPhái\tSĐT\tĐịa chỉ\tNgày tiếp xúc\tQuan hệ\n\
                1\tNguyễn Văn Mười\t1961\tNam\t912345678\tấp 3, xã Tân Mỹ\t9/7\tchồng\n\
                2\tLê Thị Ánh\t44389\tNữ\t0169 123 4567 / 0273 3872345\t\t2021-07-08\tkhách";
    let rows = rows(text);
    let (has_heading, columns) = guess(&rows, today());
    assert!(has_heading);
    use Column::*;
    assert_eq!(
        columns,
        [Ignored, Name, Birth, Sex, Phone, Address, ExposedOn, Relation]
    );
    let first = read(&rows[1], &columns, &defaults(), today()).expect("a row");
    assert_eq!(first.identity.phones, ["0912345678"]);
    assert_eq!(first.identity.birth, Some(crate::people::Birth::Year(1961)));
    assert_eq!(
        (first.exposed_on.iso(), first.place.as_str(), first.relation.as_str()),
        ("2021-07-09".into(), "chợ Mỹ Tho", "chồng")
    );
    let second = read(&rows[2], &columns, &defaults(), today()).expect("a row");
    assert_eq!(
        second
            .identity
            .birth
            .and_then(crate::people::Birth::date)
            .map(CivilDate::iso)
            .as_deref(),
        Some("2021-07-12")
    );
    assert_eq!(second.identity.phones, ["0391234567", "02733872345"]);
}

#[test]
fn columns_without_a_heading_are_guessed_from_their_cells() {
    let text = "0912345678\tTrần Thị Bé Ba\tnữ\t1975\t12 Lê Lợi, phường 1\tđồng nghiệp\n\
                0987654321\tHuỳnh Văn Tám\tnam\t2/9/1980\t45/2 ấp Mỹ An\thàng xóm\n\
                \tPhạm Quốc Hưng\tnam\t1999\tKP 5, phường 6\tbạn";
    let (has_heading, columns) = guess(&rows(text), today());
    assert!(!has_heading);
    use Column::*;
    assert_eq!(columns, [Phone, Name, Sex, Birth, Address, Relation]);
}

#[test]
fn lines_of_a_chat_are_read() {
    let text = "1. Lê Thị Ánh - 1990 - 0912 345 678 - vợ\n2. Nguyễn Văn An - 2015 - 0912 345 678 - con\n\n- Trần Văn Bình - 1988 - 0987.654.321 - bạn";
    let rows = rows(text);
    let (_, columns) = guess(&rows, today());
    use Column::*;
    assert_eq!(columns, [Name, Birth, Phone, Relation]);
    let all: Vec<_> = rows
        .iter()
        .map(|row| read(row, &columns, &defaults(), today()).expect("a row"))
        .collect();
    assert_eq!(all[2].identity.phones, ["0987654321"]);
    assert_eq!(all[1].relation, "con");
}

#[test]
fn quoted_cells_keep_their_tabs_and_quotes() {
    assert_eq!(
        rows("\"a\tb\"\t\"say \"\"x\"\"\"\t\"two\nlines\"\nc\td"),
        [vec!["a\tb", "say \"x\"", "two lines"], vec!["c", "d"]]
    );
}

#[test]
fn each_wrong_cell_is_named() {
    use Column::*;
    let columns = [Name, Birth, Sex, Phone, ExposedOn];
    let faults = |cells: [&str; 5]| {
        read(&cells.map(str::to_owned), &columns, &Defaults::default(), today()).expect_err("faults")
    };
    assert_eq!(
        faults(["0912", "1850", "x", "12345", "13/7/2021"]),
        [
            (Some(0), Fault::BadName),
            (Some(1), Fault::BadBirth),
            (Some(2), Fault::BadSex),
            (Some(3), Fault::BadPhone),
            (Some(4), Fault::BadDay)
        ]
    );
    assert_eq!(
        faults(["", "", "", "", ""]),
        [
            (Some(0), Fault::NoName),
            (Some(3), Fault::NoWay),
            (Some(4), Fault::NoDay)
        ]
    );
    let with_default = read(
        &["A B", "", "", "0912345678", "32/7"].map(str::to_owned),
        &columns,
        &defaults(),
        today(),
    );
    assert_eq!(
        with_default.expect_err("a fault"),
        [(Some(4), Fault::BadDay)],
        "a wrong day does not become the default"
    );
}

#[test]
fn a_paste_has_limits() {
    assert_eq!(split(&"a\n".repeat(501)), Err(TooLarge));
    assert_eq!(split(&"a".repeat(MAX_BYTES + 1)), Err(TooLarge));
    assert_eq!(split("").expect("small"), Vec::<Vec<String>>::new());
    assert_eq!(guess(&[], today()), (false, vec![]));
}
