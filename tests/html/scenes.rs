//! Reports to look at, each made by the real binary as HTML and, to compare with, as JSON.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use trailproof::example::Example;
use trailproof::model::{Gap, GapPlace, GapReason, Observed};
use trailproof::snapshot::Writer;

/// A folder with `report.html` and `report.json`.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    folder: TempDir,
}

/// What somebody who may name a resource would call it. A page that took one of these for markup or script would set
/// `window.ran`.
const NAMES: [&str; 8] = [
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror=\"window.ran = 1\">",
    "\" onmouseover=\"window.ran = 1\" autofocus onfocus=\"window.ran = 1",
    "<!--<script>window.ran = 1",
    "{{constructor.constructor('window.ran = 1')()}}${window.ran = 1}",
    "prod\u{202e}gnp.exe\u{2066}\u{200b}\r\n\u{1b}[2J",
    "<style>*{display:none}</style></style></bdi></table>",
    "javascript:window.ran=1",
];

impl Scene {
    /// The bundled demonstration.
    pub(crate) fn demonstration() -> Self {
        Self::of("demonstration", Example::demo())
    }

    /// The demonstration under other names.
    pub(crate) fn hostile() -> Self {
        let mut example = Example::demo();
        let mut names = NAMES.iter().copied().cycle().map(str::to_owned);
        let long = "x".repeat(10_000);
        if let Observed::Known(organization) = &mut example.header.organization {
            if let Observed::Known(units) = &mut organization.organizational_units {
                for (unit, name) in units.iter_mut().zip(&mut names) {
                    unit.name = name;
                }
            }
            if let Observed::Known(accounts) = &mut organization.accounts {
                for (account, name) in accounts.iter_mut().zip(&mut names) {
                    account.name = name;
                }
                accounts.last_mut().expect("there are accounts").name.clone_from(&long);
            }
        }
        for account in &mut example.accounts {
            if let Observed::Known(trails) = &mut account.trails {
                for (trail, name) in trails.iter_mut().zip(&mut names) {
                    trail.name = name;
                }
            }
            for region in &mut account.regions {
                if let Observed::Known(groups) = &mut region.log_groups {
                    for (group, name) in groups.iter_mut().zip(&mut names) {
                        group.name = name;
                    }
                }
            }
            let account_id = account.id.clone();
            let place = GapPlace {
                account_id: Some(&account_id),
                service: "s3",
                operation: "GetBucketAcl",
                resource: Some(NAMES[0]),
                ..GapPlace::default()
            };
            account.gaps.push(Gap::new(place, GapReason::Other, format!("{} {long}", NAMES[1])));
        }
        Self::of("hostile", example)
    }

    /// More than twenty thousand findings.
    pub(crate) fn many() -> Self {
        let regions = ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];
        let mut example = Example::healthy(180, &regions);
        for (number, account) in example.accounts.iter_mut().enumerate() {
            for region in account.regions.iter_mut().skip(number % 7) {
                if let Observed::Known(groups) = &mut region.log_groups {
                    for group in groups {
                        group.retention_days = Observed::Known(1);
                    }
                }
            }
        }
        Self::of("many", example)
    }

    fn of(name: &'static str, example: Example) -> Self {
        let folder = TempDir::new().expect("there is room for temporary files");
        let snapshot = folder.path().join("organization.snapshot");
        let mut writer = Writer::create(&snapshot).expect("a snapshot can be written");
        for record in example.records() {
            writer.write(&record).expect("a snapshot can be written");
        }
        writer.finish().expect("a snapshot can be written");
        let scene = Self { name, folder };
        let output = Command::new(assert_cmd::cargo::cargo_bin!("trailproof"))
            .args(["check", "organization.snapshot", "--format", "html=report.html,json=report.json"])
            .current_dir(scene.folder.path())
            .env_clear()
            .env("HOME", scene.folder.path())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(scene.html().is_file(), "no report was written: {said}");
        scene
    }

    pub(crate) fn html(&self) -> PathBuf {
        self.folder.path().join("report.html")
    }

    pub(crate) fn json(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }
}
