//! Where the boxes of a layered picture stand, and by which way its arrows go: worked out, with no place given by hand.
//!
//! 1. A box stands in the row below the lowest that it points to. One that points to nothing is brought down to the row
//!    above the first that points to it, and where a row has too many boxes, the one that is needed last goes a row down.
//! 2. An arrow over several rows takes a place in each row between: it passes beside the boxes, never through one.
//! 3. Each row is ordered by where its neighbours in the row above stand on average, then below, to and fro; the order with
//!    the fewest crossings stays.
//! 4. Each place is drawn towards the average of its neighbours, as far as order and distances let it; at last each arrow
//!    that finds room goes straight through all its rows.
//!
//! Whole numbers alone, and ties go by the order of the rooms: the same everywhere.

use std::collections::BTreeMap;

/// The most boxes in a row.
const WIDEST: usize = 4;

/// How often rows are ordered, and places drawn to each other.
const ROUNDS: usize = 24;

/// What takes a place in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place<'a> {
    Box(&'a str),
    /// An arrow, from a box to a box, on its way through a row.
    Passing(&'a str, &'a str, usize),
}

/// The measures of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures {
    /// From edge to edge.
    pub(super) width: i64,
    /// Left free at both edges.
    pub(super) margin: i64,
    pub(super) box_width: i64,
    /// Between boxes.
    pub(super) gap: i64,
    /// Between an arrow that passes and what is beside it.
    pub(super) clearance: i64,
}

impl Measures {
    fn half(self, place: Place) -> i64 {
        if matches!(place, Place::Box(_)) { self.box_width / 2 } else { 0 }
    }

    /// From centre to centre, at least.
    fn distance(self, left: Place, right: Place) -> i64 {
        let gap = match (left, right) {
            (Place::Box(_), Place::Box(_)) => self.gap,
            _ => self.clearance,
        };
        self.half(left) + gap + self.half(right)
    }
}

/// The rows from above, each from left to right, and the middle of each place.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) rows: Vec<Vec<Place<'a>>>,
    pub(super) middles: BTreeMap<Place<'a>, i64>,
    /// The places of each arrow, from where it points to up to where it begins.
    pub(super) ways: Vec<Vec<Place<'a>>>,
}

impl<'a> Layout<'a> {
    /// `boxes` stand so that each points only to those before it; an arrow is from a box to one that it points to.
    pub(super) fn new(boxes: &[&'a str], arrows: &[(&'a str, &'a str)], measures: Measures) -> Self {
        let row_of = rows_of(boxes, arrows);
        let count = row_of.values().max().map_or(0, |last| last + 1);
        let mut rows: Vec<Vec<Place>> = vec![Vec::new(); count];
        let mut put = |row: usize, place| rows.iter_mut().skip(row).take(1).for_each(|row| row.push(place));
        for name in boxes {
            put(row_of[name], Place::Box(name));
        }
        let mut ways = Vec::new();
        for (from, to) in arrows {
            let mut way = vec![Place::Box(to)];
            for row in row_of[to] + 1..row_of[from] {
                put(row, Place::Passing(from, to, row));
                way.push(Place::Passing(from, to, row));
            }
            way.push(Place::Box(from));
            ways.push(way);
        }
        let links: Vec<(Place, Place)> =
            ways.iter().flat_map(|way| way.iter().copied().zip(way.iter().copied().skip(1))).collect();
        let rows = ordered(rows, &links);
        let mut middles = middles(&rows, &links, measures);
        for _ in 0..ROUNDS {
            for way in &ways {
                straighten(way, &rows, &mut middles, measures);
            }
        }
        Self { rows, middles, ways }
    }
}

/// The row of each box.
fn rows_of<'a>(boxes: &[&'a str], arrows: &[(&'a str, &'a str)]) -> BTreeMap<&'a str, usize> {
    let mut row_of: BTreeMap<&str, usize> = BTreeMap::new();
    for name in boxes {
        let above = arrows.iter().filter(|(from, _)| from == name).map(|(_, to)| row_of[to] + 1);
        row_of.insert(name, above.max().unwrap_or(0));
    }
    // How many rows down it could be, above the first that points to it.
    let slack = |row_of: &BTreeMap<&str, usize>, name: &str| {
        let below = arrows.iter().filter(|(_, to)| *to == name).map(|(from, _)| row_of[from]);
        below.min().map_or(0, |below| below - row_of[name] - 1)
    };
    for name in boxes {
        if !arrows.iter().any(|(from, _)| from == name) {
            let down = slack(&row_of, name);
            row_of.entry(name).and_modify(|row| *row += down);
        }
    }
    let last = row_of.values().max().copied().unwrap_or(0);
    for row in 0..last {
        loop {
            let here: Vec<&str> = boxes.iter().copied().filter(|name| row_of[name] == row).collect();
            let latest = here.iter().copied().max_by_key(|name| slack(&row_of, name));
            match latest.filter(|name| here.len() > WIDEST && slack(&row_of, name) > 0) {
                Some(name) => row_of.entry(name).and_modify(|row| *row += 1),
                None => break,
            };
        }
    }
    row_of
}

