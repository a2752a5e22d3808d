//! Slurm from Debian's or Ubuntu's packages, unpacked under the target folder and not installed: their own scripts would make
//! users, start daemons and use one cluster's fixed ports for all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PACKAGES: [&str; 4] = ["slurmctld", "slurmd", "slurm-client", "munge"];

/// The folder that the packages are unpacked in, or why there is none.
pub(crate) fn unpacked() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slurm");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    // Held until the end: another test run waits for the first.
    lock.lock().map_err(|error| error.to_string())?;
    let root = folder.join("root");
    // Written last: half of the packages are none.
    let marker = folder.join("unpacked");
    if !marker.exists() {
        fetch(&folder, &root)?;
        fs::write(&marker, "").map_err(|error| error.to_string())?;
    }
    Ok(root)
}

/// With lists and archives of its own, it needs no rights and leaves the system's as they are.
fn fetch(folder: &Path, root: &Path) -> Result<(), String> {
    let archives = folder.join("archives");
    for name in ["lists/partial", "cache", "archives/partial", "root"] {
        fs::create_dir_all(folder.join(name)).map_err(|error| error.to_string())?;
    }
    let options = [
        format!("Dir::State::lists={}", folder.join("lists").display()),
        format!("Dir::Cache={}", folder.join("cache").display()),
        format!("Dir::Cache::archives={}", archives.display()),
        "Debug::NoLocking=1".to_owned(),
        "APT::Sandbox::User=".to_owned(),
        "Acquire::Retries=3".to_owned(),
    ];
    let options: Vec<&str> = options.iter().flat_map(|option| ["-o", option]).collect();
    let apt = |arguments: &[&str]| run("apt-get", &[&options, arguments].concat());
    apt(&["-qq", "update"])?;
    let install = ["-qq", "--yes", "--no-install-recommends", "--download-only", "install"];
    apt(&[&install[..], &PACKAGES].concat())?;
    for entry in fs::read_dir(&archives).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run("dpkg-deb", &["-x", &path.display().to_string(), &root.display().to_string()])?;
        }
    }
    // Of a package that is installed already, nothing is fetched.
    for file in ["usr/sbin/slurmctld-wlm", "usr/sbin/slurmd-wlm", "usr/bin/sbatch", "usr/sbin/munged"] {
        if !root.join(file).exists() {
            return Err(format!("{file} is in none of the packages that apt-get fetched"));
        }
    }
    Ok(())
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let run = run.map_err(|error| format!("{program} does not start: {error}"))?;
    if run.status.success() {
        return Ok(());
    }
    Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&run.stderr)))
}
