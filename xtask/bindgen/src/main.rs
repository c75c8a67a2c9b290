//! Writes the JavaScript face of a WebAssembly module: `bindgen MODULE FOLDER`.
//!
//! A crate of its own so that `xtask` starts in seconds; only the web build compiles it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder] = arguments.as_slice() else {
        eprintln!("usage: bindgen MODULE FOLDER");
        return ExitCode::FAILURE;
    };
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    match bindgen
        .input_path(module)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(true).generate(folder))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