/// How the places of a row stand to each other, by the average of what they are linked to in others.
fn ordered<'a>(mut rows: Vec<Vec<Place<'a>>>, links: &[(Place<'a>, Place<'a>)]) -> Vec<Vec<Place<'a>>> {
    let mut best = (crossings(&rows, links), rows.clone());
    for round in 0..ROUNDS {
        let downwards = round % 2 == 0;
        let mut before: Option<Vec<Place>> = None;
        let order: Vec<&mut Vec<Place>> =
            if downwards { rows.iter_mut().collect() } else { rows.iter_mut().rev().collect() };
        for row in order {
            if let Some(before) = before {
                let at = positions(&before);
                let own = positions(row);
                row.sort_by_key(|place| {
                    let ends = links.iter().map(
                        |(above, below)| {
                            if downwards { (below, above) } else { (above, below) }
                        },
                    );
                    let others = ends.filter(|(here, _)| *here == place).map(|(_, other)| at[other]);
                    average(others).unwrap_or(own[place])
                });
            }
            before = Some(row.clone());
        }
        let found = crossings(&rows, links);
        if found < best.0 {
            best = (found, rows.clone());
        }
    }
    best.1
}

/// Where places stand in their row, of 1,000.
fn positions<'a>(row: &[Place<'a>]) -> BTreeMap<Place<'a>, i64> {
    let step = 1000 / i64::try_from(row.len() + 1).unwrap();
    row.iter().copied().zip((1..).map(|place| place * step)).collect()
}

fn average(values: impl Iterator<Item = i64>) -> Option<i64> {
    let (sum, count) = values.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count)
}

fn crossings(rows: &[Vec<Place>], links: &[(Place, Place)]) -> usize {
    let at: BTreeMap<Place, usize> =
        rows.iter().flat_map(|row| row.iter().enumerate().map(|(at, place)| (*place, at))).collect();
    let crosses = |row: &[Place]| {
        let here: Vec<(usize, usize)> = links
            .iter()
            .filter(|(above, _)| row.contains(above))
            .map(|(above, below)| (at[above], at[below]))
            .collect();
        let pairs = here.iter().flat_map(|one| here.iter().map(move |other| (one, other)));
        pairs.filter(|(one, other)| one.0 < other.0 && one.1 > other.1).count()
    };
    rows.iter().map(|row| crosses(row)).sum()
}

