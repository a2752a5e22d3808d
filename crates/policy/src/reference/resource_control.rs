//! Which services resource control policies bind. See [`super`].

use std::sync::LazyLock;

use super::RESOURCE_CONTROL;

/// Whether resource control policies bind an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceControl {
    /// They do.
    Bound,
    /// They did not on [the day of the list](super::date_of_resource_control).
    NotBound,
    /// AWS added the service after the list.
    Unknown,
}

#[derive(Debug, Default)]
struct Lists {
    bound: Vec<&'static str>,
    not_bound: Vec<&'static str>,
    except: Vec<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for (head, words) in RESOURCE_CONTROL.lines().filter_map(|line| line.split_once(": ")) {
        let list = match head {
            "bound" => &mut lists.bound,
            "not bound" => &mut lists.not_bound,
            "except" => &mut lists.except,
            _ => continue,
        };
        list.extend(words.split(' '));
    }
    lists
});

/// Whether resource control policies bind the action; `more` are the prefixes of services that they bind besides those
/// of the list.
pub fn resource_control(action: &str, more: &[String]) -> ResourceControl {
    let Some((service, _)) = action.split_once(':') else { return ResourceControl::Unknown };
    let among = |list: &[&str], name: &str| list.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    if among(&LISTS.except, action) {
        ResourceControl::NotBound
    } else if among(&LISTS.bound, service) || more.iter().any(|listed| listed.eq_ignore_ascii_case(service)) {
        ResourceControl::Bound
    } else if among(&LISTS.not_bound, service) {
        ResourceControl::NotBound
    } else {
        ResourceControl::Unknown
    }
}
