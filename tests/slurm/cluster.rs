//! A cluster of one node on the loopback, which ends when it is dropped.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Clients try for seconds where the cluster does not answer.
const TIME_LIMIT: Duration = Duration::from_mins(2);

pub(crate) struct Cluster {
    packages: PathBuf,
    libraries: PathBuf,
    folder: TempDir,
    /// The last that was started is ended first.
    daemons: Vec<Child>,
}

impl Cluster {
    pub(crate) fn start(packages: &Path) -> Self {
        let mut libraries =
            fs::read_dir(packages.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
        let libraries = libraries.find(|path| path.join("slurm-wlm").is_dir()).unwrap();
        let folder = TempDir::new().unwrap();
        let mut cluster = Self { packages: packages.to_owned(), libraries, folder, daemons: Vec::new() };
        cluster.configure();
        cluster.spawn("usr/sbin/munged", &cluster.munge_options());
        cluster.until("munge's socket", |cluster| cluster.path("sock/munge").exists());
        cluster.spawn("usr/sbin/slurmctld-wlm", &["-D".to_owned(), "-i".to_owned()]);
        // Its built-in name is that of an installation.
        let step = packages.join("usr/sbin/slurmstepd-wlm").display().to_string();
        cluster.spawn("usr/sbin/slurmd-wlm", &["-D".to_owned(), "-d".to_owned(), step]);
        cluster.until("an idle node", |cluster| {
            let seen = cluster.client("sinfo").args(["-h", "-o", "%T"]).output().unwrap();
            seen.stdout.trim_ascii() == b"idle"
        });
        cluster
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self) {
        for name in ["state", "spool", "log", "key", "sock"] {
            fs::create_dir(self.path(name)).unwrap();
        }
        // munged lets everybody on the way to its socket, and nobody to its key.
        for (name, mode) in [("", 0o755), ("sock", 0o755), ("key", 0o700)] {
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut key = [0; 1024];
        fs::File::open("/dev/urandom").unwrap().read_exact(&mut key).unwrap();
        fs::write(self.path("key/munge.key"), key).unwrap();
        fs::set_permissions(self.path("key/munge.key"), fs::Permissions::from_mode(0o400)).unwrap();
        let printed = |program: &str, argument: &str| {
            let run = Command::new(program).arg(argument).output().unwrap();
            String::from_utf8(run.stdout).unwrap().trim().to_owned()
        };
        let (host, user) = (printed("hostname", "-s"), printed("id", "-un"));
        // Both are held at once, so that they differ.
        let ports = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let ports = ports.map(|listener| listener.local_addr().unwrap().port());
        let (here, plugins) = (self.folder.path().display(), self.libraries.join("slurm-wlm"));
        let mut text = format!(
            "ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser={user}\nSlurmdUser={user}\n\
             SlurmctldPort={}\nSlurmdPort={}\nPluginDir={}\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1024 State=UNKNOWN\n\
             PartitionName=test Nodes={host} Default=YES MaxTime=300 State=UP\n\
             AuthType=auth/munge\nCredType=cred/munge\nAuthInfo=socket={here}/sock/munge,cred_expire=5\n\
             StateSaveLocation={here}/state\nSlurmdSpoolDir={here}/spool\n\
             SlurmctldPidFile={here}/slurmctld.pid\nSlurmdPidFile={here}/slurmd.pid\n\
             SlurmctldLogFile={here}/log/slurmctld\nSlurmdLogFile={here}/log/slurmd\n\
             JobCompType=jobcomp/filetxt\nJobCompLoc={here}/log/jobs\n",
            ports[0],
            ports[1],
            plugins.display()
        );
        for line in [
            // What needs control groups, accounting or MPI.
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "JobAcctGatherType=jobacct_gather/none",
            "MpiDefault=none",
            "MailProg=/bin/true",
            // One processor for each task.
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_CPU",
            "SchedulerType=sched/builtin",
            "SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0",
            "KillWait=1",
        ] {
            writeln!(text, "{line}").unwrap();
        }
        fs::write(self.path("slurm.conf"), text).unwrap();
        fs::write(self.path("cgroup.conf"), "CgroupPlugin=cgroup/v1\n").unwrap();
    }

    fn munge_options(&self) -> Vec<String> {
        let options = [
            ("key-file", "key/munge.key"),
            ("socket", "sock/munge"),
            ("pid-file", "sock/pid"),
            ("log-file", "log/munged"),
            ("seed-file", "key/seed"),
        ];
        let options = options.map(|(name, path)| format!("--{name}={}", self.path(path).display()));
        ["--foreground".to_owned()].into_iter().chain(options).collect()
    }

    /// A program of the packages, which finds the cluster.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.packages.join(name));
        let plugins = self.libraries.join("slurm-wlm");
        command
            .env("LD_LIBRARY_PATH", std::env::join_paths([&self.libraries, &plugins]).unwrap())
            .env("SLURM_CONF", self.path("slurm.conf"))
            .stdin(Stdio::null());
        command
    }

    /// A client, `sbatch` or another.
    pub(crate) fn client(&self, name: &str) -> Command {
        self.program(&format!("usr/bin/{name}"))
    }

    /// A script that calls clients.
    pub(crate) fn script(&self, script: &Path) -> Command {
        let folders = std::env::var_os("PATH").unwrap();
        let folders = [self.packages.join("usr/bin")].into_iter().chain(std::env::split_paths(&folders));
        let client = self.client("sbatch");
        let mut command = Command::new("bash");
        command.arg(script).env("PATH", std::env::join_paths(folders).unwrap());
        command.envs(client.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        command
    }

    fn spawn(&mut self, program: &str, arguments: &[String]) {
        let name = program.rsplit('/').next().unwrap();
        let log = fs::File::create(self.path(&format!("log/{name}.out"))).unwrap();
        let mut command = self.program(program);
        command.args(arguments).stdout(log.try_clone().unwrap()).stderr(log);
        self.daemons.insert(0, command.spawn().unwrap());
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < TIME_LIMIT, "no {what} in time:\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until no job is left.
    pub(crate) fn until_all_jobs_ended(&self) {
        self.until("end of the jobs", |cluster| {
            let jobs = cluster.client("squeue").arg("-h").output().unwrap();
            jobs.status.success() && jobs.stdout.is_empty()
        });
    }

    /// A line for each job that ended.
    pub(crate) fn ended(&self) -> String {
        fs::read_to_string(self.path("log/jobs")).unwrap_or_default()
    }

    fn logs(&self) -> String {
        let names = ["munged.out", "slurmctld-wlm.out", "slurmd-wlm.out", "jobs"];
        let logs = names.map(|name| {
            let text = fs::read_to_string(self.path("log").join(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("{name}:\n{}\n", lines[lines.len().saturating_sub(20)..].join("\n"))
        });
        logs.concat()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // What is left runs on without its cluster; that it ends is a courtesy.
            let cancelled: std::io::Result<Output> = self.client("scancel").args(["--me", "--full"]).output();
            drop(cancelled);
        }
        for daemon in &mut self.daemons {
            let asked = Command::new("kill").arg(daemon.id().to_string()).status();
            drop(asked);
            let began = Instant::now();
            while daemon.try_wait().is_ok_and(|ended| ended.is_none()) {
                if began.elapsed() > Duration::from_secs(10) {
                    drop(daemon.kill());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
