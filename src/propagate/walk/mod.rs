//! The walk over the graph: forward, backward and forward again, every rule applied where it stands.
//!
//! | file | what |
//! |---|---|
//! | `propagate`, `under_way` | the phases in order; what is known so far |
//! | `forward`, `variation` | magnitudes; what of them varies along the positions that a softmax compares |
//! | `backward`, `alike` | the backward signal with its parts; what of it changes alike at all positions meet |
//! | `birth`, `response` | the step of each parameter where it is used, and the response further down |
//! | `echo` | what a weight that is used twice makes of what it made itself |
//! | `assumed` | the same responses, if their alignment is assumed instead |
//! | `depth`, `stack` | repeats: signals of all layers at once, and responses to all layers at once |
//! | `zero` | weights that start at zero, by what their first step makes of them |
//! | `bind` | what the names of a rule stand for at a node |

mod alike;
mod assumed;
mod backward;
mod bind;
mod birth;
mod branch;
mod depth;
mod echo;
mod forward;
mod propagate;
mod response;
mod stack;
mod under_way;
mod variation;
mod zero;

pub use propagate::propagate;