fn middles<'a>(
    rows: &[Vec<Place<'a>>],
    links: &[(Place<'a>, Place<'a>)],
    measures: Measures,
) -> BTreeMap<Place<'a>, i64> {
    let mut middles: BTreeMap<Place, i64> = BTreeMap::new();
    for row in rows {
        middles.extend(spread(row, &vec![measures.width / 2; row.len()], measures));
    }
    for round in 0..ROUNDS {
        let order: Vec<&Vec<Place>> =
            if round % 2 == 0 { rows.iter().collect() } else { rows.iter().rev().collect() };
        for row in order {
            let wanted: Vec<i64> = row
                .iter()
                .map(|place| {
                    let above = links.iter().filter(|(_, below)| below == place).map(|(above, _)| above);
                    let below = links.iter().filter(|(above, _)| above == place).map(|(_, below)| below);
                    let neighbours = average(above.chain(below).map(|other| middles[other]));
                    neighbours.unwrap_or(middles[place])
                })
                .collect();
            middles.extend(spread(row, &wanted, measures));
        }
    }
    middles
}

/// Puts all that an arrow passes one below the other, as near to where they are as what stands beside them lets it.
fn straighten<'a>(
    way: &[Place<'a>],
    rows: &[Vec<Place<'a>>],
    middles: &mut BTreeMap<Place<'a>, i64>,
    measures: Measures,
) {
    let passing: Vec<Place> =
        way.iter().copied().filter(|place| matches!(place, Place::Passing(..))).collect();
    let (mut lowest, mut highest) = (measures.margin, measures.width - measures.margin);
    for row in rows {
        for (left, right) in row.iter().zip(row.iter().skip(1)) {
            let distance = measures.distance(*left, *right);
            if passing.contains(right) {
                lowest = lowest.max(middles[left] + distance);
            }
            if passing.contains(left) {
                highest = highest.min(middles[right] - distance);
            }
        }
    }
    let wanted = average(passing.iter().map(|place| middles[place]));
    if let Some(wanted) = wanted.filter(|_| lowest <= highest) {
        middles.extend(passing.into_iter().map(|place| (place, wanted.clamp(lowest, highest))));
    }
}

/// The places of a row as near as they get to where they are wanted. Without the distances that they
/// keep, their order asks that none is left of the one before: where they would be, both go to their common average.
fn spread<'a>(row: &[Place<'a>], wanted: &[i64], measures: Measures) -> Vec<(Place<'a>, i64)> {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return Vec::new() };
    let mut offsets = vec![0];
    for (left, right) in row.iter().zip(row.iter().skip(1)) {
        offsets.push(offsets.last().unwrap() + measures.distance(*left, *right));
    }
    let lowest = measures.margin + measures.half(*first);
    let highest = measures.width - measures.margin - measures.half(*last) - offsets.last().unwrap();
    assert!(lowest <= highest, "the picture is too narrow for {row:?}");
    // The sum of where places are wanted, and how many they are: blocks that stand together.
    let mut blocks: Vec<(i64, i64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        blocks.push((wanted - offset, 1));
        while let [.., (sum, count), (next_sum, next_count)] = *blocks
            && sum / count > next_sum / next_count
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push((sum + next_sum, count + next_count));
        }
    }
    let places = blocks.into_iter().flat_map(|(sum, count)| (0..count).map(move |_| sum / count));
    let places = places.zip(offsets).map(|(place, offset)| place.clamp(lowest, highest) + offset);
    row.iter().copied().zip(places).collect()
}

#[test]
fn rows_keep_order_and_distances() {
    let measures = Measures { width: 300, margin: 10, box_width: 40, gap: 10, clearance: 5 };
    let arrows = [("b", "a"), ("c", "b"), ("d", "a"), ("d", "c"), ("e", "d"), ("e", "lone")];
    let layout = Layout::new(&["a", "b", "c", "d", "lone", "e"], &arrows, measures);
    let rows: Vec<usize> = layout.rows.iter().map(Vec::len).collect();
    assert_eq!(
        rows,
        [1, 2, 2, 2, 1],
        "an arrow passes in two, and one stands right above where it is needed"
    );
    for row in &layout.rows {
        for (left, right) in row.iter().zip(row.iter().skip(1)) {
            let distance = layout.middles[right] - layout.middles[left];
            assert!(distance >= measures.distance(*left, *right), "{row:?}: {distance}");
        }
    }
}
