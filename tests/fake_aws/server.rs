//! The HTTP server: one thread, one runtime, a task per connection; every request goes through `answer`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use super::call::{self, Call, Request};
use super::faults::{Faults, Misbehaviour, misbehave, throttled};
use super::objects::Uploads;
use super::protocol::{Answer, Content, Failure, Protocol, Reply};
use super::recording::{CallKey, Recorded, Recording};
use super::session_policy::iam_action;
use super::sts::{self, Sessions};
use super::tamper::{CutStream, Exchange, Tamper};
use super::throttle::Throttle;
use super::world::World;
use super::{
    account, cloudtrail, config, iam, kms, logs, observabilityadmin, organizations, s3, securityhub, streams,
};

/// Far above what a scanner sends.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// All that the server and the tests share.
pub struct Shared {
    world: RwLock<World>,
    faults: Mutex<Faults>,
    recording: Mutex<Recording>,
    sessions: Mutex<Sessions>,
    hubs: Mutex<securityhub::Hubs>,
    uploads: Mutex<Uploads>,
    throttle: Mutex<Throttle>,
    tamper: Mutex<Option<Tamper>>,
    latency_micros: AtomicU64,
}

impl Shared {
    pub fn new(world: World) -> Self {
        Self {
            world: RwLock::new(world),
            faults: Mutex::default(),
            recording: Mutex::default(),
            sessions: Mutex::default(),
            hubs: Mutex::default(),
            uploads: Mutex::default(),
            throttle: Mutex::default(),
            tamper: Mutex::default(),
            latency_micros: AtomicU64::new(0),
        }
    }

    pub fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().expect("no holder of the world panics")
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().expect("no holder of the faults panics")
    }

    pub fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().expect("no holder of the recording panics")
    }

    pub fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().expect("no holder of the sessions panics")
    }

    pub fn hubs(&self) -> MutexGuard<'_, securityhub::Hubs> {
        self.hubs.lock().expect("no holder of the hubs panics")
    }

    pub fn uploads(&self) -> MutexGuard<'_, Uploads> {
        self.uploads.lock().expect("no holder of the uploads panics")
    }

    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().expect("no holder of the throttle panics")
    }

    pub fn set_tamper(&self, tamper: Tamper) {
        *self.tamper.lock().expect("no holder of it panics") = Some(tamper);
    }

    fn tamper(&self) -> Option<Tamper> {
        self.tamper.lock().expect("no holder of it panics").clone()
    }

    pub fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).expect("less than half a million years");
        self.latency_micros.store(micros, Ordering::Relaxed);
    }

    fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_micros.load(Ordering::Relaxed))
    }
}

/// Counts a request as in progress until dropped, also when its connection goes away meanwhile.
struct InProgress<'a>(&'a Shared);

impl<'a> InProgress<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.recording().begin();
        Self(shared)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.recording().end();
    }
}

/// Listens on a free loopback port; the sender ends it.
pub fn spawn(shared: Arc<Shared>) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.set_nonblocking(true).expect("a socket can be non-blocking");
    let address = listener.local_addr().expect("a bound socket has an address");
    let (stop, stopped) = oneshot::channel();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let thread = std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("the runtime takes the socket");
            tokio::select! {
                () = accept(listener, shared) => {}
                _ = stopped => {}
            }
        });
        // Connections that hang are dropped with the runtime.
        runtime.shutdown_background();
    });
    (address, stop, thread)
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        // Out of file descriptors, for one: the next attempt may succeed.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        stream.set_nodelay(true).ok();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let (stream, left) = CutStream::new(stream);
            let service = service_fn(|request| serve(&shared, &left, request));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away, and a cut connection, are no errors of the fake.
            connection.await.ok();
        });
    }
}

/// The error of a cut connection; hyper then closes it without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub struct Cut;

