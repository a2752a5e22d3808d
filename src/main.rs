//! The `trailproof` command: a thin shell over the library.

fn main() -> std::process::ExitCode {
    trailproof::commands::main().into()
}
