//! The one way to call AWS: every call goes through [`ApiCaller::call`], which keeps to the rate, the number of calls in
//! flight and the time limits, tries again, counts, and turns failure into a gap.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::answers::Elements;
use super::convert::Missing;
use super::failure::{Failure, Retry};
use super::gate::Turn;
use super::guard::noting;
use super::locking::lock;
use super::pace::{Calls, RateLimit, RateLimits, pause_after};
use super::table::Call;
use crate::model::{Gap, GapId, GapPlace, GapReason, Observed};

/// What of an account a call is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallTarget<'a> {
    /// The region, for services that have regions.
    pub(crate) region: Option<&'a str>,
    /// The trail, bucket or key.
    pub(crate) resource: Option<&'a str>,
}

impl<'a> CallTarget<'a> {
    pub(crate) fn region(region: &'a str) -> Self {
        Self { region: Some(region), resource: None }
    }

    pub(crate) fn resource(resource: &'a str) -> Self {
        Self { region: None, resource: Some(resource) }
    }

    #[must_use]
    pub(crate) fn of(self, resource: &'a str) -> Self {
        Self { resource: Some(resource), ..self }
    }
}

/// Calls in the name of one account, or of the organization, and the gaps that came of them.
#[derive(Debug)]
pub(crate) struct ApiCaller {
    calls: Arc<Calls>,
    account_id: Option<String>,
    deadline: Option<Instant>,
    rate_limits: RateLimits,
    gaps: Mutex<BTreeMap<GapId, Gap>>,
}

impl ApiCaller {
    /// `account_id` is `None` for the organization as a whole; after `time_limit` every call is a gap.
    pub(crate) fn new(calls: Arc<Calls>, account_id: Option<String>, time_limit: Option<Duration>) -> Self {
        Self {
            calls,
            account_id,
            deadline: time_limit.map(|limit| Instant::now() + limit),
            rate_limits: RateLimits::default(),
            gaps: Mutex::default(),
        }
    }

