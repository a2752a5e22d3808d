//! Which logs a sample takes: by a choice that nobody can foresee, and that a run which goes on makes again.

use crate::integrity::Sample;
use crate::model::stable_digest;

impl Sample {
    /// So many of a hundred.
    pub fn of(percent: u8) -> Self {
        if percent >= 100 { Self::All } else { Self::Percent { percent, seed: fastrand::u64(..) } }
    }

    /// The same choice as was asked for, though perhaps by another seed.
    pub(super) fn is_as_asked(&self, asked: &Self) -> bool {
        match (self, asked) {
            (Self::Percent { percent: one, .. }, Self::Percent { percent: other, .. }) => one == other,
            _ => self == asked,
        }
    }

    /// This log is among those that are read.
    pub(super) fn takes(&self, bucket: &str, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::DigestsOnly => false,
            Self::Percent { percent, seed } => {
                let digest = stable_digest(&[&seed.to_string(), bucket, key], 4);
                u32::from_str_radix(&digest, 16).is_ok_and(|number| number % 100 < u32::from(*percent))
            }
        }
    }
}
