//! A verification code as typed by anybody: what is read is read again from its own grouping.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::code::VerificationCode;

fuzz_target!(|typed: &str| {
    if let Ok(code) = VerificationCode::parse(typed) {
        assert_eq!(VerificationCode::parse(&code.grouped()), Ok(code));
    }
});
