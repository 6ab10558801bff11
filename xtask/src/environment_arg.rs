//! The environments that a command can be given.
//! Absent: their configuration; see `environment`.

/// A deployed environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Deployed {
    /// The site for trying changes.
    Staging,
    /// The public site.
    Production,
}

impl Deployed {
    /// Its name in wrangler.jsonc.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// The environment that a command is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EnvironmentArg {
    /// The site of `cargo x dev`, on this machine.
    #[default]
    Local,
    /// The site for trying changes.
    Staging,
    /// The public site.
    Production,
}

impl EnvironmentArg {
    /// The deployed environment; none for this machine.
    pub(crate) fn deployed(self) -> Option<Deployed> {
        match self {
            Self::Local => None,
            Self::Staging => Some(Deployed::Staging),
            Self::Production => Some(Deployed::Production),
        }
    }
}