async fn serve(
    shared: &Shared,
    left: &AtomicUsize,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        let failure = Failure::new(413, "RequestEntityTooLarge", "the request is too large");
        return Ok(response(Protocol::S3.failure(&failure)));
    };
    let _in_progress = InProgress::begin(shared);
    let outcome = match call::read(&parts, body.to_bytes()) {
        Ok(request) => {
            let (key, outcome) = answer(shared, request);
            while shared.faults().hold(&key) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            outcome
        }
        Err(failure) => Misbehaviour::Answer(Protocol::Json.failure(&failure)),
    };
    let latency = shared.latency();
    // The timer counts milliseconds: even a sleep of nothing takes one.
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match outcome {
        Misbehaviour::Answer(mut reply) => {
            if parts.method == hyper::Method::HEAD {
                reply.body.clear();
                reply.content = None;
            }
            Ok(response(reply))
        }
        Misbehaviour::CutConnection => Err(Cut),
        Misbehaviour::CutAnswer { reply, bytes } => {
            left.store(bytes, Ordering::Relaxed);
            Ok(response(reply))
        }
        Misbehaviour::CutBody { reply, bytes, chunked } => Ok(cut_body(reply, bytes, chunked)),
        Misbehaviour::Hang => match std::future::pending::<Infallible>().await {},
    }
}

/// What an answer's body is made of.
type Body = BoxBody<Bytes, Cut>;

/// Bytes of a part of an object that comes slowly.
const SLOW_PART: usize = 16;

fn body(content: Content) -> Body {
    let Content { bytes, cut, pause } = content;
    if let Some(pause) = pause {
        let parts = futures_util::stream::unfold(bytes, move |mut rest| async move {
            if rest.is_empty() {
                return None;
            }
            tokio::time::sleep(pause).await;
            let part = rest.split_to(SLOW_PART.min(rest.len()));
            Some((Ok(Frame::data(part)), rest))
        });
        return BodyExt::boxed(StreamBody::new(parts));
    }
    if cut {
        let half = bytes.slice(..bytes.len() / 2);
        let parts = [Ok(Frame::data(half)), Err(Cut)];
        return BodyExt::boxed(StreamBody::new(futures_util::stream::iter(parts)));
    }
    whole(bytes)
}

fn cut_body(mut reply: Reply, bytes: usize, chunked: bool) -> hyper::Response<Body> {
    let body = Bytes::from(std::mem::take(&mut reply.body));
    let length = body.len();
    let parts = [Ok(body.slice(..bytes.min(length))), Err(Cut)];
    let parts = futures_util::stream::iter(parts.map(|part| part.map(Frame::data)));
    let mut cut = response(reply).map(|_| BodyExt::boxed(StreamBody::new(parts)));
    if !chunked {
        cut.headers_mut().insert("content-length", length.into());
    }
    cut
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

fn response(reply: Reply) -> hyper::Response<Body> {
    let mut builder = hyper::Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        builder = builder.header(name.as_ref(), value);
    }
    let body = reply.content.map_or_else(|| whole(Bytes::from(reply.body)), body);
    builder.body(body).expect("statuses and headers of the fake are valid")
}

