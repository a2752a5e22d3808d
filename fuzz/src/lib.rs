//! What the fuzz targets do with their input, and what must hold whatever it is.

mod draw;
mod evaluate;
mod parse;

pub use draw::Draw;
pub use evaluate::evaluate;
pub use parse::parse;
