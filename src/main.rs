//! The `trailproof` command: a thin shell over the library.

fn main() -> std::process::ExitCode {
    trailproof::settings::environment::without_empty_variables();
    trailproof::commands::main().into()
}