fn answer(shared: &Shared, request: Request) -> (CallKey, Misbehaviour) {
    let world = shared.world.read().expect("no holder of the world panics");
    let protocol = Protocol::of(request.service);
    let caller = shared.sessions().caller(&world, &request);
    let own_account = caller.as_ref().map(|caller| caller.account.clone()).unwrap_or_default();
    let account = match (request.operation.as_str(), request.parameters.get("RoleArn")) {
        ("AssumeRole", Some(arn)) => {
            arn.as_str().and_then(sts::role_account).map_or(own_account, str::to_owned)
        }
        _ => own_account,
    };
    let key = CallKey {
        account,
        region: request.region,
        service: request.service.to_owned(),
        operation: request.operation,
    };
    let access_key_id = request.access_key_id.unwrap_or_default();
    shared.recording().requests.push(Recorded {
        key: key.clone(),
        access_key_id: access_key_id.clone(),
        parameters: request.parameters.clone(),
    });
    let caller = match caller {
        Ok(caller) => caller,
        Err(failure) => return (key, Misbehaviour::Answer(protocol.failure(&failure))),
    };
    if shared.throttle().refuses(&caller.account, &key) {
        let refusal = protocol.failure(&throttled(&key.service));
        return (key, Misbehaviour::Answer(refusal));
    }
    let action = iam_action(&key.service, &key.operation);
    let fault = shared.faults().take(&key);
    if let Some(fault) = fault {
        let outcome = misbehave(fault, &key, &action, &caller.arn);
        return (key, outcome);
    }
    let call = Call { key, caller, access_key_id, parameters: request.parameters, body: request.body };
    let reply = reply(shared, &world, protocol, &call);
    let changed = shared.tamper().and_then(|tamper| {
        let ask = |call: &Call| self::reply(shared, &world, protocol, call);
        tamper(&Exchange { call: &call, reply: &reply, ask: &ask })
    });
    (call.key, changed.unwrap_or(Misbehaviour::Answer(reply)))
}

fn reply(shared: &Shared, world: &World, protocol: Protocol, call: &Call) -> Reply {
    let action = iam_action(&call.key.service, &call.key.operation);
    match permit(shared, world, call, &action).and_then(|()| dispatch(shared, world, call)) {
        Ok(answer) => protocol.success(&call.key.operation, answer),
        Err(failure) => {
            if failure.status == 501 {
                shared.recording().unexpected.push(format!("{}:{}", call.key.service, call.key.operation));
            }
            protocol.failure(&failure)
        }
    }
}

/// Session policy and enabled regions.
fn permit(shared: &Shared, world: &World, call: &Call, action: &str) -> Result<(), Failure> {
    let protocol = Protocol::of(&call.key.service);
    let regional = matches!(
        call.key.service.as_str(),
        "cloudtrail" | "config" | "firehose" | "kinesis" | "kms" | "logs" | "observabilityadmin"
    );
    if regional && !world.region_enabled(&call.caller.account, &call.key.region) {
        return Err(Failure::unrecognized_client(protocol));
    }
    // GetCallerIdentity needs no permission and cannot be denied.
    if action != "sts:GetCallerIdentity" && !shared.sessions().allow(&call.access_key_id, action) {
        let mut failure = Failure::access_denied(protocol, action, &call.caller.arn);
        failure.message.push_str(" because no session policy allows the action");
        shared.recording().refused_actions.insert((call.key.account.clone(), action.to_owned()));
        return Err(failure);
    }
    Ok(())
}

fn dispatch(shared: &Shared, world: &World, call: &Call) -> Result<Answer, Failure> {
    match call.key.service.as_str() {
        "account" => account::answer(world, call),
        "cloudtrail" => cloudtrail::answer(world, call),
        "config" => config::answer(world, call),
        "firehose" => streams::answer_firehose(world, call),
        "iam" => iam::answer(world, call),
        "kinesis" => streams::answer_kinesis(world, call),
        "kms" => kms::answer(world, call),
        "logs" => logs::answer(world, call),
        "observabilityadmin" => observabilityadmin::answer(world, call),
        "organizations" => organizations::answer(world, call),
        "s3" if call.key.operation == "PutObject" => s3::put(&mut shared.uploads(), world, call),
        "s3" => {
            match s3::uploaded(&shared.uploads(), world, call).filter(|_| call.key.operation == "GetObject") {
                Some(answer) => Ok(answer),
                None => s3::answer(world, call),
            }
        }
        "s3control" => s3::answer_control(world, call),
        "securityhub" => securityhub::answer(&mut shared.hubs(), world, call),
        "sts" => sts::answer(&mut shared.sessions(), world, call),
        other => Err(Failure::not_implemented(other, &call.key.operation)),
    }
}
