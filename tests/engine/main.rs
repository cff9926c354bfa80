//! What the engine does, seen from outside.

mod architecture;
mod golden;
mod hostile;
mod round_trip;
mod run;
