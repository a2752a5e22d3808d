//! How many calls this machine lets be in flight: each takes a socket, and connections that wait for further calls to
//! the same host keep theirs for a while.

/// Where nothing says how many files a process may have open: macOS gives 256.
const ASSUMED_FILES: usize = 256;
/// Sockets for each call in flight, those that wait among them.
const FOR_EACH_CALL: usize = 5;
/// Files that are open besides.
const OTHERS: usize = 56;

/// Calls in flight for which there are sockets.
pub(super) fn most_calls() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    calls_within(open_files(&limits).unwrap_or(ASSUMED_FILES))
}

fn calls_within(files: usize) -> usize {
    (files.saturating_sub(OTHERS) / FOR_EACH_CALL).max(1)
}

/// The soft limit in what Linux says of a process.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(usize::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_decides() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             95869                95869                processes \n\
                      Max open files            1024                 1048576              files     \n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files"),
            Some(usize::MAX)
        );
        assert_eq!(open_files(""), None);
        assert_eq!([16, 256, 1024].map(calls_within), [1, 40, 193]);
        assert!(most_calls() >= 1);
    }
}