    /// The gaps so far, by identity.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        lock(&self.gaps).values().cloned().collect()
    }

    /// The gap of this identity, if this caller met it.
    pub(crate) fn gap_of(&self, id: &GapId) -> Option<Gap> {
        lock(&self.gaps).get(id).cloned()
    }

    fn rate_limit(&self, call: &'static Call, region: Option<&str>) -> Arc<RateLimit> {
        let limits = if call.counts_for_caller() { &self.calls.of_caller } else { &self.rate_limits };
        limits.of(call, region)
    }

    /// Records that a fact could not be read.
    pub(crate) fn gap(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        reason: GapReason,
        detail: &str,
    ) -> GapId {
        let place = GapPlace {
            account_id: self.account_id.as_deref(),
            region: at.region,
            service: call.service,
            operation: call.operation,
            resource: at.resource,
        };
        let gap = Gap::new(place, reason, super::failure::scrub(detail));
        let id = gap.id.clone();
        lock(&self.gaps).insert(id.clone(), gap);
        id
    }

    /// What an answer says; a gap where it lacks what is read of it.
    pub(crate) fn accept<T, U>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        answer: Observed<T>,
        read: impl FnOnce(T) -> Result<U, Missing>,
    ) -> Observed<U> {
        flatten(answer.map(|answer| match read(answer) {
            Ok(fact) => Observed::Known(fact),
            Err(missing) => Observed::Unavailable(self.malformed(call, at, missing)),
        }))
    }

    /// Records an answer that lacks what the service's API reference promises.
    pub(crate) fn malformed(&self, call: &'static Call, at: CallTarget<'_>, missing: &str) -> GapId {
        self.gap(call, at, GapReason::MalformedResponse, &format!("the answer has no {missing}"))
    }

    /// A list in order, each thing once: pages overlap where a list changes meanwhile. One thing in two versions is no
    /// answer.
    pub(crate) fn distinct<T: PartialEq>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        list: Observed<Vec<T>>,
        key: impl Fn(&T) -> &str,
    ) -> Observed<Vec<T>> {
        flatten(list.map(|mut list| {
            list.sort_by(|one, other| key(one).cmp(key(other)));
            list.dedup();
            if list.windows(2).any(|pair| matches!(pair, [one, other] if key(one) == key(other))) {
                let detail = "the answer has one thing in two versions";
                return Observed::Unavailable(self.gap(call, at, GapReason::MalformedResponse, detail));
            }
            Observed::Known(list)
        }))
    }

    /// Makes a call; what cannot be answered is a gap.
    pub(crate) async fn call<T, E, F>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        send: impl Fn() -> F,
    ) -> Observed<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        match self.attempt(call, at, send).await {
            Ok(answer) => Observed::Known(answer),
            Err(failure) => self.settle(call, at, &failure),
        }
    }

    /// A failure as a fact: there is none, or a gap.
    pub(crate) fn settle<T>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        failure: &Failure,
    ) -> Observed<T> {
        if call.is_absence(at.resource, failure) {
            return Observed::Absent;
        }
        Observed::Unavailable(self.gap(call, at, failure.reason, &failure.detail))
    }

    /// Makes a call, and again as often as the settings allow. An answer that holds what nobody reads is none.
    pub(crate) async fn attempt<T, E, F>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        send: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let (answer, elements) = self.attempt_noting(call, at, send).await?;
        match elements.first() {
            None => Ok(answer),
            Some(element) => {
                Err(Failure::new(GapReason::MalformedResponse, Retry::Never, &stranger(element)))
            }
        }
    }

    /// As [`Self::call`], for who looks at the elements that nobody declared.
    pub(crate) async fn call_noting<T, E, F>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        send: impl Fn() -> F,
    ) -> Observed<(T, Elements)>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        match self.attempt_noting(call, at, send).await {
            Ok(noted) => Observed::Known(noted),
            Err(failure) => self.settle(call, at, &failure),
        }
    }

    async fn attempt_noting<T, E, F>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        send: impl Fn() -> F,
    ) -> Result<(T, Elements), Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let rate_limit = self.rate_limit(call, at.region);
        let mut attempt = 1;
        loop {
            // On the heap: a call of the SDK is so large that a few of them side by side fill a thread's stack.
            let sent = noting(call.operation, self.once(&rate_limit, Box::pin(send())));
            let failure = match sent.await {
                (Ok(answer), elements) => return Ok((answer, elements)),
                (Err(failure), _) => failure,
            };
            if call.is_absence(at.resource, &failure) {
                return Err(failure);
            }
            self.before_next(&rate_limit, failure, attempt).await?;
            attempt += 1;
        }
    }

    /// All that does not depend on what is asked is elsewhere: this is compiled anew for every call there is.
    async fn once<T, E, F>(&self, rate_limit: &RateLimit, send: F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let (turn, until) = self.acquire(rate_limit).await?;
        let answer = match tokio::time::timeout_at(until, send).await {
            Ok(answer) => answer.map_err(|error| Failure::from_sdk(&error)),
            Err(_) => Err(self.late()),
        };
        turn.end(answer.as_ref().err().map(|failure| failure.reason));
        answer
    }

    /// Waits until a call of the kind may be made; gives until when it must be answered.
    async fn acquire(&self, rate_limit: &RateLimit) -> Result<(Turn<'_>, Instant), Failure> {
        let entered = async {
            rate_limit.wait().await;
            self.calls.gate.enter().await
        };
        let turn = match self.deadline {
            None => entered.await,
            Some(deadline) if deadline <= Instant::now() => return Err(self.late()),
            Some(deadline) => tokio::time::timeout_at(deadline, entered).await.map_err(|_| self.late())?,
        };
        let turn =
            turn.map_err(|_| Failure::new(GapReason::Interrupted, Retry::Never, "collecting has ended"))?;
        self.calls.made.fetch_add(1, Ordering::Relaxed);
        let limit = Instant::now() + self.calls.time_limit;
        Ok((turn, self.deadline.map_or(limit, |deadline| deadline.min(limit))))
    }

    /// The time of the account has run out, or that of the call.
    fn late(&self) -> Failure {
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            let whose = if self.account_id.is_some() { "the account's" } else { "the organization's" };
            let detail = format!("{whose} time limit was reached");
            return Failure::new(GapReason::Timeout, Retry::Never, &detail);
        }
        let detail = format!("no answer in {} s", self.calls.time_limit.as_secs_f32());
        Failure::new(GapReason::Timeout, Retry::Soon, &detail)
    }

    /// Waits until the call may be tried again; gives the failure back where it may not.
    async fn before_next(
        &self,
        rate_limit: &RateLimit,
        failure: Failure,
        attempt: u32,
    ) -> Result<(), Failure> {
        if failure.reason == GapReason::Throttled {
            self.calls.throttled.fetch_add(1, Ordering::Relaxed);
        }
        if failure.retry == Retry::Never || attempt >= self.calls.max_attempts {
            return Err(failure);
        }
        let later = Instant::now() + pause_after(attempt);
        if failure.retry == Retry::Slower {
            *lock(&rate_limit.closed_until) = Some(later);
        } else {
            tokio::time::sleep_until(self.deadline.map_or(later, |deadline| deadline.min(later))).await;
        }
        Ok(())
    }

    /// Makes a paginated call to its end. A page that fails leaves the whole list unavailable: half a list would read
    /// as all of it. `take` gives a page's items and the token of the next one, or names what the page lacks.
    pub(crate) async fn pages<T, E, I, F>(
        &self,
        call: &'static Call,
        at: CallTarget<'_>,
        send: impl Fn(Option<String>) -> F,
        take: impl Fn(T) -> Result<(Vec<I>, Option<String>), Missing>,
    ) -> Observed<Vec<I>>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        let mut token: Option<String> = None;
        loop {
            let page = match self.call(call, at, || send(token.clone())).await {
                Observed::Known(page) => page,
                Observed::Absent => return Observed::Absent,
                Observed::Unavailable(gap) => return Observed::Unavailable(gap),
            };
            match take(page) {
                Ok((more, next)) => {
                    items.extend(more);
                    token = next.filter(|next| !next.is_empty());
                }
                Err(missing) => return Observed::Unavailable(self.malformed(call, at, missing)),
            }
            match &token {
                None => return Observed::Known(items),
                Some(next) if !seen.insert(next.clone()) => {
                    let detail = "the pages go round in a circle";
                    return Observed::Unavailable(self.gap(call, at, GapReason::MalformedResponse, detail));
                }
                Some(_) => {}
            }
        }
    }
}

/// What to say of an element that nobody declared.
pub(crate) fn stranger(element: &str) -> String {
    format!(
        "the answer holds {element}, which this release cannot evaluate and which may narrow what is read: a newer \
         release may know it"
    )
}

/// An answer may hold a fact that is itself uncertain.
pub(crate) fn flatten<T>(observed: Observed<Observed<T>>) -> Observed<T> {
    match observed {
        Observed::Known(inner) => inner,
        Observed::Absent => Observed::Absent,
        Observed::Unavailable(gap) => Observed::Unavailable(gap),
    }
}
