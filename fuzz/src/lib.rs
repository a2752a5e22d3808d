//! What the fuzz targets do with their input, and what must hold whatever it is.
//!
//! The module `policy` is that of the main crate, by a symbolic link: it needs none of the AWS SDK, which would make
//! the build a matter of many minutes.

mod draw;
mod evaluate;
mod parse;
#[expect(dead_code, unused_imports, reason = "the targets use a part of the module")]
mod policy;

pub use draw::Draw;
pub use evaluate::evaluate;
pub use parse::parse;
