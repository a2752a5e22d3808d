//! Progress on standard error: a bar on a terminal, a line every so often elsewhere.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::{LogFormat, Printer};
use crate::report::text::{count, grouped};

/// Between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The bar that is on the terminal now, if there is one: lines must not be written into it.
#[derive(Debug, Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        let bar = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn set(&self, bar: Option<ProgressBar>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }
}

#[derive(Debug)]
enum Display {
    Nothing,
    Bar(ProgressBar),
    Lines { last: Mutex<Instant> },
}

/// The progress of one piece of work. Gone when dropped.
#[derive(Debug)]
pub struct Progress<'a> {
    printer: &'a Printer,
    display: Display,
    began: Instant,
    /// What was done when it began, by an interrupted run.
    before: OnceLock<usize>,
}

impl Printer {
    /// Begins to show progress.
    pub fn progress(&self) -> Progress<'_> {
        let display = if !self.show_progress {
            Display::Nothing
        } else if io::stderr().is_terminal() && self.log_format == LogFormat::Text {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // The template is a constant that a test draws; without a style the bar is merely plainer.
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            self.bar.set(Some(bar.clone()));
            Display::Bar(bar)
        } else {
            Display::Lines { last: Mutex::new(Instant::now()) }
        };
        Progress { printer: self, display, began: Instant::now(), before: OnceLock::new() }
    }
}

impl Progress<'_> {
    /// So many are done of so many, with so many calls, of which so many were throttled. `what` is counted, in the
    /// plural.
    pub fn update(&self, what: &'static str, done: usize, total: usize, calls: u64, throttled: u64) {
        let mut counts = vec![count(number(calls), "call")];
        if throttled > 0 {
            counts.push(format!("{} throttled", grouped(number(throttled))));
        }
        self.show(what, done, total, counts, &json!({ "calls": calls, "throttled": throttled }));
    }

    /// So many folders are done of so many, with so many objects of so many bytes.
    pub fn update_objects(&self, done: usize, total: usize, objects: u64, bytes: u64) {
        let counts =
            vec![count(number(objects), "object"), format!("{} MB", grouped(number(bytes / 1_000_000)))];
        self.show("folders", done, total, counts, &json!({ "objects": objects, "bytes": bytes }));
    }

    fn show(
        &self,
        what: &'static str,
        done: usize,
        total: usize,
        counts: Vec<String>,
        fields: &serde_json::Value,
    ) {
        match &self.display {
            Display::Nothing => {}
            Display::Bar(bar) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("{}, {}", what, self.details(done, total, counts)));
            }
            Display::Lines { last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() < BETWEEN_LINES && done < total {
                    return;
                }
                *last = Instant::now();
                if self.printer.log_format == LogFormat::Json {
                    let mut event =
                        json!({ "event": "progress", "what": what, "done": done, "total": total });
                    if let (Some(event), Some(fields)) = (event.as_object_mut(), fields.as_object()) {
                        event.extend(fields.clone());
                    }
                    self.printer.event("info", &event);
                } else {
                    let details = self.details(done, total, counts);
                    let line = format!("{} of {} {what}, {details}", grouped(done), grouped(total));
                    self.printer.write_line(&line);
                }
            }
        }
    }

    fn details(&self, done: usize, total: usize, mut parts: Vec<String>) -> String {
        let done_here = done.saturating_sub(*self.before.get_or_init(|| done));
        if done_here > 0 && done < total {
            let each = self.began.elapsed() / u32::try_from(done_here).unwrap_or(u32::MAX);
            let left = each.saturating_mul(u32::try_from(total - done).unwrap_or(u32::MAX));
            parts.push(format!("about {} left", duration(left)));
        }
        parts.join(", ")
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
            self.printer.bar.set(None);
        }
    }
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `45 s`, `12 min`, `3 h`: an estimate is no more exact.
fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=89 => format!("{seconds} s"),
        seconds @ 90..=5_399 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_rounded_to_what_they_are_worth() {
        assert_eq!(duration(Duration::from_secs(45)), "45 s");
        assert_eq!(duration(Duration::from_mins(10)), "10 min");
        assert_eq!(duration(Duration::from_mins(150)), "2 h");
    }
}
