//! Independent programs in Python that check ours: `examples/peers`.

use std::path::PathBuf;

use crate::setup;
use crate::shell::{Outcome, cmd, execute, root, target};
use crate::stamp::Stamp;

const REQUIREMENTS: &str = "examples/peers/requirements.txt";

/// Returns a Python that has the peers' packages in their pinned versions, installing them if need be.
pub(crate) fn python() -> Outcome<PathBuf> {
    setup::need(&[setup::PYTHON])?;
    let folder = target().join("peers/venv");
    let python = folder.join("bin/python");
    let stamp = Stamp::of("peers", &[REQUIREMENTS], &folder.display().to_string())?;
    if stamp.is_current() && python.exists() {
        return Ok(python);
    }
    setup::fresh_folder(&folder)?;
    execute(cmd("python3").args(["-m", "venv"]).arg(&folder))?;
    let install = || {
        execute(
            cmd(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--only-binary",
                    ":all:",
                    "-r",
                ])
                .arg(root().join(REQUIREMENTS)),
        )
    };
    install().or_else(|_| install())?;
    stamp.keep()?;
    Ok(python)
}
