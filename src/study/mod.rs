//! Studies: measurements against predictions. One of given hyperparameters, trials at random ones, the worked examples of
//! rules, and measurements that many machines share.

pub mod choice;
pub mod sweep;
pub mod trial;
pub mod verify;
pub mod worked;
