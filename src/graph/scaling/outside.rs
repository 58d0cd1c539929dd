//! [`Outside`]: what belongs to a training run, and is no part of a theory of one step.

/// What one may want to scale, or change with the size, and what the theory says nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// How many steps are made, over how much data.
    Steps,
    /// How the learning rate rises at first, and falls later.
    Schedule,
    /// How long running means of the gradient last.
    Betas,
    /// What becomes of gradients that are too large.
    Clipping,
}

impl Outside {
    const ALL: [Self; 4] = [Self::Steps, Self::Schedule, Self::Betas, Self::Clipping];

    /// What one of these is called where somebody asks for it, in small letters.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Steps => &[
                "data",
                "dataset",
                "duration",
                "epochs",
                "horizon",
                "iterations",
                "steps",
                "time",
                "tokens",
                "training_steps",
            ],
            Self::Schedule => &["cooldown", "lr_schedule", "schedule", "warmup", "warmup_steps", "warm_up"],
            Self::Betas => &["beta", "beta1", "beta2", "beta_1", "beta_2", "betas", "momentum"],
            Self::Clipping => {
                &["clip", "clip_norm", "clipping", "grad_clip", "gradient_clipping", "max_norm"]
            }
        }
    }

    /// What a name stands for that is no dimension; nothing if it may be a dimension that is misspelt.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase().replace(['-', ' '], "_");
        Self::ALL.into_iter().find(|outside| outside.names().contains(&name.as_str()))
    }

    /// What the theory does not say of it, in a sentence without an end.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Steps => {
                "the number of steps is no dimension and not in the theory, which tells one step at initialization: how \
                 learning rates and weight decay change with longer training it does not say (of decay: arXiv:2405.13698)"
            }
            Self::Schedule => {
                "warmup and schedules are not in the theory, which tells one step at initialization: a learning rate \
                 that is derived is that of the peak, and its schedule stays as it is"
            }
            Self::Betas => {
                "momentum and betas are not in the theory, which tells one step at initialization: they stay as they \
                 are, but for a batch that grows, of which `--scale batch` tells what others derived"
            }
            Self::Clipping => {
                "clipping is not in the theory, which tells one step at initialization: where it binds, the step of \
                 sgd is that of `normalized`"
            }
        }
    }
}
