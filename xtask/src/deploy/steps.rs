//! The steps of a deployment, in their order. Owns stopping at the first that fails, and the sentence about the state of
//! the site then.
//! Absent: the work of each step; see the module above.

use anyhow::{Result, anyhow};

use crate::ui;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Build,
    Check,
    /// Before the pages, which are read from the new schema; it must suit the Worker that is still deployed.
    Migrate,
    Prerender,
    Deploy,
}

/// All steps, in their order.
const ORDER: [Step; 5] = [
    Step::Build,
    Step::Check,
    Step::Migrate,
    Step::Prerender,
    Step::Deploy,
];

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Check => "check",
            Self::Migrate => "migrate",
            Self::Prerender => "prerender",
            Self::Deploy => "deploy",
        }
    }

    /// The state of the site when this step has failed.
    fn state(self) -> &'static str {
        match self {
            Self::Build | Self::Check => "nothing outside this machine was changed",
            Self::Migrate => {
                "the earlier Worker is still deployed; migrations that were applied stay, and are not applied again"
            }
            Self::Prerender | Self::Deploy => {
                "the database has the new migrations, and the earlier Worker is still deployed; mend this, and run the \
                 same command again"
            }
        }
    }
}

/// Runs each step in its order until one fails. `is_real` is whether anything outside this machine is changed.
///
/// # Errors
/// Names the step that failed, those before it and those that were not begun.
pub(super) fn run(is_real: bool, mut act: impl FnMut(Step) -> Result<()>) -> Result<()> {
    for (index, step) in ORDER.into_iter().enumerate() {
        let number = index + 1;
        ui::line(format_args!(
            "\n{}",
            ui::bold(&format!("{number}/{} {}", ORDER.len(), step.name()))
        ));
        if let Err(error) = act(step) {
            let state = if is_real {
                step.state()
            } else {
                "this was a dry run: nothing outside this machine was changed"
            };
            return Err(anyhow!(
                "stopped at step {number} of {}, {}: {error:#}\n  done before: {}\n  not begun: {}\n  {state}",
                ORDER.len(),
                step.name(),
                names(&ORDER[..index]),
                names(&ORDER[number..]),
            ));
        }
    }
    Ok(())
}

fn names(steps: &[Step]) -> String {
    let names: Vec<&str> = steps.iter().map(|step| step.name()).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_order_is_build_check_migrate_prerender_deploy() {
        let mut seen = Vec::new();
        run(true, |step| {
            seen.push(step.name());
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["build", "check", "migrate", "prerender", "deploy"]);
    }

    #[test]
    fn nothing_follows_a_failed_step_and_the_error_names_it() {
        for (index, failing) in ORDER.into_iter().enumerate() {
            let mut seen = Vec::new();
            let error = run(true, |step| {
                seen.push(step);
                if step == failing {
                    bail!("why");
                }
                Ok(())
            })
            .unwrap_err();
            assert_eq!(seen, ORDER[..=index]);
            let text = error.to_string();
            let start = format!(
                "stopped at step {} of 5, {}: why\n",
                index + 1,
                failing.name()
            );
            assert!(text.starts_with(&start), "{text}");
        }
    }

    #[test]
    fn the_error_names_finished_steps_and_the_state_of_the_site() {
        let fail_at = |failing, is_real| {
            run(is_real, |step| {
                if step == failing {
                    bail!("why");
                }
                Ok(())
            })
            .unwrap_err()
            .to_string()
        };
        assert_eq!(
            fail_at(Step::Build, true),
            "stopped at step 1 of 5, build: why\n  done before: nothing\n  not begun: check, migrate, prerender, \
             deploy\n  nothing outside this machine was changed"
        );
        let late = fail_at(Step::Deploy, true);
        assert!(
            late.contains("done before: build, check, migrate, prerender\n"),
            "{late}"
        );
        assert!(late.contains("not begun: nothing\n"), "{late}");
        assert!(
            late.contains("the database has the new migrations"),
            "{late}"
        );
        let dry = fail_at(Step::Deploy, false);
        assert!(
            dry.ends_with("this was a dry run: nothing outside this machine was changed"),
            "{dry}"
        );
    }
}
