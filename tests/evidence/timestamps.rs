//! Time stamps by an authority that OpenSSL makes: certificates, answers and all.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::packing::{appendix, signature_files, unpack};
use super::sandbox::{Run, Sandbox};

const CONFIGURATION: &str = "
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamps]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
";

/// A folder with an authority's keys and certificates.
struct Authority(PathBuf);

impl Authority {
    /// `None` where there is no OpenSSL, which is said.
    fn new(sandbox: &Sandbox, name: &str, key: &[&str], extensions: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            super::sandbox::skipped(
                "SKIPPED: there is no openssl here, so no time stamp is tried. Install it: apt-get install openssl",
            );
            return None;
        }
        let folder = sandbox.path(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("openssl.cnf"), CONFIGURATION).unwrap();
        let authority = Self(folder);
        for subject in ["ca", "tsa"] {
            let out = format!("{subject}.key");
            authority.openssl(&[&["genpkey", "-out", &out], key].concat());
        }
        let request = |subject: &str| {
            let (key, out) = (format!("{subject}.key"), format!("{subject}.csr"));
            let name = format!("/CN={name} {subject}");
            authority.openssl(&[
                "req",
                "-new",
                "-config",
                "openssl.cnf",
                "-key",
                &key,
                "-subj",
                &name,
                "-out",
                &out,
            ]);
        };
        request("ca");
        request("tsa");
        let sign = ["x509", "-req", "-days", "30", "-extfile", "openssl.cnf", "-CAcreateserial"];
        authority.openssl(
            &[&sign[..6], &["-in", "ca.csr", "-signkey", "ca.key", "-extensions", "ca", "-out", "ca.pem"]]
                .concat(),
        );
        let issued = [
            "-in",
            "tsa.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-extensions",
            extensions,
            "-out",
            "tsa.pem",
        ];
        authority.openssl(&[&sign[..], &issued].concat());
        Some(authority)
    }

    fn openssl(&self, arguments: &[&str]) -> bool {
        let output = Command::new("openssl").args(arguments).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        true
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        fs::write(self.0.join("question"), question).unwrap();
        self.openssl(&[
            "ts",
            "-reply",
            "-config",
            "openssl.cnf",
            "-queryfile",
            "question",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-out",
            "answer",
        ]);
        fs::read(self.0.join("answer")).unwrap()
    }

    fn certificate(&self) -> String {
        self.0.join("ca.pem").display().to_string()
    }
}

/// Answers questions over HTTP until the test ends. Returns the address.
fn serve(answer: impl Fn(&[u8]) -> (u16, Vec<u8>) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            exchange(stream.unwrap(), &answer);
        }
    });
    format!("http://{address}/tsa")
}

fn exchange(mut stream: TcpStream, answer: &impl Fn(&[u8]) -> (u16, Vec<u8>)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    let mut kind = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if let Some(value) = line.strip_prefix("content-type:") {
            value.trim().clone_into(&mut kind);
        }
        if line.is_empty() {
            break;
        }
    }
    assert_eq!(kind, "application/timestamp-query");
    let mut question = vec![0; length];
    reader.read_exact(&mut question).unwrap();
    let (status, body) = answer(&question);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
}

fn export(sandbox: &Sandbox, name: &str, url: &str) -> Run {
    sandbox.run(&[
        "evidence",
        "export",
        "example.snapshot",
        "-o",
        name,
        "--key",
        "ed25519.pem",
        "--timestamp-url",
        url,
        "--rules",
        "trail-*",
    ])
}

#[track_caller]
fn stamped(sandbox: &Sandbox, name: &str, url: &str) -> PathBuf {
    let run = export(sandbox, name, url);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("time-stamped at"), "{}", run.stderr);
    sandbox.path(name)
}

/// The bundle with other signature files.
fn with(sandbox: &Sandbox, bundle: &Path, files: &[(&str, Vec<u8>)]) -> PathBuf {
    let contents = fs::read(bundle).unwrap().len() - unpack(bundle).appendix.len();
    let time = unpack(bundle).time;
    let path = sandbox.path("changed.tar.zst");
    fs::write(&path, [&fs::read(bundle).unwrap()[..contents], &appendix(files, time)].concat()).unwrap();
    path
}

