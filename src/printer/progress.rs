//! Progress on standard error: a bar on a terminal, a line every so often elsewhere.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
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
        Progress { printer: self, display, began: Instant::now() }
    }
}

impl Progress<'_> {
    /// So many are done of so many, with so many calls, of which so many were throttled. `what` is counted, in the
    /// plural.
    pub fn update(&self, what: &'static str, done: usize, total: usize, calls: u64, throttled: u64) {
        match &self.display {
            Display::Nothing => {}
            Display::Bar(bar) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("{}, {}", what, self.details(done, total, calls, throttled)));
            }
            Display::Lines { last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() < BETWEEN_LINES && done < total {
                    return;
                }
                *last = Instant::now();
                if self.printer.log_format == LogFormat::Json {
                    let fields = json!({
                        "event": "progress", "what": what, "done": done, "total": total,
                        "calls": calls, "throttled": throttled,
                    });
                    self.printer.event("info", &fields);
                } else {
                    let details = self.details(done, total, calls, throttled);
                    self.printer.write_line(&format!(
                        "{} of {} {}, {details}",
                        grouped(done),
                        grouped(total),
                        what
                    ));
                }
            }
        }
    }

    fn details(&self, done: usize, total: usize, calls: u64, throttled: u64) -> String {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut text = count(number(calls), "call");
        if throttled > 0 {
            text.push_str(&format!(", {} throttled", grouped(number(throttled))));
        }
        if done > 0 && done < total {
            let each = self.began.elapsed() / u32::try_from(done).unwrap_or(u32::MAX);
            let left = each * u32::try_from(total - done).unwrap_or(u32::MAX);
            text.push_str(&format!(", about {} left", duration(left)));
        }
        text
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
        assert_eq!(duration(Duration::from_secs(600)), "10 min");
        assert_eq!(duration(Duration::from_secs(9_000)), "2 h");
    }
}
