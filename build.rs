//! Rebuilds the program when a rule file comes or goes: rules are embedded by folder, and the compiler watches only
//! files that it has already seen. And packs what the loader has to relocate where the program is built for size: two
//! megabytes, in a form that musl reads since 1.2.4 and glibc since 2.36.

use std::env;
use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut cargo = std::io::stdout();
    writeln!(cargo, "cargo::rerun-if-changed=rules")?;
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    if is("OPT_LEVEL", "z") && is("CARGO_CFG_TARGET_OS", "linux") {
        writeln!(cargo, "cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs")?;
    }
    Ok(())
}