#[test]
fn a_time_stamp_is_verified_up_to_the_authority() {
    let sandbox = Sandbox::new();
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let Some(other) = Authority::new(&sandbox, "other", &curve, "stamps") else { return };
    for (name, key) in [("curve", &curve[..]), ("rsa", &rsa)] {
        let authority = Arc::new(Authority::new(&sandbox, name, key, "stamps").unwrap());
        let serving = Arc::clone(&authority);
        let url = serve(move |question| (200, serving.answer(question)));
        let bundle = stamped(&sandbox, &format!("{name}.tar.zst"), &url);

        let verified = sandbox.verify(&bundle, &["--tsa-ca", &authority.certificate()]);
        verified.passed();
        assert_eq!(verified.outcome("timestamp"), "verified");
        // Without an authority to trust it is never a pass.
        let verified = sandbox.verify(&bundle, &[]);
        verified.passed();
        assert_eq!(verified.outcome("timestamp"), "not_checked");
        assert!(
            verified.check("timestamp")["summary"]
                .as_str()
                .unwrap()
                .contains("not verified against an authority")
        );
        let verified = sandbox.verify(&bundle, &["--tsa-ca", &other.certificate()]);
        verified.failed("timestamp", "does not lead to the authorities");

        // OpenSSL says the same of the files in the bundle.
        for (name, content) in signature_files(&bundle) {
            fs::write(authority.0.join(name), content).unwrap();
        }
        authority.openssl(&[
            "ts",
            "-verify",
            "-data",
            "statement.dsse.json",
            "-in",
            "timestamp.tsr",
            "-CAfile",
            "ca.pem",
        ]);
    }
}

#[test]
fn a_time_stamp_that_is_taken_away_changed_or_of_another_bundle_is_found() {
    let sandbox = Sandbox::new();
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let Some(authority) = Authority::new(&sandbox, "curve", &curve, "stamps") else { return };
    let url = serve(move |question| (200, authority.answer(question)));
    let bundle = stamped(&sandbox, "bundle.tar.zst", &url);
    let files = signature_files(&bundle);
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
    assert_eq!(
        files.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["statement.dsse.json", "timestamp.dsse.json", "timestamp.tsr"]
    );

    sandbox.verify(&with(&sandbox, &bundle, &files), &[]).passed();
    sandbox.verify(&with(&sandbox, &bundle, &files[..1]), &[]).failed("timestamp", "is missing");
    sandbox.verify(&with(&sandbox, &bundle, &files[..2]), &[]).failed("timestamp", "is missing");
    let length = files[2].1.len();
    for at in (0..length).step_by(length / 20) {
        let mut changed = files.clone();
        changed[2].1[at] ^= 1;
        sandbox
            .verify(&with(&sandbox, &bundle, &changed), &[])
            .failed("timestamp", "timestamp.tsr is not the one");
    }
    // Another answer of the same authority about the same statement is not the one that was signed.
    let other = signature_files(&stamped(&sandbox, "other.tar.zst", &url));
    let mut changed = files.clone();
    changed[2].1.clone_from(&other[2].1);
    sandbox
        .verify(&with(&sandbox, &bundle, &changed), &[])
        .failed("timestamp", "timestamp.tsr is not the one");
    let plain = sandbox.export("plain.tar.zst", &["--rules", "trail-*"]);
    let mut added = files.clone();
    added[0].1.clone_from(&signature_files(&plain)[0].1);
    sandbox.verify(&with(&sandbox, &plain, &added), &[]).failed("timestamp", "none was asked for");
    added.truncate(1);
    added.push(("zzz", vec![1]));
    sandbox.verify(&with(&sandbox, &plain, &added), &[]).failed("files", "zzz was added");
}

#[test]
fn an_authority_that_does_not_answer_the_question_ends_the_export() {
    let sandbox = Sandbox::new();
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let Some(authority) = Authority::new(&sandbox, "curve", &curve, "stamps") else { return };
    let authority = Arc::new(authority);
    let serving = Arc::clone(&authority);
    let first = std::sync::Mutex::new(None);
    // Answers everybody what it answered the first one.
    let replayed = serve(move |question| {
        let mut first = first.lock().unwrap();
        (200, first.get_or_insert_with(|| serving.answer(question)).clone())
    });
    stamped(&sandbox, "first.tar.zst", &replayed);
    let refused = |url: &str, words: &str| {
        let run = export(&sandbox, "refused.tar.zst", url);
        assert_eq!(run.code, Some(5), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(!sandbox.path("refused.tar.zst").exists());
    };
    refused(&replayed, "its nonce is not the one that was sent");
    refused(&serve(|_| (200, b"hello".to_vec())), "is no time stamp");
    refused(&serve(|_| (503, Vec::new())), "HTTP status 503");
    // PKIStatus rejection: SEQUENCE { SEQUENCE { INTEGER 2 } }.
    refused(&serve(|_| (200, vec![0x30, 5, 0x30, 3, 2, 1, 2])), "the authority refused: status 2");
    refused("http://127.0.0.1:1/", "no connection");
    refused("ftp://example.invalid/", "must begin with https:// or http://");
    let other = serve(move |question| {
        // Another question altogether: the hash is the last thing but the nonce.
        let mut question = question.to_vec();
        let at = question.len() / 2;
        question[at] ^= 1;
        (200, authority.answer(&question))
    });
    refused(&other, "of other bytes than the signature's");
}
