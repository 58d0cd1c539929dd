//! Studies: measurements against predictions. One of given hyperparameters, every scaling of a network,
//! trials at random hyperparameters, the worked examples of rules, what goes on until every slope is known, the text of finished
//! runs, sizes that people use, and measurements that many machines share.

pub mod along;
pub mod choice;
pub mod results;
pub mod scalings;
pub mod sizes;
pub mod steps;
mod summary;
pub mod sweep;
pub mod trial;
pub mod until;
pub mod verify;
pub mod worked;

pub use summary::Summary;
