//! What continuous integration runs: every check, then every test.

use crate::check;
use crate::shell::{Outcome, step};
use crate::{setup, test};

pub(crate) fn run() -> Outcome<()> {
    setup::need(&[
        setup::WEB_COMPILER,
        setup::POSTGRES,
        setup::BROWSER,
        setup::PAPER,
        setup::PYTHON,
    ])?;
    let mut failed = Vec::new();
    for check in check::ALL {
        if step(check.name, || check.run()).is_err() {
            failed.push(check.name);
        }
    }
    let tests = test::run_all(false);
    if !failed.is_empty() {
        return Err(format!("checks failed: {}", failed.join(", ")).into());
    }
    tests
}
